"""`makelaar db`: the schema, before any node starts."""

from pathlib import Path

from sqlalchemy import text

from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.migrations import HEAD
from broker.storage.migrations import is_current
from tests.cli.conftest import Installation
from tests.ports import free_port


def test_an_empty_database_is_brought_to_this_version_once(nothing: Installation) -> None:
    before = nothing.run("db", "status")
    assert (before.exit_code, before.stdout) == (1, f"r0000, this version needs {HEAD}\n")
    assert "makelaar db upgrade" in before.stderr
    assert nothing.run("db", "upgrade").stdout == f"r0000 -> {HEAD}\n"
    assert is_current(make_engine(nothing.settings.database(MAKELAAR)))
    assert nothing.run("db", "upgrade").stdout == f"{HEAD}: nothing to do\n"
    after = nothing.run("db", "status")
    assert (after.exit_code, after.stdout) == (0, f"{HEAD}, this version needs {HEAD}\n")


def test_a_database_of_a_newer_version_is_left_as_it_is(installation: Installation) -> None:
    with make_engine(installation.settings.database(MAKELAAR)).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    assert installation.run("db", "upgrade").stdout == "r9999: nothing to do\n"
    assert installation.run("db", "status").exit_code == 0


def test_a_database_that_is_away_is_told_without_its_address(nothing: Installation, tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/nowhere/x.db", f"postgresql://user:secret@127.0.0.1:{free_port()}/x"):
        for command in ("upgrade", "status"):
            told = nothing.run("db", command, MAKELAAR_DATABASE_URL=url)
            assert told.exit_code == 1
            assert "the database does not answer" in told.stderr
            assert "secret" not in told.output
