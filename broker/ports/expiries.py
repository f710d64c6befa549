"""Everything that ends, of us and of every partner, without reading a single document."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Protocol

from broker.ports import Role
from broker.ports.partner_index import IndexedExpiry


@dataclass(frozen=True, slots=True)
class Expiring:
    """One thing that ends. ``use`` is as in ``IndexedExpiry``; of ourselves it is own, client or listener.

    ``role`` is None of ourselves. ``fingerprint`` is empty for the validUntil of metadata.
    """

    entity_id: str
    role: Role | None
    name: str
    use: str
    fingerprint: str
    label: str
    not_after: datetime

    def days_left(self, now: datetime) -> int:
        """Whole days; negative once it has ended."""
        return (self.not_after - now) // timedelta(days=1)


class Expiries(Protocol):
    """What ends when; kept with each partner, and for ourselves by whoever looks after that."""

    def before(self, moment: datetime, *, limit: int) -> Sequence[Expiring]:
        """What ends before a moment, or has, of ourselves and of partners in force; soonest first."""

    def count_before(self, moment: datetime) -> int:
        """How much that is."""

    def replace(self, entity_id: str, ends: Iterable[IndexedExpiry]) -> None:
        """Keep exactly this of somebody."""
