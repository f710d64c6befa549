"""Checks of the dienstencatalogus: what a service is, which level it asks and which identifiers."""

import re
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from broker.checks.families.catalogue import child_text
from broker.checks.families.catalogue import definitions
from broker.checks.families.catalogue import instances
from broker.checks.families.catalogue import joined
from broker.checks.families.catalogue import text_of
from broker.checks.families.catalogue import without_language
from broker.checks.families.services import is_identifier
from broker.checks.families.services import is_unknown
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import owner_of
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.saml.names import CATALOGUE
from broker.saml.names import SAML
from broker.saml.names import tag

_CLASS: Final = tag(SAML, "AuthnContextClassRef")
_REQUESTED: Final = tag(CATALOGUE, "RequestedAttribute")
_RESTRICTION: Final = tag(CATALOGUE, "ServiceRestrictionsAllowed")
_NAMED_LEVEL: Final = re.compile(r"\bEH ?([234])(?!\d)(\+|plus)?", re.IGNORECASE)


@on_catalogue("DC-017")
def shared_definition_uuid(root: Element, _seen: Seen) -> Iterator[Found]:
    """Two definitions on which the same machtigingen would be registered."""
    yield from _repeated(definitions(root), "ServiceUUID")


@on_catalogue("DC-020")
def no_uuid(root: Element, _seen: Seen) -> Iterator[Found]:
    """A ServiceUUID that software cannot read as one."""
    for found in root.iter(tag(CATALOGUE, "ServiceUUID")):
        if not _is_uuid(text_of(found)):
            yield Found(found, text_of(found))


@on_catalogue("DC-029")
def no_instance(root: Element, _seen: Seen) -> Iterator[Found]:
    """A definition that nobody can log in at."""
    used = {child_text(each, "InstanceOfService") for each in instances(root)}
    for definition in definitions(root):
        if child_text(definition, "ServiceUUID") not in used:
            yield Found(definition, child_text(definition, "ServiceUUID"))


@on_catalogue("DC-032")
def no_level(root: Element, _seen: Seen) -> Iterator[Found]:
    """A class of AuthnContext that is no betrouwbaarheidsniveau."""
    for definition in definitions(root):
        if level_of(definition) is None:
            found = definition.find(_CLASS)
            yield Found(definition if found is None else found, text_of(found))


@on_catalogue("DC-033")
def too_low(root: Element, seen: Seen) -> Iterator[Found]:
    """A level that was withdrawn."""
    for definition in definitions(root):
        level = level_of(definition)
        if level is not None and level < seen.subject.lowest:
            yield Found(definition.find(_CLASS), level.short, expected=f"≥ {seen.subject.lowest.short}")


@on_catalogue("DC-034")
def named_level(root: Element, _seen: Seen) -> Iterator[Found]:
    """A text that promises another level."""
    for definition in definitions(root):
        level = level_of(definition)
        for name in ("ServiceName", "ServiceDescription"):
            for found in definition.iterfind(tag(CATALOGUE, name)):
                named = _NAMED_LEVEL.search(text_of(found))
                label = "" if named is None else f"EH{named.group(1)}{'+' if named.group(2) else ''}"
                if label and level is not None and label != level.label:
                    yield Found(found, label, expected=level.label)


@on_catalogue("DC-037")
def unknown_restriction(root: Element, _seen: Seen) -> Iterator[Found]:
    """A restriction that no register knows."""
    for found in root.iter(_RESTRICTION):
        if text_of(found) not in {VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION}:
            yield Found(found, text_of(found))


@on_catalogue("DC-042")
def no_dutch_name(root: Element, _seen: Seen) -> Iterator[Found]:
    """Names in other languages only."""
    yield from without_language(definitions(root), "ServiceName", "nl")


@on_catalogue("DC-043")
def no_english_name(root: Element, _seen: Seen) -> Iterator[Found]:
    """Names in other languages only."""
    yield from without_language(definitions(root), "ServiceName", "en")


@on_catalogue("DC-044")
def no_dutch_description(root: Element, _seen: Seen) -> Iterator[Found]:
    """Descriptions in other languages only."""
    yield from without_language(definitions(root), "ServiceDescription", "nl")


@on_catalogue("DC-045")
def identifier_declared(root: Element, _seen: Seen) -> Iterator[Found]:
    """Identifiers come by another road."""
    for found in root.iter(_REQUESTED):
        if is_identifier(found):
            yield Found(found, found.get("Name", ""), "Name")


@on_catalogue("DC-046")
def intermediary_declared(root: Element, _seen: Seen) -> Iterator[Found]:
    """What comes by itself."""
    for found in root.iter(_REQUESTED):
        if owner_of(found.get("Name", "")) is AttributeOwner.AUTOMATIC:
            yield Found(found, found.get("Name", ""), "Name")


@on_catalogue("DC-047")
def unknown_declared(root: Element, _seen: Seen) -> Iterator[Found]:
    """What nobody can give."""
    for found in root.iter(_REQUESTED):
        if is_unknown(found):
            yield Found(found, found.get("Name", ""), "Name")


@on_catalogue("DC-048")
def no_dutch_purpose(root: Element, _seen: Seen) -> Iterator[Found]:
    """A question without a reason that people can read."""
    yield from without_language(list(root.iter(_REQUESTED)), "PurposeStatement", "nl")


@on_catalogue("DC-066")
def single_sign_on(root: Element, _seen: Seen) -> Iterator[Found]:
    """A session that may not be used at this level."""
    for instance, definition in joined(root):
        found = instance.find(tag(CATALOGUE, "SSOSupport"))
        is_highest = definition is not None and level_of(definition) is LevelOfAssurance.LOA4
        if is_highest and text_of(found) in {"true", "1"}:
            yield Found(found, "true")


def level_of(definition: Element) -> LevelOfAssurance | None:
    """The betrouwbaarheidsniveau of a definition, None for what is none."""
    try:
        return LevelOfAssurance.from_urn(text_of(definition.find(_CLASS)))
    except ValueError:
        return None


def _repeated(elements: list[Element], name: str) -> Iterator[Found]:
    taken: set[str] = set()
    for element in elements:
        value = child_text(element, name)
        if value in taken:
            yield Found(element.find(tag(CATALOGUE, name)), value)
        taken.add(value)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
