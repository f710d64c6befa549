"""What an operator should look at now."""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy import func
from sqlalchemy import select

from broker.storage.tables import document_source
from broker.storage.tables import expiry
from broker.storage.tables import partner
from broker.storage.tables import partner_version

_MOST = 10


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate or document of a partner that ends soon, or has ended."""

    entity_id: str
    label: str
    use: str
    not_after: datetime


@dataclass(frozen=True, slots=True)
class FailingFetch:
    """A partner whose documents could not be fetched: how often in a row, and what came of the last time."""

    entity_id: str
    failures: int
    last_outcome: str
    last_good_at: datetime | None


@dataclass(frozen=True, slots=True)
class NeedsAttention:
    """All of it; the lists hold the most urgent, the numbers count all."""

    waiting: int
    endings: tuple[Ending, ...]
    endings_in_all: int
    failing: tuple[FailingFetch, ...]
    suspended: int


class Attention:
    """Looks through the tables that are kept for it; reads no document."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self, now: datetime, soon: timedelta) -> NeedsAttention:
        """What waits for somebody, ends within ``soon``, or does not work."""
        ends_soon = expiry.c.not_after <= now + soon
        endings = select(expiry).where(ends_soon).order_by(expiry.c.not_after).limit(_MOST)
        failing = (
            select(document_source)
            .where(document_source.c.failures > 0)
            .order_by(document_source.c.failures.desc())
            .limit(_MOST)
        )
        waiting = select(func.count()).where(partner_version.c.state == "waiting")
        suspended = select(func.count()).where(partner.c.suspended_at.is_not(None))
        with self._engine.connect() as connection:
            return NeedsAttention(
                waiting=connection.execute(waiting).scalar_one(),
                endings=tuple(
                    Ending(row["entity_id"], row["label"], row["use"], row["not_after"])
                    for row in connection.execute(endings).mappings()
                ),
                endings_in_all=connection.execute(select(func.count()).where(ends_soon)).scalar_one(),
                failing=tuple(
                    FailingFetch(
                        row["entity_id"], row["failures"], row["last_outcome"] or "", row["last_good_at"]
                    )
                    for row in connection.execute(failing).mappings()
                ),
                suspended=connection.execute(suspended).scalar_one(),
            )
