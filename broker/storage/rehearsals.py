"""Behaviour tests in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from broker.ports.changes import Change
from broker.ports.rehearsals import Rehearsal
from broker.storage.changes import write_change
from broker.storage.tables import rehearsal


class SqlRehearsals:
    """A ``RehearsalStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, rehearsal_: Rehearsal) -> None:
        change = Change(
            rehearsal_.started_at,
            rehearsal_.started_by,
            "rehearsal-started",
            rehearsal_.entity_id,
            detail={
                "kind": rehearsal_.kind,
                "service": rehearsal_.service_id,
                "version": rehearsal_.version_id,
            },
        )
        values = {name: getattr(rehearsal_, name) for name in rehearsal_.__slots__}
        with self._engine.begin() as connection:
            connection.execute(insert(rehearsal), values)
            write_change(connection, change)

    def find(self, rehearsal_id: str) -> Rehearsal | None:
        with self._engine.connect() as connection:
            query = select(rehearsal).where(rehearsal.c.id == rehearsal_id)
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _read(row)

    def of(self, entity_id: str, limit: int = 200) -> Sequence[Rehearsal]:
        query = (
            select(rehearsal)
            .where(rehearsal.c.entity_id == entity_id)
            .order_by(rehearsal.c.started_at.desc(), rehearsal.c.id.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    def answered(self, rehearsal_id: str, reference: str, at: datetime) -> None:
        self._set(rehearsal_id, reference=reference, answered_at=at)

    def resolved(self, rehearsal_id: str, at: datetime) -> None:
        self._set(rehearsal_id, resolved_at=at)

    def asked_again(self, rehearsal_id: str, at: datetime) -> None:
        self._set(rehearsal_id, asked_again_at=at)

    def saw(self, rehearsal_id: str, seen: str, who: str, at: datetime) -> None:
        self._set(rehearsal_id, seen=seen, seen_by=who, seen_at=at)

    def _set(self, rehearsal_id: str, **values: str | datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(rehearsal).where(rehearsal.c.id == rehearsal_id).values(values))


def _read(row: RowMapping) -> Rehearsal:
    return Rehearsal(**{name: row[name] for name in Rehearsal.__slots__})
