"""The conformance log in SQL: one row per partner and tolerance, so it does not grow with use."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import select

from broker.ports import Deviation
from broker.storage.tables import conformance
from broker.storage.upsert import INSERTS
from broker.storage.upsert import Insert


def _counting(insert: Insert, table: Table) -> Insert:
    """An INSERT that, where the row is there already, keeps when it was seen first and counts the hours.

    Several processes note what they see in the same hour; ``hour`` is when that began.
    """
    is_new_hour = table.c.last_at < bindparam("hour", type_=table.c.last_at.type)
    changed = {
        "last_at": insert.excluded["last_at"],
        "reference": insert.excluded["reference"],
        "times": table.c.times + case((is_new_hour, 1), else_=0),
    }
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)


_NOTE = {dialect: _counting(insert(conformance), conformance) for dialect, insert in INSERTS.items()}
_OF = (
    select(conformance).where(conformance.c.entity_id == bindparam("asked")).order_by(conformance.c.tolerance)
)


class SqlConformanceLog:
    """A ``ConformanceLog`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._note = _NOTE[engine.dialect.name]

    def note(self, entity_id: str, tolerance: str, at: datetime, reference: str | None) -> None:
        values = {
            "entity_id": entity_id,
            "tolerance": tolerance,
            "first_at": at,
            "last_at": at,
            "times": 1,
            "reference": reference,
            "hour": at.replace(minute=0, second=0, microsecond=0),
        }
        with self._engine.begin() as connection:
            connection.execute(self._note, values)

    def of(self, entity_id: str) -> Sequence[Deviation]:
        with self._engine.connect() as connection:
            rows = connection.execute(_OF, {"asked": entity_id}).mappings().all()
        return [
            Deviation(
                entity_id=row["entity_id"],
                tolerance=row["tolerance"],
                first_at=row["first_at"],
                last_at=row["last_at"],
                times=row["times"],
                reference=row["reference"],
            )
            for row in rows
        ]
