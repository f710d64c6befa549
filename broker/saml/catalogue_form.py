"""The dienstencatalogus of one dienstverlener, read for people to edit, and written again.

Afsprakenstelsel, Service catalog; the order of elements is fixed by its schema. What the form cannot hold is named
when it is read: the document is compared with what would be written of it.
"""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from lxml import etree

from broker.domain.catalogue import AttributeForm
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import CertificateForm
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue import InstanceForm
from broker.domain.catalogue import Sets
from broker.domain.levels import LevelOfAssurance
from broker.saml.catalogue_form_writing import form_to_element
from broker.saml.findings import Report
from broker.saml.metadata import parse_document
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.parsing import serialise
from broker.saml.reading import flag

_RULES = "Afsprakenstelsel, Service catalog"
_FRAME = {tag(CATALOGUE, "ServiceCatalogue"), tag(DS, "Signature")}
_PORTAL = tag(CATALOGUE, "IsPortal")
_AS_ABSENT = {
    *((name, no) for name in (_PORTAL, "isRequired") for no in ("false", "0")),
    ("intermediationAllowed", "noIntermediation"),
}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in a document that the form does not hold: what, and on which line."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class ReadForm:
    """What was read: the form, whether the document bore a filled-in signature, and what the form does not hold."""

    form: CatalogueForm
    is_signed: bool
    left_out: tuple[LeftOut, ...]


def read_form(data: bytes) -> ReadForm:
    """The one ServiceProvider in a catalogue, a template without signature or levels of another's making included.

    Raises ``DocumentRefused`` for what is no valid catalogue, or one of several dienstverleners.
    """
    report = Report("catalogue")
    root = parse_document(data, report)
    providers = root.findall(tag(CATALOGUE, "ServiceProvider"))
    if root.tag != tag(CATALOGUE, "ServiceCatalogue"):
        report.refuse(1, "this is not a ServiceCatalogue", _RULES)
    if len(providers) != 1:
        report.refuse(
            root.sourceline or 0, "one ServiceProvider is expected, that of this dienstverlener", _RULES
        )
    provider = providers[0]
    form = CatalogueForm(
        oin=_text(provider, "ServiceProviderID"),
        names=_texts(provider, "OrganizationDisplayName"),
        definitions=tuple(map(_definition, provider.iterfind(tag(CATALOGUE, "ServiceDefinition")))),
        instances=tuple(map(_instance, provider.iterfind(tag(CATALOGUE, "ServiceInstance")))),
        is_public=flag(provider.get(tag(CATALOGUE, "IsPublic"))),
    )
    signed = bool(root.findtext(f"{tag(DS, 'Signature')}/{tag(DS, 'SignatureValue')}", "").strip())
    return ReadForm(form, signed, tuple(_left_out(root, form)))


def write_form(form: CatalogueForm, *, catalogue_id: str, version: str, now: datetime) -> bytes:
    """The unsigned catalogue, laid out for people to read. Raises ``DocumentRefused`` for what the schema forbids."""
    report = Report("catalogue")
    try:
        root = form_to_element(form, catalogue_id=catalogue_id, version=version, now=now)
    except ValueError:
        reason = "a text holds characters that XML cannot hold, such as a control character"
        report.refuse(0, reason, "XML 1.0, Char")
    etree.indent(root, space="  ")
    data = serialise(root) + b"\n"
    parse_document(data, report)
    return data


def _left_out(root: etree._Element, form: CatalogueForm) -> Iterator[LeftOut]:
    """What is in the document and would not be in what is written of the form."""
    again = form_to_element(form, catalogue_id="_", version="", now=datetime(1970, 1, 1, tzinfo=UTC))
    kept = Counter(key for _, key in _keys(again))
    for element, key in _keys(root):
        if kept[key]:
            kept[key] -= 1
            continue
        name = etree.QName(element).localname
        text = (element.text or "").strip()[:_SHOWN]
        yield LeftOut(element.sourceline or 0, f"{name} {text}".strip())


def _keys(root: etree._Element) -> Iterator[tuple[etree._Element, tuple[object, ...]]]:
    """Each element with what it says: its place, its text and its attributes, but the numbers of sets."""
    for element in root.iter():
        if element.tag in _FRAME:
            continue
        path = tuple(each.tag for each in element.iterancestors())
        if tag(DS, "Signature") in path:
            continue
        attributes = tuple(sorted(_attributes(element)))
        yield element, (path, element.tag, "".join((element.text or "").split()), attributes)


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name == "setNumber" or (name, value) in _AS_ABSENT:
            continue
        yield str(name), str(flag(value)) if value in {"1", "0", "true", "false"} else str(value).strip()


