"""How logins ended, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broker.ports import Role


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How often logins at a dienstverlener ended in one way."""

    outcome: str
    times: int


class Counts(Protocol):
    """Counts for people, each from an index."""

    def partners(self) -> dict[Role, int]:
        """How many partners there are in each role."""

    def outcomes(self, entity_id: str, since: datetime) -> Sequence[OutcomeCount]:
        """How logins at a dienstverlener ended since a moment, the most frequent first."""
