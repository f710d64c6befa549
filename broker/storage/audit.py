"""Writing the audit log in SQL.

It stands in the same database as what it reports on, so that one migration, one backup and one failover serve
both; the table has no column that could hold personal data.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import Engine
from sqlalchemy import insert

from broker.ports.audit import AuditRecord
from broker.ports.audit import ChainWriter
from broker.ports.audit import Sealed
from broker.storage.tables import audit
from broker.storage.tables import audit_opening

_WRITE = insert(audit)
_OPEN = insert(audit_opening)


class SqlAuditLog:
    """An ``AuditLog`` over an engine of ``make_engine``, whose commits are durable. Safe for threads and forks."""

    def __init__(self, engine: Engine, begin: Callable[[], ChainWriter]) -> None:
        """``begin`` begins a chain: each thread has its own, from its first record on."""
        self._engine = engine
        self._begin = begin
        self._own = threading.local()

    def write(self, record: AuditRecord) -> None:
        chain = self._chain()
        # Nobody knows whether a commit that failed halfway was carried out, so whoever fails begins another chain.
        self._own.chain = None
        sealed = chain.seal(record)
        with self._engine.begin() as connection:
            if sealed.sequence == 1:
                opening = asdict(chain.opening)
                connection.execute(_OPEN, opening)
            connection.execute(_WRITE, _row(sealed))
        self._own.chain = chain

    def _chain(self) -> ChainWriter:
        # A chain that began before a fork is of the process that began it.
        if getattr(self._own, "process", None) != os.getpid():
            self._own.process = os.getpid()
            self._own.chain = None
        chain: ChainWriter | None = self._own.chain
        return self._begin() if chain is None else chain


def _row(sealed: Sealed) -> dict[str, object]:
    record = sealed.record
    return {
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
        "writer": sealed.writer,
        "sequence": sealed.sequence,
        "previous": sealed.previous,
        "digest": sealed.digest,
        "signature": sealed.signature,
    }
