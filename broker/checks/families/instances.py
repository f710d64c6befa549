"""Checks of the dienstencatalogus: where a service is offered, by whom, and for whom."""

import re
from collections.abc import Iterator
from typing import Final

from broker.checks.families.catalogue import child_text
from broker.checks.families.catalogue import definitions
from broker.checks.families.catalogue import instances
from broker.checks.families.catalogue import joined
from broker.checks.families.catalogue import providers
from broker.checks.families.catalogue import text_of
from broker.checks.families.services import has_leading_zeros
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue
from broker.domain.services import Intermediation
from broker.saml.metadata import service_id_parts
from broker.saml.names import CATALOGUE
from broker.saml.names import tag

_MAKELAAR: Final = "HerkenningsmakelaarId"
_PORTAL: Final = tag(CATALOGUE, "IsPortal")
_TRUE: Final = frozenset({"true", "1"})
_MANY_ZEROS: Final = re.compile(r"0+")


@on_catalogue("DC-018")
def shared_instance_uuid(root: Element, _seen: Seen) -> Iterator[Found]:
    """Two instances that cannot be told apart."""
    taken: set[str] = set()
    for instance in instances(root):
        value = child_text(instance, "ServiceUUID")
        if value in taken:
            yield Found(instance.find(tag(CATALOGUE, "ServiceUUID")), value)
        taken.add(value)


@on_catalogue("DC-019")
def uuid_of_definition(root: Element, _seen: Seen) -> Iterator[Found]:
    """An instance by the name of a definition."""
    known = {child_text(each, "ServiceUUID") for each in definitions(root)}
    for instance in instances(root):
        if child_text(instance, "ServiceUUID") in known:
            yield Found(instance.find(tag(CATALOGUE, "ServiceUUID")), child_text(instance, "ServiceUUID"))


@on_catalogue("DC-024")
def another_form(root: Element, _seen: Seen) -> Iterator[Found]:
    """A ServiceID that is none."""
    for found in root.iter(tag(CATALOGUE, "ServiceID")):
        if service_id_parts(text_of(found)) is None:
            yield Found(found, text_of(found))


@on_catalogue("DC-025")
def other_oin(root: Element, _seen: Seen) -> Iterator[Found]:
    """A service of somebody else."""
    for provider in providers(root):
        oin = child_text(provider, "ServiceProviderID")
        for instance in provider.iterfind(tag(CATALOGUE, "ServiceInstance")):
            parts = service_id_parts(child_text(instance, "ServiceID"))
            if parts is not None and parts[0] != oin:
                yield Found(instance.find(tag(CATALOGUE, "ServiceID")), parts[0], expected=oin)


@on_catalogue("DC-026")
def leading_zeros(root: Element, _seen: Seen) -> Iterator[Found]:
    """The same number, written in another way."""
    for found in root.iter(tag(CATALOGUE, "ServiceID")):
        parts = service_id_parts(text_of(found))
        if parts is not None and has_leading_zeros(parts[1]):
            yield Found(found, parts[1], expected=parts[1].lstrip("0") or "0")


@on_catalogue("DC-027")
def one_id_twice(root: Element, _seen: Seen) -> Iterator[Found]:
    """Two services by one name."""
    taken: set[str] = set()
    for found in root.iter(tag(CATALOGUE, "ServiceID")):
        if text_of(found) in taken:
            yield Found(found, text_of(found))
        taken.add(text_of(found))


@on_catalogue("DC-028")
def of_nothing(root: Element, _seen: Seen) -> Iterator[Found]:
    """An instance without a definition, here or at a dienstaanbieder."""
    for instance, definition in joined(root):
        if definition is None and not child_text(instance, "IntermediatedService"):
            found = instance.find(tag(CATALOGUE, "InstanceOfService"))
            yield Found(instance if found is None else found, text_of(found) or "–")


@on_catalogue("DC-030")
def of_another_makelaar(root: Element, seen: Seen) -> Iterator[Found]:
    """A service that logs in elsewhere."""
    makelaar = seen.subject.makelaar_oin
    for instance in instances(root):
        named = [child_text(instance, _MAKELAAR)]
        named += [text_of(each) for each in instance.iterfind(tag(CATALOGUE, f"Additional{_MAKELAAR}"))]
        if makelaar is not None and makelaar not in named:
            yield Found(instance.find(tag(CATALOGUE, _MAKELAAR)), ", ".join(named), expected=makelaar)


