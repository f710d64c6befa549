"""The state store in SQL: the default of a single machine, and possible on PostgreSQL for several.

Each method is one statement that commits by itself; the database's own row lock makes it atomic between
threads, processes and nodes. Expiry compares with the clock of the calling node: nodes that take part in SAML
keep their clocks equal anyway.
"""

import time
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count as counter_from
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import Executable
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from broker.ports import StateStoreUnavailable
from broker.storage.tables import state
from broker.storage.upsert import INSERTS
from broker.storage.upsert import Insert

PURGE_EVERY = 200
"""Writes of one process between two purges of expired rows."""

PURGE_AT_MOST = 1000
"""Rows one purge deletes: more than PURGE_EVERY, so that it always gains, and few enough to go unnoticed."""

_row = state.c
# Other names than those of the columns, which SQLAlchemy keeps for itself in INSERT and UPDATE.
_key = bindparam("k", type_=_row.key.type)
_value = bindparam("v", type_=_row.value.type)
_until = bindparam("until", type_=_row.expires_at.type)
_now = bindparam("now", type_=_row.expires_at.type)
_same_and_alive = (_row.key == _key) & (_row.expires_at > _now)

GET = select(_row.value, _row.counter).where(_same_and_alive)
TAKE = delete(state).where(_same_and_alive).returning(_row.value, _row.counter)
SWAP = (
    update(state)
    .where(_same_and_alive, _row.value == bindparam("old", type_=_row.value.type), _row.counter.is_(None))
    .values(value=_value, expires_at=_until)
)
DROP = delete(state).where(_row.key == _key)
# SKIP LOCKED (SQLite has and needs no such thing): two purges at once on PostgreSQL must not wait for each other.
# MATERIALIZED: PostgreSQL may run a plain subquery once for every row, and then its LIMIT bounds nothing.
_expired_keys = (
    select(_row.key)
    .where(_row.expires_at <= _now)
    .limit(PURGE_AT_MOST)
    .with_for_update(skip_locked=True)
    .cte("expired")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
PURGE = delete(state).where(_row.key.in_(select(_expired_keys.c.key)), _row.expires_at <= _now)


@dataclass(frozen=True, slots=True)
class _Inserts:
    put: Executable
    claim: Executable
    count: Executable


def _inserts(insert: Insert) -> _Inserts:
    start = insert.values(key=_key, value=_value, counter=None, expires_at=_until)
    fresh = {"value": start.excluded.value, "counter": None, "expires_at": start.excluded.expires_at}
    put = start.on_conflict_do_update(index_elements=[_row.key], set_=fresh)
    claim = start.on_conflict_do_update(index_elements=[_row.key], set_=fresh, where=_row.expires_at <= _now)
    first = insert.values(key=_key, value=b"", counter=1, expires_at=_until)
    expired = _row.expires_at <= _now
    add_one = {
        "value": b"",
        "counter": case((expired, literal(1)), else_=func.coalesce(_row.counter, 0) + 1),
        "expires_at": case((expired, first.excluded.expires_at), else_=_row.expires_at),
    }
    count = first.on_conflict_do_update(index_elements=[_row.key], set_=add_one)
    return _Inserts(put, claim.returning(_row.key), count.returning(_row.counter))


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a statement: its one row, if it gave one, and how many rows it changed."""

    row: tuple[Any, ...] | None
    count: int


_INSERTS = {dialect: _inserts(insert(state)) for dialect, insert in INSERTS.items()}


class SqlStateStore:
    """A ``StateStore`` over an engine made by ``state_engine`` (each statement must commit by itself)."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._insert = _INSERTS[engine.dialect.name]
        self._writes = counter_from(1)

    def put(self, key: str, value: bytes, ttl: int) -> None:
        self._run(self._insert.put, {"k": key, "v": value, "until": self._now() + ttl * 1000})
        self._purge_now_and_then()

    def get(self, key: str) -> bytes | None:
        return _content(self._run(GET, {"k": key, "now": self._now()}))

    def take(self, key: str) -> bytes | None:
        return _content(self._run(TAKE, {"k": key, "now": self._now()}))

    def claim(self, key: str, ttl: int) -> bool:
        now = self._now()
        parameters = {"k": key, "v": b"", "until": now + ttl * 1000, "now": now}
        claimed = self._run(self._insert.claim, parameters).row is not None
        self._purge_now_and_then()
        return claimed

    def swap(self, key: str, old: bytes, new: bytes, ttl: int) -> bool:
        now = self._now()
        parameters = {"k": key, "old": old, "v": new, "until": now + ttl * 1000, "now": now}
        return self._run(SWAP, parameters).count == 1

    def count(self, key: str, ttl: int) -> int:
        now = self._now()
        row = self._run(self._insert.count, {"k": key, "until": now + ttl * 1000, "now": now}).row
        self._purge_now_and_then()
        if row is None:
            raise StateStoreUnavailable("the state store in SQL did not count")
        return int(row[0])

    def drop(self, key: str) -> None:
        self._run(DROP, {"k": key})

    def ping(self) -> None:
        self._run(GET, {"k": "ping", "now": self._now()})

    def _run(self, statement: Executable, parameters: Mapping[str, object]) -> Ran:
        """Execute and commit one statement. Raises ``StateStoreUnavailable``."""
        try:
            with self._engine.connect() as connection:
                result = connection.execute(statement, parameters)
                # Reading past the row ends the statement, and only then has SQLite committed DELETE ... RETURNING.
                row = result.one_or_none() if result.returns_rows else None
                return Ran(None if row is None else tuple(row), result.rowcount)
        except SQLAlchemyError as error:
            raise StateStoreUnavailable("the state store in SQL did not answer") from error

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _purge_now_and_then(self) -> None:
        if next(self._writes) % PURGE_EVERY == 0:
            # The caller's own write has been committed; a purge that fails now succeeds another time.
            with suppress(StateStoreUnavailable):
                self._run(PURGE, {"now": self._now()})


def _content(ran: Ran) -> bytes | None:
    if ran.row is None:
        return None
    value, counter = ran.row
    return bytes(value) if counter is None else str(counter).encode()
