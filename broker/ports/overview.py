"""Lists of partners, for whoever looks after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broker.ports import Role
from broker.ports.versions import VersionState


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A line of a list: ``state`` is ``active`` for who is connected, else that of its newest version.

    ``version`` is the number of that version, None where none was kept yet. ``ends_at`` is when the first of its
    certificates or its metadata ends.
    """

    entity_id: str
    name: str
    role: Role
    state: VersionState
    version: int | None = None
    suspended_at: datetime | None = None
    ends_at: datetime | None = None


class Overview(Protocol):
    """What there is of partners, a page at a time."""

    def lines(
        self, search: str = "", role: Role | None = None, after: str = "", limit: int = 50
    ) -> Sequence[PartnerLine]:
        """Who is connected, by entityID from ``after`` on; ``search`` is a part of a name or entityID."""

    def line(self, entity_id: str) -> PartnerLine | None:
        """One partner as a list shows it: connected, or a newcomer; None for whoever never handed anything over."""

    def newcomers(self) -> Sequence[PartnerLine]:
        """Who has a version that may still come in force, and is not connected."""
