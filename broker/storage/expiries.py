"""What ends, in SQL: an index on the moment, so the cost follows what is found."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Engine
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from broker.ports import Role
from broker.ports.expiries import Expiring
from broker.ports.partner_index import IndexedExpiry
from broker.storage.tables import expiry
from broker.storage.tables import partner

_JOINED = expiry.outerjoin(partner, partner.c.entity_id == expiry.c.entity_id)
_ENDED = (expiry.c.not_after < bindparam("moment"), partner.c.suspended_at.is_(None))
_BEFORE = (
    select(expiry, partner.c.role, partner.c.name)
    .select_from(_JOINED)
    .where(*_ENDED)
    .order_by(expiry.c.not_after, expiry.c.entity_id, expiry.c.use, expiry.c.fingerprint)
    .limit(bindparam("at_most"))
)
_COUNT = select(func.count()).select_from(_JOINED).where(*_ENDED)
_LABEL = cast(String, expiry.c.label.type)
_CLEAR = delete(expiry).where(expiry.c.entity_id == bindparam("asked"))


class SqlExpiries:
    """``Expiries`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def before(self, moment: datetime, *, limit: int) -> Sequence[Expiring]:
        with self._engine.connect() as connection:
            rows = connection.execute(_BEFORE, {"moment": moment, "at_most": limit}).mappings().all()
        return [
            Expiring(
                entity_id=row["entity_id"],
                role=Role(row["role"]) if row["role"] else None,
                name=row["name"] or row["entity_id"],
                use=row["use"],
                fingerprint=row["fingerprint"],
                label=row["label"],
                not_after=row["not_after"],
            )
            for row in rows
        ]

    def count_before(self, moment: datetime) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(_COUNT, {"moment": moment}).scalar_one())

    def replace(self, entity_id: str, ends: Iterable[IndexedExpiry]) -> None:
        rows = [
            {
                "entity_id": entity_id,
                "use": each.use,
                "fingerprint": each.fingerprint,
                "label": each.label[: _LABEL.length],
                "not_after": each.not_after,
            }
            for each in ends
        ]
        with self._engine.begin() as connection:
            connection.execute(_CLEAR, {"asked": entity_id})
            if rows:
                connection.execute(insert(expiry), rows)
