"""SQLAlchemy engines for the two databases we support, set up so that a commit means what it says.

An engine may be made before or after gunicorn forks: idle connections are closed before every fork, so that
no process ever inherits one (a shared socket mixes up answers; a shared SQLite handle loses its locks). Only
a connection that is in use at the moment of the fork would be shared, so do not fork inside a transaction.
"""

import os
import sqlite3
import time
from typing import Any
from weakref import WeakSet

from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.engine import make_url

BUSY_TIMEOUT_SECONDS = 5
"""How long a writer waits for another writer of the same SQLite file. Past it: 503, and the person may try again."""

CONNECT_TIMEOUT_SECONDS = 5
"""For a connection to PostgreSQL. Past it: 503, and the person may try again."""

POOL_TIMEOUT_SECONDS = 5
"""For one of the connections of a process, which all are in use. Past it: 503, and the person may try again."""

# RETURNING came with 3.35 (March 2021).
MINIMAL_SQLITE = (3, 35, 0)

_engines: WeakSet[Engine] = WeakSet()


def _close_idle_connections() -> None:
    for engine in list(_engines):
        engine.dispose()


os.register_at_fork(before=_close_idle_connections)


def make_engine(url: str) -> Engine:
    """An engine for ``sqlite:///file`` or ``postgresql://`` (psycopg 3; several hosts if there is a standby).

    A commit is durable when it returns: SQLite runs in WAL mode with ``synchronous=FULL``, because a
    machtiging that was revoked and an outcome that was audited must outlive a power cut. Exceptions of this
    engine never show the parameters of a statement, which may be personal data. Raises ValueError for another
    database, for SQLite in memory (each connection would see a database of its own) and for a SQLite library
    older than 3.35.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed, synchronous="FULL")
    if backend == "postgresql":
        return _postgresql(parsed)
    raise ValueError(f"database {backend!r} is not supported: use sqlite:///file or postgresql://")


def state_engine(engine: Engine) -> Engine:
    """The engine for short-lived state in the same database: each statement commits by itself.

    On SQLite it has connections of its own with ``synchronous=NORMAL``: a crash of a process loses nothing, a
    power cut may lose the last moments of running logins, and each call is spared a wait for the disk.
    Disposing of ``engine`` closes these connections too.
    """
    if engine.dialect.name == "sqlite":
        for_state = _sqlite(engine.url, synchronous="NORMAL", isolation_level="AUTOCOMMIT")
        event.listen(engine, "engine_disposed", lambda _: for_state.dispose())
        return for_state
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _sqlite(url: URL, *, synchronous: str, **options: Any) -> Engine:
    if sqlite3.sqlite_version_info < MINIMAL_SQLITE:
        raise ValueError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
    if url.database in (None, "", ":memory:"):
        raise ValueError("SQLite in memory is not supported: name a file, sqlite:///path/to/file")
    engine = _make(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        _switch_to_wal(connection)
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not call its busy handler while it changes the journal mode, so processes that open a new
    # file together would fail at once instead of waiting for each other.
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _postgresql(url: URL) -> Engine:
    # A server that is gone must be noticed within seconds; what the operator's URL says comes first.
    limits = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "tcp_user_timeout": 10_000}
    connect_args = {name: value for name, value in limits.items() if name not in url.query}
    return _make(url, connect_args=connect_args, pool_pre_ping=True)


def _make(url: URL, **options: Any) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_timeout=POOL_TIMEOUT_SECONDS, **options)
    _engines.add(engine)
    return engine
