"""Checks of the dienstencatalogus: by which identifiers people and companies come in, and who may come by eIDAS."""

from collections.abc import Iterator
from typing import Final

from broker.checks.families.catalogue import definitions
from broker.checks.families.catalogue import instances
from broker.checks.families.catalogue import joined
from broker.checks.families.catalogue import text_of
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue
from broker.domain.identifiers import BSN_TYPES
from broker.domain.identifiers import EIDAS_TYPES
from broker.domain.identifiers import HANDELSREGISTER_TYPES
from broker.domain.identifiers import IdentifierType
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.saml.names import CATALOGUE
from broker.saml.names import tag

_ALLOWED: Final = tag(CATALOGUE, "EntityConcernedTypesAllowed")
_ACTING: Final = tag(CATALOGUE, "ActingSubjectTypesAllowed")
_RESTRICTION: Final = tag(CATALOGUE, "ServiceRestrictionsAllowed")
_CLASSIFIER: Final = f"{tag(CATALOGUE, 'Classifiers')}/{tag(CATALOGUE, 'Classifier')}"
_KNOWN: Final = frozenset(kind.value for kind in IdentifierType)


@on_catalogue("DC-035")
def nothing_deliverable(root: Element, _seen: Seen) -> Iterator[Found]:
    """Whoever logs in has none of the identifiers together."""
    for instance, _, allowed in _asked(root):
        can = EIDAS_TYPES if is_eidas(instance) else HANDELSREGISTER_TYPES
        values = {kind.value for kind in (IdentifierType.PSEUDO, *can)}
        sets = _sets(allowed)
        if sets and not any(values.issuperset(each) for each in sets):
            yield Found(allowed[0], " | ".join("+".join(_short(value) for value in each) for each in sets))


@on_catalogue("DC-036")
def restriction_alone(root: Element, _seen: Seen) -> Iterator[Found]:
    """A vestiging without the company that it is one of."""
    for _, definition, allowed in _asked(root):
        restriction = None if definition is None else definition.find(_RESTRICTION)
        values = {value for each in _sets(allowed) if _KNOWN.issuperset(each) for value in each}
        if restriction is not None and values and IdentifierType.KVKNR.value not in values:
            yield Found(restriction, ", ".join(sorted(_short(value) for value in values)))


@on_catalogue("DC-038")
def unknown_type(root: Element, _seen: Seen) -> Iterator[Found]:
    """A name that is no identifier."""
    for found in (*root.iter(_ALLOWED), *root.iter(_ACTING)):
        if text_of(found) not in _KNOWN:
            yield Found(found, text_of(found))


@on_catalogue("DC-039")
def half_numbered(root: Element, _seen: Seen) -> Iterator[Found]:
    """Some numbered, some not: what belongs together is not clear."""
    for holder in (*definitions(root), *instances(root)):
        allowed = holder.findall(_ALLOWED)
        bare = [each for each in allowed if each.get("setNumber") is None]
        if bare and len(bare) != len(allowed):
            yield Found(bare[0], text_of(bare[0]))


@on_catalogue("DC-040")
def same_set(root: Element, _seen: Seen) -> Iterator[Found]:
    """An alternative that is none."""
    for holder in (*definitions(root), *instances(root)):
        sets = [frozenset(each) for each in _sets(holder.findall(_ALLOWED))]
        if len(set(sets)) != len(sets):
            yield Found(holder.find(_ALLOWED), f"{len(sets)} × set")


@on_catalogue("DC-041")
def citizen_number(root: Element, _seen: Seen) -> Iterator[Found]:
    """A number that few may process."""
    for found in (*root.iter(_ALLOWED), *root.iter(_ACTING)):
        if text_of(found) in {kind.value for kind in BSN_TYPES}:
            yield Found(found, text_of(found))


@on_catalogue("DC-055")
def both_kinds(root: Element, _seen: Seen) -> Iterator[Found]:
    """Services of both kinds in one file."""
    all_of_them = instances(root)
    inbound = [each for each in all_of_them if is_eidas(each)]
    if inbound and len(inbound) < len(all_of_them):
        others = len(all_of_them) - len(inbound)
        yield Found(inbound[0], f"{len(inbound)} × eIDAS, {others} × eHerkenning")


@on_catalogue("DC-056")
def half_and_half(root: Element, _seen: Seen) -> Iterator[Found]:
    """A service for eHerkenning with identifiers of eIDAS, or the reverse."""
    for instance, _, allowed in _asked(root):
        own, others = HANDELSREGISTER_TYPES, EIDAS_TYPES
        if is_eidas(instance):
            own, others = EIDAS_TYPES, HANDELSREGISTER_TYPES
        strange = {kind.value for kind in others - own}
        for found in allowed:
            if text_of(found) in strange:
                yield Found(found, _short(text_of(found)), expected=", ".join(sorted(map(_short, own))))


@on_catalogue("DC-069")
def unknown_classifier(root: Element, _seen: Seen) -> Iterator[Found]:
    """A word that nobody acts on."""
    for instance in instances(root):
        for found in instance.iterfind(_CLASSIFIER):
            if text_of(found) not in {EIDAS_INBOUND_CLASSIFIER, NO_CHAIN_CLASSIFIER}:
                yield Found(found, text_of(found))


def is_eidas(instance: Element) -> bool:
    """Whether people of other member states come in here."""
    return any(text_of(each) == EIDAS_INBOUND_CLASSIFIER for each in instance.iterfind(_CLASSIFIER))


def _asked(root: Element) -> Iterator[tuple[Element, Element | None, list[Element]]]:
    """Each instance with its definition, and the identifiers that count: its own, else those of the definition."""
    for instance, definition in joined(root):
        allowed = instance.findall(_ALLOWED)
        yield instance, definition, allowed or ([] if definition is None else definition.findall(_ALLOWED))


def _sets(allowed: list[Element]) -> list[list[str]]:
    """What is asked together; without a number each is a set of its own."""
    numbered: dict[str, list[str]] = {}
    for position, element in enumerate(allowed):
        numbered.setdefault(element.get("setNumber") or f"-{position}", []).append(text_of(element))
    return list(numbered.values())


def _short(value: str) -> str:
    return value.rpartition(":")[2]
