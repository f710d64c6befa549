"""The schema: from nothing, again, all at once, and never halfway."""

import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import ProgrammingError

from broker.domain.connection import STANDARD
from broker.ports import Source
from broker.storage import migrations
from broker.storage.engine import make_engine
from broker.storage.migrations import HEAD
from broker.storage.migrations import upgrade
from broker.storage.registry import SqlRegistry
from broker.storage.tables import metadata
from tests.ports import free_port
from tests.storage.racing import Processes
from tests.storage.racing import in_threads
from tests.storage.racing import upgrade_at_once


@pytest.fixture
def empty(empty_database: str) -> Iterator[Engine]:
    engine = make_engine(empty_database)
    yield engine
    engine.dispose()


def test_an_empty_database_gets_exactly_the_tables_of_the_code(empty: Engine) -> None:
    upgrade(empty)
    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_second_upgrade_changes_nothing_and_is_quick(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("INSERT INTO organisation VALUES ('12345678', NULL, 'Naam', '[]')"))
    durations = []
    for _ in range(3):
        began = time.perf_counter()
        upgrade(empty)
        durations.append(time.perf_counter() - began)
    assert min(durations) < 0.05
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM organisation")).scalar() == 1


def test_an_upgrade_with_nothing_to_do_does_not_import_alembic(empty_database: str) -> None:
    engine = make_engine(empty_database)
    upgrade(engine)
    engine.dispose()
    script = (
        "import sys; from broker.storage.engine import make_engine; "
        "from broker.storage.migrations import upgrade; "
        "upgrade(make_engine(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, empty_database], check=False).returncode == 0


def test_the_head_that_is_written_down_is_that_of_the_scripts() -> None:
    assert ScriptDirectory(migrations.__path__[0]).get_heads() == [HEAD]


def test_threads_that_upgrade_at_once_all_find_a_finished_schema(empty: Engine) -> None:
    in_threads(lambda _: upgrade(empty), callers=5)
    assert set(inspect(empty).get_table_names()) == {*metadata.tables, "alembic_version"}


@pytest.mark.slow
def test_processes_that_upgrade_at_once_all_find_a_finished_schema(
    empty_database: str, processes: Processes
) -> None:
    processes.each(upgrade_at_once, empty_database)
    engine = make_engine(empty_database)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    engine.dispose()


def test_an_upgrade_that_fails_leaves_nothing_behind(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE ketenrelatie (in_the_way INTEGER)"))
    with pytest.raises((OperationalError, ProgrammingError)):
        upgrade(empty)
    assert inspect(empty).get_table_names() == ["ketenrelatie"]


def test_a_database_of_a_newer_version_is_left_as_it_is(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    upgrade(empty)
    with empty.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "r9999"


def test_a_database_out_of_reach_is_an_error() -> None:
    engine = make_engine(f"postgresql://makelaar@127.0.0.1:{free_port()}/makelaar")
    with pytest.raises(OperationalError):
        upgrade(engine)


def test_what_the_version_before_wrote_is_read_by_this_one(empty: Engine) -> None:
    """While nodes are replaced one by one, the version before still writes rows without the newer columns."""
    upgrade(empty)
    row = {
        "entity_id": "urn:etoegang:DV:00000099000000004000:entities:9001",
        "source_id": b"s" * 20,
        "role": "DV",
        "metadata": b"<md/>",
        "content_hash": "00",
        "added_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    with empty.begin() as connection:
        connection.execute(metadata.tables["partner"].insert(), row)
    record = SqlRegistry(empty).find(str(row["entity_id"]))
    assert record is not None
    assert record.connection == STANDARD
    assert record.source is Source.OPERATOR


MACHTIGING = {
    "subject": "a person",
    "company": "90000011",
    "level": "loa3",
    "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
    "valid_until": datetime(2027, 1, 1, tzinfo=UTC),
}


def test_what_is_there_survives_an_upgrade_and_no_way_back_makes_a_machtiging_wider(empty: Engine) -> None:
    move(empty, command.upgrade, "r0001")
    machtiging = metadata.tables["machtiging"]
    with empty.begin() as connection:
        connection.execute(machtiging.insert(), MACHTIGING | {"id": "old"})
    upgrade(empty)
    with empty.begin() as connection:
        assert connection.execute(select(machtiging.c.id, machtiging.c.subdossier)).all() == [("old", None)]
        connection.execute(machtiging.insert(), MACHTIGING | {"id": "part", "subdossier": "0001"})

    move(empty, command.downgrade, "r0001")

    with empty.connect() as connection:
        assert set(connection.execute(text("SELECT id FROM machtiging")).scalars()) == {"old"}


def move(engine: Engine, step: Callable[[Config, str], None], revision: str) -> None:
    """Bring a database to one revision."""
    config = Config()
    config.set_main_option("script_location", "broker.storage:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        step(config, revision)
