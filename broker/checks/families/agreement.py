"""Checks of metadata and dienstencatalogus beside each other."""

from collections.abc import Iterator
from typing import Final

from broker.checks.families.catalogue import child_text
from broker.checks.families.catalogue import instances
from broker.checks.families.catalogue import joined
from broker.checks.families.keys import for_use
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_both
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import owner_of
from broker.domain.connection import Profile
from broker.saml.metadata import service_id_parts
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import tag

_TRUE: Final = frozenset({"true", "1"})
_CERTIFICATE: Final = f"{tag(CATALOGUE, 'ServiceCertificate')}//{tag(DS, 'X509Certificate')}"


@on_both("DC-057")
def not_in_catalogue(descriptor: Element, root: Element, _seen: Seen) -> Iterator[Found]:
    """An index of a service that nobody described."""
    known = {child_text(each, "ServiceID") for each in instances(root)}
    for service, service_id in _offered(descriptor):
        if service_id not in known:
            yield Found(service, service_id)


@on_both("DC-058")
def not_in_metadata(descriptor: Element, root: Element, _seen: Seen) -> Iterator[Found]:
    """A service that the software cannot ask for."""
    offered = {service_id for _, service_id in _offered(descriptor)}
    for instance in instances(root) if offered else ():
        if child_text(instance, "ServiceID") not in offered:
            yield Found(instance, child_text(instance, "ServiceID"))


@on_both("DC-059")
def not_declared(descriptor: Element, root: Element, _seen: Seen) -> Iterator[Found]:
    """A question that the catalogue does not account for."""
    for asked, declared in _questions(descriptor, root):
        if declared is None:
            yield Found(asked, asked.get("Name", ""), "Name")


@on_both("DC-060")
def not_required(descriptor: Element, root: Element, _seen: Seen) -> Iterator[Found]:
    """A question that may be passed over, whatever the metadata says."""
    for asked, declared in _questions(descriptor, root):
        if declared is not None and _is_required(asked) and not _is_required(declared):
            yield Found(asked, asked.get("Name", ""), "isRequired", "false")


@on_both("DC-061")
def nobody_to_encrypt_for(descriptor: Element, root: Element, seen: Seen) -> Iterator[Found]:
    """A service whose identifiers nobody could open."""
    uses = ["encryption"] if seen.profile is Profile.V1_13 else ["encryption", "signing"]
    if any(for_use(seen, descriptor, use) for use in uses):
        return
    for instance in instances(root):
        if instance.find(_CERTIFICATE) is None:
            yield Found(instance, child_text(instance, "ServiceID"))


def _offered(descriptor: Element) -> Iterator[tuple[Element, str]]:
    for service in descriptor.iterfind(tag(MD, "AttributeConsumingService")):
        first = service.find(tag(MD, "RequestedAttribute"))
        service_id = "" if first is None else first.get("Name", "")
        if service_id_parts(service_id) is not None:
            yield service, service_id


def _questions(descriptor: Element, root: Element) -> Iterator[tuple[Element, Element | None]]:
    """Each attribute that the metadata asks of a known service, with what the catalogue declares of it."""
    known = {child_text(instance, "ServiceID"): definition for instance, definition in joined(root)}
    for service, service_id in _offered(descriptor):
        definition = known.get(service_id)
        if definition is None:
            continue
        declared = {
            each.get("Name"): each for each in definition.iterfind(tag(CATALOGUE, "RequestedAttribute"))
        }
        for asked in service.findall(tag(MD, "RequestedAttribute"))[1:]:
            if owner_of(asked.get("Name", "")) in {AttributeOwner.AD, AttributeOwner.MR}:
                yield asked, declared.get(asked.get("Name"))


def _is_required(element: Element) -> bool:
    return (element.get("isRequired") or "").strip() in _TRUE