def _definition(element: etree._Element) -> DefinitionForm:
    level = (element.findtext(tag(SAML, "AuthnContextClassRef")) or "").strip()
    with suppress(ValueError):  # kept as it is: the rules will tell
        level = LevelOfAssurance.from_urn(level).short
    return DefinitionForm(
        uuid=_text(element, "ServiceUUID"),
        names=_texts(element, "ServiceName"),
        descriptions=_texts(element, "ServiceDescription"),
        urls=_texts(element, "ServiceDescriptionURL"),
        level=level,
        makelaar=_text(element, "HerkenningsmakelaarId"),
        identifier_sets=_sets(element.findall(tag(CATALOGUE, "EntityConcernedTypesAllowed"))),
        acting_sets=_sets(element.findall(tag(CATALOGUE, "ActingSubjectTypesAllowed"))),
        restrictions=_all(element, "ServiceRestrictionsAllowed"),
        attributes=tuple(
            AttributeForm(
                each.get("Name", ""), flag(each.get("isRequired")), _texts(each, "PurposeStatement")
            )
            for each in element.iterfind(tag(CATALOGUE, "RequestedAttribute"))
        ),
        is_public=flag(element.get(tag(CATALOGUE, "IsPublic"))),
        is_portal=flag(element.get(_PORTAL)),
    )


def _instance(element: etree._Element) -> InstanceForm:
    sso = element.findtext(tag(CATALOGUE, "SSOSupport"))
    intermediation = element.find(tag(CATALOGUE, "ServiceIntermediation"))
    allowed = (
        None if intermediation is None else intermediation.get("intermediationAllowed", "noIntermediation")
    )
    return InstanceForm(
        service_id=_text(element, "ServiceID"),
        uuid=_text(element, "ServiceUUID"),
        definition=_text(element, "InstanceOfService"),
        intermediated_service=_text(element, "IntermediatedService"),
        urls=_texts(element, "ServiceURL"),
        privacy_urls=_texts(element, "PrivacyPolicyURL"),
        makelaar=_text(element, "HerkenningsmakelaarId"),
        additional_makelaars=_all(element, "AdditionalHerkenningsmakelaarId"),
        sso_support=None if sso is None else flag(sso),
        identifier_sets=_sets(element.findall(tag(CATALOGUE, "EntityConcernedTypesAllowed"))),
        certificates=tuple(map(_certificate, element.iterfind(tag(CATALOGUE, "ServiceCertificate")))),
        intermediation=allowed or "",
        intermediaries=() if intermediation is None else _all(intermediation, "ServiceIntermediationAllowed"),
        classifiers=_all(element, f"Classifiers/{tag(CATALOGUE, 'Classifier')}"),
        bsnk_structure_version=_text(element, "BsnkStructureVersion"),
        bsnk_key_set_version=_text(element, "BsnkRecipientKeySetVersion"),
        portal_for=_all(element, "PortalForService"),
        is_public=flag(element.get(tag(CATALOGUE, "IsPublic"))),
        is_portal=flag(element.get(_PORTAL)),
    )


def _certificate(holder: etree._Element) -> CertificateForm:
    found = holder.findtext(f".//{tag(DS, 'X509Certificate')}") or ""
    name = holder.findtext(f".//{tag(DS, 'KeyName')}") or ""
    return CertificateForm("".join(found.split()), name.strip())


def _sets(elements: Sequence[etree._Element]) -> Sets:
    """The sets in ascending order of setNumber, the order of preference; without number each is a set, at the end."""
    sets: dict[tuple[int, int], list[str]] = {}
    for position, element in enumerate(elements):
        number = element.get("setNumber")
        place = (0, int(number)) if number else (1, position)
        sets.setdefault(place, []).append((element.text or "").strip())
    return tuple(tuple(values) for _, values in sorted(sets.items()))


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(tag(CATALOGUE, name)) or "").strip()


def _all(element: etree._Element, name: str) -> tuple[str, ...]:
    return tuple((each.text or "").strip() for each in element.iterfind(tag(CATALOGUE, name)))


def _texts(element: etree._Element, name: str) -> dict[str, str]:
    """The texts by language, the first of each; white space at both ends means nothing."""
    found: dict[str, str] = {}
    for each in element.iterfind(tag(CATALOGUE, name)):
        found.setdefault(each.get(tag(XML, "lang"), "nl"), (each.text or "").strip())
    return found
