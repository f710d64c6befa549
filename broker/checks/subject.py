"""What is checked, and what is known beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from broker.checks.handshake import Handshake
from broker.domain.connection import Profile
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.ports.neighbours import Neighbours


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came; ``name`` is the file or address by which a report points at it."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """The documents of one dienstverlener, and how to judge them.

    ``profile`` None takes the one that fits the metadata; ``makelaar_oin`` None leaves out what depends on it, as
    ``known`` None does. ``destinations`` are the addresses at which this makelaar takes requests, none when that is
    not known. ``tls`` makes a handshake with a host and port; None leaves that family out.
    """

    metadata: Document | None
    catalogue: Document | None
    now: datetime
    request: Document | None = None
    profile: Profile | None = None
    makelaar_oin: str | None = None
    lowest: LevelOfAssurance = LOWEST_LEVEL
    destinations: tuple[str, ...] = ()
    known: Neighbours | None = None
    tls: Callable[[str, int], Handshake] | None = None
