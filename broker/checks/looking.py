"""How a check is made: a function that carries an id, is given what it looks at, and yields what it finds."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Final

from lxml import etree

from broker.checks.captured import Captured
from broker.checks.handshake import Handshake
from broker.checks.listed import Listed
from broker.checks.subject import Subject
from broker.domain.connection import Profile
from broker.ports.neighbours import Neighbours

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a check found. Without ``element`` it concerns the whole document, or ``line`` of it.

    ``attribute`` (Clark notation) points within the element; ``expected`` overrules the one of the check, and
    ``document`` the name of the document.
    """

    element: Element | None = None
    found: str = "–"
    attribute: str | None = None
    expected: str = ""
    line: int = 0
    document: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The documents as far as they could be opened; None for what is missing or was not what it should be.

    ``entity`` is the one EntityDescriptor (of two that announce a change the later), ``descriptor`` its
    SPSSODescriptor; ``faults`` is what opening found, by id of the check, with an empty tuple for what it looked for in
    vain.
    """

    subject: Subject
    profile: Profile
    faults: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)
    metadata: Element | None = None
    entity: Element | None = None
    descriptor: Element | None = None
    catalogue: Element | None = None
    captured: Captured | None = None
    message: Element | None = None
    listed: tuple[Listed, ...] = ()
    handshakes: tuple[Handshake, ...] | None = None


Outcome = Iterable[Found] | None
"""What was found; None when the check could not be made."""

LOOKS: Final[dict[str, Callable[[Seen], Outcome]]] = {}
"""The function of each check, by id."""


def on_opening(check_id: str) -> None:
    """A check that is made when a document is opened."""
    LOOKS[check_id] = lambda seen: seen.faults.get(check_id)


OnOne = Callable[[Element, Seen], Iterable[Found]]
OnTwo = Callable[[Element, Element, Seen], Iterable[Found]]
OnKnown = Callable[[Element, Neighbours, Seen], Iterable[Found]]
OnAll = Callable[[Seen], Iterable[Found]]


def _one(pick: Callable[[Seen], Element | None]) -> Callable[[str], Callable[[OnOne], OnOne]]:
    """A decorator for checks of what ``pick`` gives; they are not made where it gives None."""

    def with_id(check_id: str) -> Callable[[OnOne], OnOne]:
        def register(look: OnOne) -> OnOne:
            def made(seen: Seen) -> Outcome:
                element = pick(seen)
                return None if element is None else look(element, seen)

            LOOKS[check_id] = made
            return look

        return register

    return with_id


on_root = _one(lambda seen: seen.metadata)
"""Checks of the whole of the metadata, whatever its root element is."""
on_entity = _one(lambda seen: seen.entity)
"""Checks of the EntityDescriptor."""
on_descriptor = _one(lambda seen: seen.descriptor)
"""Checks of the SPSSODescriptor."""
on_catalogue = _one(lambda seen: seen.catalogue)
"""Checks of the ServiceCatalogue."""
on_message = _one(lambda seen: seen.message)
"""Checks of the AuthnRequest."""


def _two(
    first: Callable[[Seen], Element | None], second: Callable[[Seen], Element | None]
) -> Callable[[str], Callable[[OnTwo], OnTwo]]:
    def with_id(check_id: str) -> Callable[[OnTwo], OnTwo]:
        def register(look: OnTwo) -> OnTwo:
            def made(seen: Seen) -> Outcome:
                one, other = first(seen), second(seen)
                return None if one is None or other is None else look(one, other, seen)

            LOOKS[check_id] = made
            return look

        return register

    return with_id


on_both = _two(lambda seen: seen.descriptor, lambda seen: seen.catalogue)
"""Checks of the SPSSODescriptor beside the ServiceCatalogue."""
on_asked = _two(lambda seen: seen.message, lambda seen: seen.descriptor)
"""Checks of the AuthnRequest beside the SPSSODescriptor."""


def _beside_known(pick: Callable[[Seen], Element | None]) -> Callable[[str], Callable[[OnKnown], OnKnown]]:
    def with_id(check_id: str) -> Callable[[OnKnown], OnKnown]:
        def register(look: OnKnown) -> OnKnown:
            def made(seen: Seen) -> Outcome:
                element, known = pick(seen), seen.subject.known
                return None if element is None or known is None else look(element, known, seen)

            LOOKS[check_id] = made
            return look

        return register

    return with_id


on_known_entity = _beside_known(lambda seen: seen.entity)
"""Checks of the EntityDescriptor beside what is connected already."""
on_known_catalogue = _beside_known(lambda seen: seen.catalogue)
"""Checks of the ServiceCatalogue beside what is connected already."""


def on_certificates(check_id: str) -> Callable[[OnAll], OnAll]:
    """A check of the certificates in both documents; it looks at ``seen.listed``."""

    def register(look: OnAll) -> OnAll:
        LOOKS[check_id] = lambda seen: look(seen) if seen.listed else None
        return look

    return register


def on_captured(check_id: str) -> Callable[[OnAll], OnAll]:
    """A check of how an AuthnRequest was sent; it looks at ``seen.captured``."""

    def register(look: OnAll) -> OnAll:
        LOOKS[check_id] = lambda seen: None if seen.captured is None else look(seen)
        return look

    return register


def on_handshakes(check_id: str) -> Callable[[OnAll], OnAll]:
    """A check of TLS connections; it looks at ``seen.handshakes``."""

    def register(look: OnAll) -> OnAll:
        LOOKS[check_id] = lambda seen: look(seen) if seen.handshakes else None
        return look

    return register
