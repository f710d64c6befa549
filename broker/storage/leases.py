"""Whose turn a schedule is, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy import update

from broker.ports.work import Lease
from broker.storage.tables import lease
from broker.storage.upsert import replacing


class SqlLeases:
    """A ``LeaseStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, name: str, tick: int, holder: str, now: datetime, until: datetime) -> bool:
        free = and_(lease.c.tick < tick, lease.c.until <= now)
        values = {"name": name, "holder": holder, "until": until, "tick": tick}
        with self._engine.begin() as connection:
            statement = replacing(lease, where=free)[self._engine.dialect.name].returning(lease.c.tick)
            return connection.execute(statement, values).first() is not None

    def done(self, name: str, tick: int, holder: str, now: datetime) -> None:
        own = (lease.c.name == name, lease.c.tick == tick, lease.c.holder == holder)
        with self._engine.begin() as connection:
            connection.execute(update(lease).where(*own).values(until=now))

    def every(self) -> Sequence[Lease]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(lease)).mappings().all()
        found = (Lease(**{name: row[name] for name in Lease.__slots__}) for row in rows)
        return sorted(found, key=lambda each: each.name)
