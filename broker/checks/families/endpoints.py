"""Checks of metadata: the addresses to which people and messages are sent."""

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_descriptor
from broker.saml.locations import location_problem
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import MD
from broker.saml.names import tag

_KINDS: Final = ("AssertionConsumerService", "ArtifactResolutionService", "SingleLogoutService")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HTTPS: Final = 443


@on_descriptor("MD-032")
def no_artifact(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """No place for the answer in the stelsel."""
    if not any(each.get("Binding") == BINDING_ARTIFACT for each in _consumers(descriptor)):
        yield Found(descriptor, ", ".join(each.get("Binding", "") for each in _consumers(descriptor)) or "–")


@on_descriptor("MD-033")
def no_answer(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """No place for the answer in SAML."""
    if not any(each.get("Binding") in {BINDING_ARTIFACT, BINDING_POST} for each in _consumers(descriptor)):
        yield Found(descriptor, ", ".join(each.get("Binding", "") for each in _consumers(descriptor)) or "–")


@on_descriptor("MD-034")
def never_used(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A place where no answer comes."""
    for found in _consumers(descriptor):
        if found.get("Binding") != BINDING_ARTIFACT:
            yield Found(found, found.get("Binding", ""), "Binding")


@on_descriptor("MD-035")
def not_https(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A place that anybody between can read."""
    yield from _with_problem(descriptor, "must be https")


@on_descriptor("MD-036")
def no_plain_url(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """White space, fragments and letters that not all software writes alike."""
    for found, name, address in _addresses(descriptor):
        if location_problem(address) in {"is no URL", "is no absolute URL of plain ASCII"}:
            yield Found(found, repr(address), name, address.strip() if address != address.strip() else "")


@on_descriptor("MD-037")
def only_here(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """An address that leads each browser to its own machine."""
    for found, name, address in _addresses(descriptor):
        if _host(address) in _LOCAL:
            yield Found(found, address, name)


@on_descriptor("MD-038")
def own_port(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A port that networks of companies may not let through; on this machine that says nothing."""
    for found, name, address in _addresses(descriptor):
        port = _port(address)
        if port not in {None, _HTTPS} and _host(address) not in _LOCAL:
            yield Found(found, f":{port}", name)


@on_descriptor("MD-039")
def user_information(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A name or password in an address; it is not repeated in the report."""
    for found, name, address in _addresses(descriptor):
        if location_problem(address) == "holds user information":
            yield Found(found, f"…@{_host(address)}", name)


@on_descriptor("MD-040")
def nobodys(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Link-local, multicast, unspecified."""
    yield from _with_problem(descriptor, "is an address that no partner can have")


@on_descriptor("MD-041")
def numeric(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A number in the place of a name."""
    for found, name, address in _addresses(descriptor):
        host = _host(address)
        if host not in _LOCAL and _is_number(host):
            yield Found(found, host, name)


@on_descriptor("MD-042")
def query_string(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Parameters beside those of the binding."""
    for found, name, address in _addresses(descriptor):
        if "?" in address:
            yield Found(found, address[address.index("?") :], name)


@on_descriptor("MD-043")
def shared_index(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Two places with one number."""
    for kind in _KINDS[:2]:
        seen_before: set[str] = set()
        for found in descriptor.iterfind(tag(MD, kind)):
            index = (found.get("index") or "").strip()
            if index and index in seen_before:
                yield Found(found, index, "index")
            seen_before.add(index)


@on_descriptor("MD-044")
def no_default_consumer(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A request without index is answered at whichever comes first."""
    consumers = _consumers(descriptor)
    if len(consumers) > 1 and not any(is_default(each) for each in consumers):
        yield Found(consumers[0], f"{len(consumers)} × AssertionConsumerService")


@on_descriptor("MD-045")
def several_defaults(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """More than one default among places of one kind."""
    for kind in _KINDS[:2]:
        marked = [each for each in descriptor.iterfind(tag(MD, kind)) if is_default(each)]
        for found in marked[1:]:
            yield Found(found, f"{len(marked)} × isDefault", "isDefault")


@on_descriptor("MD-046")
def listed_twice(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """The same place under two numbers."""
    places = Counter((each.get("Binding"), each.get("Location")) for each in _consumers(descriptor))
    for found in _consumers(descriptor):
        place = (found.get("Binding"), found.get("Location"))
        if places.pop(place, 1) > 1:
            yield Found(found, found.get("Location", ""), "Location")


@on_descriptor("MD-062")
def silent_logout(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A place for a LogoutResponse by a binding that goes from server to server."""
    spoken = {BINDING_ARTIFACT, BINDING_POST, BINDING_REDIRECT}
    places = descriptor.findall(tag(MD, "SingleLogoutService"))
    if places and not any(each.get("Binding") in spoken for each in places):
        yield Found(places[0], places[0].get("Binding", ""), "Binding")


def is_default(element: Element) -> bool:
    """Whether isDefault is true."""
    return (element.get("isDefault") or "").strip() in {"true", "1"}


def addresses_of(descriptor: Element) -> Iterator[str]:
    """Every address to which people are sent."""
    for _, _, address in _addresses(descriptor):
        yield address


def _consumers(descriptor: Element) -> list[Element]:
    return descriptor.findall(tag(MD, "AssertionConsumerService"))


def _addresses(descriptor: Element) -> Iterator[tuple[Element, str, str]]:
    for kind in _KINDS:
        for found in descriptor.iterfind(tag(MD, kind)):
            for name in ("Location", "ResponseLocation"):
                address = found.get(name)
                if address is not None:
                    yield found, name, address


def _with_problem(descriptor: Element, problem: str) -> Iterator[Found]:
    for found, name, address in _addresses(descriptor):
        if (location_problem(address) or "").startswith(problem):
            yield Found(found, address, name)


def _host(address: str) -> str:
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""


def _port(address: str) -> int | None:
    try:
        return urlsplit(address.strip()).port
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