@on_catalogue("DC-031")
def definition_of_another(root: Element, seen: Seen) -> Iterator[Found]:
    """A definition that names another makelaar."""
    makelaar = seen.subject.makelaar_oin
    for definition in definitions(root):
        if makelaar is not None and child_text(definition, _MAKELAAR) != makelaar:
            found = definition.find(tag(CATALOGUE, _MAKELAAR))
            yield Found(found, text_of(found), expected=makelaar)


@on_catalogue("DC-049")
def portal_to_nowhere(root: Element, _seen: Seen) -> Iterator[Found]:
    """A portal for a service that is not there."""
    known = {name for each in instances(root) for name in _names_of(each)}
    for portal in _portals(root):
        for found in portal.iterfind(tag(CATALOGUE, "PortalForService")):
            if text_of(found) not in known:
                yield Found(found, text_of(found))


@on_catalogue("DC-050")
def portal_for_nothing(root: Element, _seen: Seen) -> Iterator[Found]:
    """A portal behind which nothing stands."""
    portals = _portals(root)
    others = {name for each in instances(root) if each not in portals for name in _names_of(each)}
    for portal in portals:
        named = {text_of(each) for each in portal.iterfind(tag(CATALOGUE, "PortalForService"))}
        if not (named & others if named else others):
            yield Found(portal, child_text(portal, "ServiceID"))


@on_catalogue("DC-051")
def intermediation_in_clear(root: Element, _seen: Seen) -> Iterator[Found]:
    """A dienstbemiddelaar that would read what is for another; the profiles say when."""
    for found in root.iter(tag(CATALOGUE, "IntermediatedService")):
        if text_of(found):
            yield Found(found, text_of(found))


@on_catalogue("DC-053")
def nobody_approved(root: Element, _seen: Seen) -> Iterator[Found]:
    """Approval of nobody."""
    for found in root.iter(tag(CATALOGUE, "ServiceIntermediation")):
        if found.get("intermediationAllowed") == Intermediation.APPROVAL and not len(found):
            yield Found(found, Intermediation.APPROVAL.value, "intermediationAllowed")


@on_catalogue("DC-054")
def list_without_effect(root: Element, _seen: Seen) -> Iterator[Found]:
    """A list that nobody looks at."""
    for found in root.iter(tag(CATALOGUE, "ServiceIntermediation")):
        if found.get("intermediationAllowed", Intermediation.NONE) != Intermediation.APPROVAL and len(found):
            yield Found(found, found.get("intermediationAllowed") or "–", "intermediationAllowed")


@on_catalogue("DC-064")
def no_privacy_statement(root: Element, _seen: Seen) -> Iterator[Found]:
    """Nothing to read about what happens with one's data."""
    for instance in instances(root):
        if instance.find(tag(CATALOGUE, "PrivacyPolicyURL")) is None:
            yield Found(instance, child_text(instance, "ServiceID"))


@on_catalogue("DC-062")
def unknown_certificate(_root: Element, seen: Seen) -> Iterator[Found]:
    """A certificate to encrypt for that the metadata does not have."""
    if seen.descriptor is None:
        return
    in_metadata = {each.der for each in seen.listed if each.descriptor.getparent() is seen.descriptor}
    for each in seen.listed:
        holder = each.descriptor.getparent()
        of_service = holder is not None and holder.tag == tag(CATALOGUE, "ServiceCertificate")
        if of_service and each.der and in_metadata and each.der not in in_metadata:
            yield Found(each.element)


def _portals(root: Element) -> dict[Element, None]:
    """As the readers of a login see it: marked on instance or definition, or the service with number 0."""
    return {each: None for each, definition in joined(root) if _is_portal(each, definition)}


def _is_portal(instance: Element, definition: Element | None) -> bool:
    marked = [instance.get(_PORTAL), None if definition is None else definition.get(_PORTAL)]
    parts = service_id_parts(child_text(instance, "ServiceID"))
    is_zero = parts is not None and _MANY_ZEROS.fullmatch(parts[1]) is not None
    return is_zero or any((each or "").strip() in _TRUE for each in marked)


def _names_of(instance: Element) -> set[str]:
    return {child_text(instance, "ServiceUUID"), child_text(instance, "ServiceID")}
