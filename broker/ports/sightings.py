"""Which partner was seen to have, or to use, which of our keys."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from broker.ports import Role


class Seen(StrEnum):
    """How a partner was seen with a key of ours; only what a partner can be held to."""

    FETCHED = "fetched"
    """It fetched our metadata with this key in it, at the address that only this partner was given."""
    ACCEPTED = "accepted"
    """It answered a question of ours that was signed with it: an authenticatiedienst, register or berichtenservice."""
    RECEIVED = "received"
    """It was given an artifact's message signed with it; whether it believed that, nobody tells us."""
    CONFIRMED = "confirmed"
    """An operator was told so."""


PROOF = (Seen.FETCHED, Seen.ACCEPTED, Seen.CONFIRMED)
"""By which a partner is known to know a key."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A partner seen with a key, by the fingerprint of its certificate, the first and the last time."""

    entity_id: str
    fingerprint: str
    how: Seen
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Unseen:
    """A partner in force that is not known to know a key."""

    entity_id: str
    role: Role
    name: str


class SightingLog(Protocol):
    """The sightings, one row for each partner, key and way of seeing: it does not grow with use."""

    def note(self, seen: Iterable[tuple[str, str, Seen]], at: datetime) -> None:
        """Keep (entityID, fingerprint, how) of this moment, all together."""

    def of_partner(self, entity_id: str) -> Sequence[Sighting]:
        """All sightings of one partner, by key."""

    def counts(self) -> dict[tuple[str, Seen], int]:
        """How many partners were seen, by fingerprint and way of seeing."""

    def without(self, fingerprint: str, *, limit: int, after: str = "") -> Sequence[Unseen]:
        """Partners in force without proof that they know this key, by entityID, from the one after ``after`` on."""

    def count_without(self, fingerprint: str) -> int:
        """How many those are."""
