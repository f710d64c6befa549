"""Checks of metadata: the services that it offers, and the attributes that they ask."""

from collections.abc import Iterator
from typing import Final

from broker.checks.families.endpoints import is_default
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_descriptor
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import owner_of
from broker.saml.metadata import oin_of
from broker.saml.metadata import service_id_parts
from broker.saml.names import MD
from broker.saml.names import XML
from broker.saml.names import tag

_IDENTIFIER: Final = ":EntityConcernedID:"


@on_descriptor("MD-047")
def no_services(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Services go by the number in their ServiceID."""
    if not _services(descriptor):
        yield Found(descriptor)


@on_descriptor("MD-048")
def no_service_id(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A list of attributes of nobody."""
    for service in _services(descriptor):
        if service_id_parts(_first(service)) is None:
            yield Found(service, _first(service) or "–")


@on_descriptor("MD-049")
def shared_service_index(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Two services with one number."""
    taken: set[str] = set()
    for service in _services(descriptor):
        index = service.get("index", "").strip()
        if index in taken:
            yield Found(service, index, "index")
        taken.add(index)


@on_descriptor("MD-050")
def no_default_service(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A request without index is refused."""
    services = _services(descriptor)
    if len(services) > 1 and not any(is_default(each) for each in services):
        yield Found(services[0], f"{len(services)} × AttributeConsumingService")


@on_descriptor("MD-051")
def several_default_services(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Which one is meant is anybody's guess."""
    marked = [each for each in _services(descriptor) if is_default(each)]
    for service in marked[1:]:
        yield Found(service, f"{len(marked)} × isDefault", "isDefault")


@on_descriptor("MD-052")
def one_service_twice(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Two numbers for one service."""
    taken: set[str] = set()
    for service in _services(descriptor):
        name = _first(service)
        if name in taken:
            yield Found(service, name)
        taken.add(name)


@on_descriptor("MD-053")
def other_index(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """The number to ask with is not that of the service."""
    for service in _services(descriptor):
        parts = service_id_parts(_first(service))
        index = service.get("index", "").strip()
        if parts is not None and index != parts[1].lstrip("0") and index != parts[1]:
            yield Found(service, index, "index", parts[1])


@on_descriptor("MD-054")
def other_oin(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Services of somebody else."""
    own = None if seen.entity is None else oin_of(seen.entity.get("entityID", ""))
    for service in _services(descriptor):
        parts = service_id_parts(_first(service))
        if own is not None and parts is not None and parts[0] != own:
            yield Found(service, parts[0], expected=own)


@on_descriptor("MD-055")
def leading_zeros(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """The same number, written in another way."""
    for service in _services(descriptor):
        parts = service_id_parts(_first(service))
        if parts is not None and has_leading_zeros(parts[1]):
            yield Found(service, parts[1], expected=parts[1].lstrip("0") or "0")


@on_descriptor("MD-056")
def no_dutch_name(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Names of the service, none of them in Dutch."""
    for service in _services(descriptor):
        languages = [each.get(tag(XML, "lang"), "nl") for each in service.iterfind(tag(MD, "ServiceName"))]
        if "nl" not in languages:
            yield Found(service, ", ".join(languages) or "–")


@on_descriptor("MD-057")
def identifier_asked(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Identifiers come by another road."""
    for element in _asked(descriptor):
        if is_identifier(element):
            yield Found(element, element.get("Name", ""), "Name")


@on_descriptor("MD-058")
def intermediary_asked(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """What comes by itself."""
    for element in _asked(descriptor):
        if owner_of(element.get("Name", "")) is AttributeOwner.AUTOMATIC:
            yield Found(element, element.get("Name", ""), "Name")


@on_descriptor("MD-059")
def unknown_asked(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """What nobody can give."""
    for element in _asked(descriptor):
        if is_unknown(element):
            yield Found(element, element.get("Name", ""), "Name")


@on_descriptor("MD-060")
def asked_twice(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """One attribute, twice for one service."""
    for service in _services(descriptor):
        taken: set[str] = set()
        for element in service.findall(tag(MD, "RequestedAttribute"))[1:]:
            name = element.get("Name", "")
            if name in taken:
                yield Found(element, name, "Name")
            taken.add(name)


def has_leading_zeros(number: str) -> bool:
    """Whether the number of a ServiceID is written with zeros before it; 0 itself is the portal."""
    return number.startswith("0") and number != "0"


def is_identifier(element: Element) -> bool:
    """Whether a RequestedAttribute is an identifier of a company or person."""
    return _IDENTIFIER in element.get("Name", "")


def is_unknown(element: Element) -> bool:
    """Whether the attribuutcatalogus does not have a RequestedAttribute, which is no identifier either."""
    return owner_of(element.get("Name", "")) is None and not is_identifier(element)


def _services(descriptor: Element) -> list[Element]:
    return descriptor.findall(tag(MD, "AttributeConsumingService"))


def _first(service: Element) -> str:
    first = service.find(tag(MD, "RequestedAttribute"))
    return "" if first is None else first.get("Name", "")


def _asked(descriptor: Element) -> Iterator[Element]:
    for service in _services(descriptor):
        yield from service.findall(tag(MD, "RequestedAttribute"))[1:]
