"""Counts of partners and of how logins ended, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import func
from sqlalchemy import select

from broker.ports import Role
from broker.ports.outcomes import OutcomeCount
from broker.storage.tables import audit
from broker.storage.tables import partner


class SqlCounts:
    """``Counts`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def partners(self) -> dict[Role, int]:
        query = select(partner.c.role, func.count()).group_by(partner.c.role)
        with self._engine.connect() as connection:
            return {Role(role): int(count) for role, count in connection.execute(query)}

    def outcomes(self, entity_id: str, since: datetime) -> Sequence[OutcomeCount]:
        times = func.count().label("times")
        query = (
            select(audit.c.outcome, times)
            .where(audit.c.dienstverlener == entity_id, audit.c.at >= since)
            .group_by(audit.c.outcome)
            .order_by(times.desc(), audit.c.outcome)
        )
        with self._engine.connect() as connection:
            return [OutcomeCount(outcome, int(count)) for outcome, count in connection.execute(query)]
