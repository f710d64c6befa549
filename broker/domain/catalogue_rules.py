"""What is wrong with a dienstencatalogus that somebody filled in, field by field.

The gate judges the XML that comes of it once more, together with the metadata; this is for the person at the form.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import owner_of
from broker.domain.catalogue import AttributeForm
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue import InstanceForm
from broker.domain.catalogue import Sets
from broker.domain.catalogue import Texts
from broker.domain.catalogue_reasons import REASONS
from broker.domain.catalogue_reasons import Reason
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import Intermediation

RESTRICTIONS: Final = (VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION)
"""What a machtiging may be limited to."""

CLASSIFIERS: Final = (EIDAS_INBOUND_CLASSIFIER, NO_CHAIN_CLASSIFIER)
"""Those that mean something here."""

_NAME, _TEXT, _URL = 64, 1024, 512
_OIN = re.compile(r"[0-9]{20}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SERVICE_ID = re.compile(r"urn:etoegang:DV:([0-9]{20}):services:([0-9]+)")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS = {kind.value for kind in IdentifierType}
_BSN_LIKE = {IdentifierType.BSN.value, IdentifierType.BSN_POLYMORPHIC.value, IdentifierType.PSEUDO_ID.value}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, or could be better, with one field.

    ``path`` leads to the field by names and numbers (``definitions.0.names.nl``); ``code`` is a key of ``REASONS``.
    """

    path: str
    code: str

    @property
    def reason(self) -> Reason:
        """In words, with the rule that it follows from and whether it must be mended."""
        return REASONS[self.code]


def problems(form: CatalogueForm, makelaar: str) -> tuple[Problem, ...]:
    """Everything about the form that must or should be mended; ``makelaar`` is our OIN."""
    return tuple(Problem(path, code) for path, code in _all(form, makelaar))


def stops(found: Iterable[Problem]) -> bool:
    """Whether one of them must be mended before the catalogue can be handed in."""
    return any(problem.reason.must for problem in found)


_Found = Iterator[tuple[str, str]]


def _all(form: CatalogueForm, makelaar: str) -> _Found:
    if not _OIN.fullmatch(form.oin):
        yield "oin", "oin"
    yield from _words("names", form.names, _NAME)
    if not form.instances:
        yield "instances", "no-service"
    for place, definition in enumerate(form.definitions):
        yield from _definition(f"definitions.{place}", definition)
    for place, instance in enumerate(form.instances):
        yield from _instance(f"instances.{place}", instance, form, makelaar)
    yield from _twice(form)


def _twice(form: CatalogueForm) -> _Found:
    definitions = [each.uuid for each in form.definitions]
    instances = [each.uuid for each in form.instances]
    services = [each.service_id for each in form.instances]
    for path, values, code in (
        ("definitions.{}.uuid", definitions, "definition-twice"),
        ("instances.{}.uuid", instances, "instance-twice"),
        ("instances.{}.service_id", services, "service-twice"),
    ):
        count = Counter(values)
        yield from (
            (path.format(place), code) for place, value in enumerate(values) if value and count[value] > 1
        )
    for place, instance in enumerate(form.instances):
        if instance.uuid in definitions:
            yield f"instances.{place}.uuid", "uuid-of-definition"
    used = {instance.definition for instance in form.instances}
    for place, uuid in enumerate(definitions):
        if uuid not in used:
            yield f"definitions.{place}.uuid", "definition-unused"


def _definition(path: str, form: DefinitionForm) -> _Found:
    if not _UUID.fullmatch(form.uuid):
        yield f"{path}.uuid", "uuid"
    yield from _words(f"{path}.names", form.names, _NAME)
    yield from _words(f"{path}.descriptions", form.descriptions, _TEXT)
    yield from _addresses(f"{path}.urls", form.urls)
    yield from _level(path, form)
    if not _OIN.fullmatch(form.makelaar):
        yield f"{path}.makelaar", "oin"
    if not any(form.identifier_sets):
        yield f"{path}.identifier_sets", "no-identifier"
    yield from _kinds(f"{path}.identifier_sets", form.identifier_sets)
    yield from _kinds(f"{path}.acting_sets", form.acting_sets)
    has_kvk = any(IdentifierType.KVKNR.value in each for each in form.identifier_sets)
    for place, restriction in enumerate(form.restrictions):
        if restriction not in RESTRICTIONS:
            yield f"{path}.restrictions.{place}", "restriction"
        elif not has_kvk:
            yield f"{path}.restrictions.{place}", "restriction-without-kvk"
    for place, attribute in enumerate(form.attributes):
        yield from _attribute(f"{path}.attributes.{place}", attribute)
    names = Counter(each.name for each in form.attributes)
    for place, attribute in enumerate(form.attributes):
        if names[attribute.name] > 1:
            yield f"{path}.attributes.{place}.name", "attribute-twice"


def _level(path: str, form: DefinitionForm) -> _Found:
    try:
        level = LevelOfAssurance.from_short(form.level)
    except ValueError:
        yield f"{path}.level", "level"
        return
    if level is LevelOfAssurance.LOA1:
        yield f"{path}.level", "level-withdrawn"
    if not form.rationale.strip():
        yield f"{path}.rationale", "no-rationale"


