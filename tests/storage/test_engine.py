"""Engines: durable, discreet, and safe to fork with."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from broker.storage.engine import make_engine
from broker.storage.engine import state_engine

FORK = """
import os, sys
from sqlalchemy import text
from broker.storage.engine import make_engine, state_engine
engines = [make_engine(sys.argv[1])]
engines.append(state_engine(engines[0]))
for engine in engines:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert engine.pool.checkedin() == 1
child = os.fork()
for engine in engines:
    if child == 0:
        assert engine.pool.checkedin() == 0, "inherited a connection"
    for _ in range(50):
        with engine.connect() as connection:
            assert connection.execute(text("SELECT :pid"), {"pid": os.getpid()}).scalar() == os.getpid()
    engine.dispose()
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


def test_a_forked_process_inherits_no_connection(empty_database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORK, empty_database],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def _pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_waits_for_the_disk_except_for_state(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    full, normal = 2, 1
    for_state = state_engine(engine)
    assert (_pragma(engine, "synchronous"), _pragma(for_state, "synchronous")) == (full, normal)
    assert (_pragma(engine, "journal_mode"), _pragma(for_state, "journal_mode")) == ("wal", "wal")
    assert (_pragma(engine, "foreign_keys"), _pragma(engine, "busy_timeout")) == (1, 5000)
    engine.dispose()
    for_state.dispose()


def test_an_error_does_not_show_the_values_it_was_about(engine: Engine) -> None:
    with pytest.raises(SQLAlchemyError) as failure, engine.begin() as connection:
        connection.execute(text("SELECT :kvk FROM no_such_table"), {"kvk": "90001354"})
    assert "90001354" not in str(failure.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://user:geheim@host/name"])
def test_a_database_we_do_not_support_is_refused(url: str) -> None:
    with pytest.raises(ValueError) as refusal:
        make_engine(url)
    assert "geheim" not in str(refusal.value)


def test_disposing_of_an_engine_closes_the_connections_for_state_too(engine: Engine) -> None:
    for_state = state_engine(engine)
    with for_state.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert for_state.pool.checkedin() >= 1  # type: ignore[attr-defined]
    engine.dispose()
    assert for_state.pool.checkedin() == 0  # type: ignore[attr-defined]
