"""The state store in SQLite, past SQLAlchemy: the embedded default, asked some twenty times in a login.

The statements are those of ``sql_state``, compiled to text once; what is left out is SQLAlchemy's work around each
execution, which measured ten of the forty-eight CPU milliseconds of a login (bench/README.md).
"""

import os
import sqlite3
import time
from collections.abc import Callable
from collections.abc import Mapping
from functools import cache
from queue import Empty
from queue import LifoQueue

from sqlalchemy import Engine
from sqlalchemy import Executable
from sqlalchemy import event
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

from broker.ports import StateStoreUnavailable
from broker.storage.engine import BUSY_TIMEOUT_SECONDS
from broker.storage.sql_state import Ran
from broker.storage.sql_state import SqlStateStore

_DIALECT = sqlite.dialect(paramstyle="named")


class SqliteStateStore(SqlStateStore):
    """A ``StateStore`` in the SQLite file of an engine, over connections of its own.

    A connection is used by one thread at a time and never by the child of a fork. They are closed when the engine is
    disposed of.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        super().__init__(engine, clock)
        self._path = str(engine.url.database)
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._process = os.getpid()
        event.listen(engine, "engine_disposed", lambda _: self._close())

    def _run(self, statement: Executable, parameters: Mapping[str, object]) -> Ran:
        text, constants = _compiled(statement)
        try:
            connection = self._take_connection()
            try:
                cursor = connection.execute(text, {**constants, **parameters})
                # Reading past the row ends the statement, and only then has SQLite committed DELETE ... RETURNING.
                rows = cursor.fetchall()
            except sqlite3.Error:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise StateStoreUnavailable("the state store in SQLite did not answer") from error
        self._idle.put(connection)
        return Ran(rows[0] if rows else None, cursor.rowcount)

    def _take_connection(self) -> sqlite3.Connection:
        if self._process != os.getpid():
            # What was inherited belongs to the parent; it is forgotten here, and stays open there.
            self._idle, self._process = LifoQueue(), os.getpid()
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        # See ``engine.state_engine`` for why NORMAL is enough here; the file is in WAL mode already.
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _close(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


@cache
def _compiled(statement: Executable) -> tuple[str, Mapping[str, object]]:
    """The text of a statement, and the values that stand in the statement itself."""
    if not isinstance(statement, ClauseElement):
        raise TypeError("only statements of sql_state are run here")
    compiled = statement.compile(dialect=_DIALECT)
    return str(compiled), compiled.params
