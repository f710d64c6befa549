"""Checks of an AuthnRequest: which service it asks for, and at which level."""

from collections.abc import Iterator
from typing import Final

from broker.checks.families.catalogue import child_text
from broker.checks.families.catalogue import joined
from broker.checks.families.definitions import level_of
from broker.checks.families.endpoints import is_default
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_asked
from broker.checks.looking import on_message
from broker.domain.levels import LevelOfAssurance
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag

_CONTEXT: Final = tag(SAMLP, "RequestedAuthnContext")
_CLASS: Final = tag(SAML, "AuthnContextClassRef")
_INDEX: Final = "AttributeConsumingServiceIndex"
_TRUE: Final = frozenset({"true", "1"})


@on_asked("RQ-029")
def new_login_each_time(message: Element, descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Single sign-on that is offered, and never used."""
    instance, _ = _asked_service(message, descriptor, seen)
    forced = message.get("ForceAuthn", "").strip() in _TRUE
    if forced and instance is not None and child_text(instance, "SSOSupport") in _TRUE:
        yield Found(message, "true", "ForceAuthn")


@on_message("RQ-034")
def no_context(message: Element, _seen: Seen) -> Iterator[Found]:
    """A level that is not asked."""
    if message.find(_CONTEXT) is None:
        yield Found(message)


@on_message("RQ-035")
def other_comparison(message: Element, _seen: Seen) -> Iterator[Found]:
    """A question about levels that has another answer than is meant."""
    context = message.find(_CONTEXT)
    if context is None:
        return
    classes = context.findall(_CLASS)
    if len(classes) != 1 or context.get("Comparison") != "minimum":
        yield Found(context, f"{context.get('Comparison') or '–'}, {len(classes)} × AuthnContextClassRef")


@on_message("RQ-036")
def no_level(message: Element, _seen: Seen) -> Iterator[Found]:
    """A class that is no betrouwbaarheidsniveau."""
    for found in _classes(message):
        if _level(found) is None:
            yield Found(found, (found.text or "").strip())


@on_asked("RQ-037")
def above_the_catalogue(message: Element, descriptor: Element, seen: Seen) -> Iterator[Found]:
    """More than the service was registered for."""
    _, definition = _asked_service(message, descriptor, seen)
    highest = None if definition is None else level_of(definition)
    for found in _classes(message):
        level = _level(found)
        if level is not None and highest is not None and level > highest:
            yield Found(found, level.short, expected=f"≤ {highest.short}")


@on_message("RQ-038")
def withdrawn_level(message: Element, seen: Seen) -> Iterator[Found]:
    """Less than anybody may ask."""
    for found in _classes(message):
        level = _level(found)
        if level is not None and level < seen.subject.lowest:
            yield Found(found, level.short)


@on_message("RQ-039")
def no_index(message: Element, _seen: Seen) -> Iterator[Found]:
    """A service that has to be guessed."""
    if message.get(_INDEX) is None:
        yield Found(message)


@on_asked("RQ-040")
def unknown_service(message: Element, descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A number of no service; without any in the metadata the catalogue's numbers count."""
    known = [
        each.get("index", "").strip() for each in descriptor.iterfind(tag(MD, "AttributeConsumingService"))
    ]
    asked = message.get(_INDEX)
    if asked is not None and known and asked.strip() not in known:
        yield Found(message, asked, _INDEX, ", ".join(known))


def _asked_service(
    message: Element, descriptor: Element, seen: Seen
) -> tuple[Element | None, Element | None]:
    """The instance and definition of the service that is asked; None as far as they are not known."""
    services = descriptor.findall(tag(MD, "AttributeConsumingService"))
    index = message.get(_INDEX)
    if index is not None:
        chosen = [each for each in services if each.get("index", "").strip() == index.strip()]
    else:
        chosen = [each for each in services if is_default(each) or len(services) == 1]
    if not chosen or seen.catalogue is None:
        return None, None
    first = chosen[0].find(tag(MD, "RequestedAttribute"))
    service_id = "" if first is None else first.get("Name", "")
    found = ((each, of) for each, of in joined(seen.catalogue) if child_text(each, "ServiceID") == service_id)
    return next(found, (None, None))


def _classes(message: Element) -> list[Element]:
    return message.findall(f"{_CONTEXT}/{_CLASS}")


def _level(element: Element) -> LevelOfAssurance | None:
    try:
        return LevelOfAssurance.from_urn((element.text or "").strip())
    except ValueError:
        return None