def _attribute(path: str, form: AttributeForm) -> _Found:
    owner = owner_of(form.name)
    if ":EntityConcernedID:" in form.name:
        yield f"{path}.name", "attribute-identifier"
    elif owner is AttributeOwner.AUTOMATIC:
        yield f"{path}.name", "attribute-automatic"
    elif owner is None:
        yield f"{path}.name", "attribute-unknown"
    if not form.purposes.get("nl", "").strip():
        yield f"{path}.purposes.nl", "no-purpose"
    yield from _lengths(f"{path}.purposes", form.purposes, _TEXT)


def _instance(path: str, form: InstanceForm, whole: CatalogueForm, makelaar: str) -> _Found:
    parts = _SERVICE_ID.fullmatch(form.service_id)
    if parts is None:
        yield f"{path}.service_id", "service-id"
    elif parts.group(1) != whole.oin:
        yield f"{path}.service_id", "service-id-oin"
    if not _UUID.fullmatch(form.uuid):
        yield f"{path}.uuid", "uuid"
    definition = next((each for each in whole.definitions if each.uuid == form.definition), None)
    if definition is None and not (form.intermediated_service and not form.definition):
        yield f"{path}.definition", "definition"
    if form.intermediated_service and not _UUID.fullmatch(form.intermediated_service):
        yield f"{path}.intermediated_service", "uuid"
    for name, texts in (("urls", form.urls), ("privacy_urls", form.privacy_urls)):
        yield from _addresses(f"{path}.{name}", texts)
    if not form.privacy_urls:
        yield f"{path}.privacy_urls.nl", "no-privacy"
    yield from _makelaars(path, form, makelaar)
    yield from _kinds(f"{path}.identifier_sets", form.identifier_sets)
    for place, certificate in enumerate(form.certificates):
        if not _is_base64(certificate.certificate):
            yield f"{path}.certificates.{place}.certificate", "certificate"
        yield from _lengths(f"{path}.certificates.{place}", {"key_name": certificate.key_name}, _TEXT)
    yield from _openness(path, form)
    sets = form.identifier_sets or (definition.identifier_sets if definition else ())
    asked = {kind for each in (*sets, *(definition.acting_sets if definition else ())) for kind in each}
    if asked & _BSN_LIKE and not (form.bsnk_structure_version and form.bsnk_key_set_version):
        yield f"{path}.bsnk_structure_version", "bsnk"
    known = {each for instance in whole.instances for each in (instance.uuid, instance.service_id)}
    for place, portal in enumerate(form.portal_for):
        if portal not in known:
            yield f"{path}.portal_for.{place}", "portal-unknown"
    if form.portal_for and not (form.is_portal or (parts is not None and int(parts.group(2)) == 0)):
        yield f"{path}.is_portal", "not-a-portal"


def _makelaars(path: str, form: InstanceForm, makelaar: str) -> _Found:
    if not _OIN.fullmatch(form.makelaar):
        yield f"{path}.makelaar", "oin"
    elif makelaar not in {form.makelaar, *form.additional_makelaars}:
        yield f"{path}.makelaar", "other-makelaar"
    for place, oin in enumerate(form.additional_makelaars):
        if not _OIN.fullmatch(oin):
            yield f"{path}.additional_makelaars.{place}", "oin"


def _openness(path: str, form: InstanceForm) -> _Found:
    """Who may come in on behalf of whom: intermediation, classifiers."""
    if form.intermediation and form.intermediation not in set(Intermediation):
        yield f"{path}.intermediation", "intermediation"
    for place, oin in enumerate(form.intermediaries):
        if not _OIN.fullmatch(oin):
            yield f"{path}.intermediaries.{place}", "oin"
    approval = form.intermediation == Intermediation.APPROVAL
    if approval and not form.intermediaries:
        yield f"{path}.intermediaries", "nobody-approved"
    if form.intermediaries and not approval:
        yield f"{path}.intermediaries", "approved-for-nothing"
    for place, classifier in enumerate(form.classifiers):
        if classifier not in CLASSIFIERS:
            yield f"{path}.classifiers.{place}", "classifier"
        if _NOT_IN_XML.search(classifier):
            yield f"{path}.classifiers.{place}", "characters"


def _kinds(path: str, sets: Sets) -> _Found:
    for number, identifiers in enumerate(sets):
        for place, kind in enumerate(identifiers):
            if kind not in _KINDS:
                yield f"{path}.{number}.{place}", "identifier"


def _words(path: str, texts: Texts, longest: int) -> _Found:
    """Texts that people read: in Dutch always, in English better too."""
    if not texts.get("nl", "").strip():
        yield f"{path}.nl", "no-dutch"
    if not texts.get("en", "").strip():
        yield f"{path}.en", "no-english"
    yield from _lengths(path, texts, longest)


def _addresses(path: str, texts: Texts) -> _Found:
    for lang, url in texts.items():
        if url and not _ADDRESS.fullmatch(url):
            yield f"{path}.{lang}", "url"
        elif url.startswith("http:"):
            yield f"{path}.{lang}", "url-plain"
    yield from _lengths(path, texts, _URL)


def _lengths(path: str, texts: Mapping[str, str], longest: int) -> _Found:
    for lang, text in texts.items():
        if not _LANGUAGE.fullmatch(lang) and lang != "key_name":
            yield f"{path}.{lang}", "language"
        if len(text) > longest:
            yield f"{path}.{lang}", f"longer-than-{longest}"
        if _NOT_IN_XML.search(text):
            yield f"{path}.{lang}", "characters"


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False
