"""The sightings of our keys in SQL."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from broker.ports import Role
from broker.ports.sightings import PROOF
from broker.ports.sightings import Seen
from broker.ports.sightings import Sighting
from broker.ports.sightings import Unseen
from broker.storage.tables import key_sighting
from broker.storage.tables import partner
from broker.storage.upsert import INSERTS
from broker.storage.upsert import Insert


def _noting(insert: Insert) -> Insert:
    """An INSERT that, where the row is there already, keeps when it was seen first."""
    last = {"last_at": insert.excluded["last_at"]}
    return insert.on_conflict_do_update(index_elements=list(key_sighting.primary_key.columns), set_=last)


_NOTE = {dialect: _noting(insert(key_sighting)) for dialect, insert in INSERTS.items()}
_OF = (
    select(key_sighting)
    .where(key_sighting.c.entity_id == bindparam("asked"))
    .order_by(key_sighting.c.fingerprint, key_sighting.c.how)
)
_COUNTS = select(key_sighting.c.fingerprint, key_sighting.c.how, func.count()).group_by(
    key_sighting.c.fingerprint, key_sighting.c.how
)
_PROOF = (
    select(key_sighting.c.entity_id)
    .where(
        key_sighting.c.entity_id == partner.c.entity_id,
        key_sighting.c.fingerprint == bindparam("asked"),
        key_sighting.c.how.in_([how.value for how in PROOF]),
    )
    .exists()
)


def _without(chosen: Select[Any]) -> Select[Any]:
    return chosen.where(~_PROOF, partner.c.suspended_at.is_(None))


_WITHOUT = (
    _without(select(partner.c.entity_id, partner.c.role, partner.c.name))
    .where(partner.c.entity_id > bindparam("after"))
    .order_by(partner.c.entity_id)
    .limit(bindparam("at_most"))
)
_COUNT_WITHOUT = _without(select(func.count()).select_from(partner))


class SqlSightingLog:
    """A ``SightingLog`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._note = _NOTE[engine.dialect.name]

    def note(self, seen: Iterable[tuple[str, str, Seen]], at: datetime) -> None:
        # Sorted, so that two processes never wait for each other's rows.
        rows = [
            {"entity_id": entity_id, "fingerprint": key, "how": how.value, "first_at": at, "last_at": at}
            for entity_id, key, how in sorted(set(seen))
        ]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(self._note, rows)

    def of_partner(self, entity_id: str) -> Sequence[Sighting]:
        with self._engine.connect() as connection:
            rows = connection.execute(_OF, {"asked": entity_id}).mappings().all()
        return [Sighting(**{**row, "how": Seen(row["how"])}) for row in rows]

    def counts(self) -> dict[tuple[str, Seen], int]:
        with self._engine.connect() as connection:
            rows = connection.execute(_COUNTS).all()
        return {(fingerprint, Seen(how)): count for fingerprint, how, count in rows}

    def without(self, fingerprint: str, *, limit: int, after: str = "") -> Sequence[Unseen]:
        values = {"asked": fingerprint, "after": after, "at_most": limit}
        with self._engine.connect() as connection:
            rows = connection.execute(_WITHOUT, values).all()
        return [Unseen(entity_id, Role(role), name or entity_id) for entity_id, role, name in rows]

    def count_without(self, fingerprint: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(_COUNT_WITHOUT, {"asked": fingerprint}).scalar_one())
