"""The history of changes in SQL."""

import secrets
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Select
from sqlalchemy import insert
from sqlalchemy import select

from broker.ports.changes import WORDS
from broker.ports.changes import Change
from broker.storage.tables import change

_WRITE = insert(change)
_LATEST = select(change).order_by(change.c.at.desc(), change.c.id.desc())


class SqlChangeLog:
    """A ``ChangeLog`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, change: Change) -> None:
        with self._engine.begin() as connection:
            write_change(connection, change)

    def of(self, subject: str, limit: int = 100) -> Sequence[Change]:
        return self._read(_LATEST.where(change.c.subject == subject).limit(limit))

    def latest(self, limit: int = 100) -> Sequence[Change]:
        return self._read(_LATEST.limit(limit))

    def _read(self, query: Select[Any]) -> Sequence[Change]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Change(row["at"], row["who"], row["what"], row["subject"], row["why"], row["detail"])
            for row in rows
        ]


def write_change(connection: Connection, change: Change) -> None:
    """Add a change in the transaction of ``connection``: it is kept exactly when what it tells of is."""
    write_changes(connection, [change])


def write_changes(connection: Connection, changes: Sequence[Change]) -> None:
    """Add changes, in this order, in the transaction of ``connection``."""
    if changes:
        connection.execute(_WRITE, [_values(change) for change in changes])


def _values(change: Change) -> dict[str, Any]:
    if change.what not in WORDS:
        raise ValueError(
            f"{change.what!r} is no word of the history: add it to ports.changes.WORDS, with its texts"
        )
    return {
        "id": f"{time.time_ns():020d}-{secrets.token_hex(8)}",
        "at": change.at,
        "who": change.who,
        "what": change.what,
        "subject": change.subject,
        "why": change.why,
        "detail": dict(change.detail),
    }
