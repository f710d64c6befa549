"""The audit log in SQL.

It stands in the same database as what it reports on, so that one migration, one backup and one failover serve
both; the table has no column that could hold personal data.
"""

import secrets
import time
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select

from broker.ports import AuditRecord
from broker.storage.tables import audit

_WRITE = insert(audit)
_FIND = select(audit).where(audit.c.reference == bindparam("asked")).order_by(audit.c.at, audit.c.id)


class SqlAuditLog:
    """An ``AuditLog`` over an engine of ``make_engine``, whose commits are durable. Only adds and reads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, record: AuditRecord) -> None:
        values = {
            "id": f"{time.time_ns():020d}-{secrets.token_hex(8)}",
            "reference": record.reference,
            "at": record.at,
            "outcome": record.outcome,
            "dienstverlener": record.dienstverlener,
            "service_id": record.service_id,
            "authenticatiedienst": record.authenticatiedienst,
            "registers": list(record.registers),
            "level": record.level,
            "request_id": record.request_id,
        }
        with self._engine.begin() as connection:
            connection.execute(_WRITE, values)

    def find(self, reference: str) -> Sequence[AuditRecord]:
        with self._engine.connect() as connection:
            rows = connection.execute(_FIND, {"asked": reference}).mappings().all()
        return [
            AuditRecord(
                reference=row["reference"],
                at=row["at"],
                outcome=row["outcome"],
                dienstverlener=row["dienstverlener"],
                service_id=row["service_id"],
                authenticatiedienst=row["authenticatiedienst"],
                registers=tuple(row["registers"]),
                level=row["level"],
                request_id=row["request_id"],
            )
            for row in rows
        ]
