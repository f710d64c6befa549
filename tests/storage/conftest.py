"""The databases and state stores that every contract test runs against."""

import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy import text

from broker.ports import StateStore
from broker.storage.engine import make_engine
from broker.storage.engine import state_engine
from broker.storage.memory_state import MemoryStateStore
from broker.storage.migrations import upgrade
from broker.storage.redis_client import connect
from broker.storage.redis_state import RedisStateStore
from broker.storage.sql_state import SqlStateStore
from broker.storage.sqlite_state import SqliteStateStore
from broker.storage.tables import metadata
from tests import services
from tests.storage.racing import Processes
from tests.storage.racing import racing_processes

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.production)]
STATE_STORES = ["memory", "sqlite-direct", *DATABASES, pytest.param("valkey", marks=pytest.mark.production)]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with services.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    with services.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    """Processes that race each other to a database."""
    with racing_processes() as started:
        yield started


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    """A new and empty database."""
    name = f"test_{uuid4().hex}"
    server = make_engine(postgresql_server)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    return postgresql_server.removesuffix("/postgres") + f"/{name}"


@pytest.fixture(params=DATABASES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/makelaar.db"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(scope="session")
def migrated() -> Iterator[Callable[[str], Engine]]:
    """From the URL of a database to its engine, with all tables; made once for all tests."""
    engines: dict[str, Engine] = {}

    def engine_of(url: str) -> Engine:
        if url not in engines:
            engines[url] = make_engine(url)
            upgrade(engines[url])
        return engines[url]

    yield engine_of
    for engine in engines.values():
        engine.dispose()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite") / "makelaar.db"


@contextmanager
def database(request: pytest.FixtureRequest, name: str) -> Iterator[Engine]:
    """A migrated database that all tests share, and that each leaves empty."""
    if name == "postgresql":
        url = request.getfixturevalue("postgresql_server")
    else:
        url = f"sqlite:///{request.getfixturevalue('sqlite_file')}"
    engine: Engine = request.getfixturevalue("migrated")(url)
    yield engine
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with all tables, which the test finds empty."""
    with database(request, request.param) as engine:
        yield engine


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Stored:
    """A state store, and how time passes for it."""

    store: StateStore
    wait: Callable[[float], None]


@pytest.fixture(params=STATE_STORES)
def stored(request: pytest.FixtureRequest) -> Iterator[Stored]:
    clock = Clock()
    if request.param == "memory":
        yield Stored(MemoryStateStore(clock), clock.wait)
    elif request.param == "sqlite-direct":
        with database(request, "sqlite") as engine:
            yield Stored(SqliteStateStore(engine, clock), clock.wait)
    elif request.param == "valkey":
        yield Stored(RedisStateStore(connect(request.getfixturevalue("valkey_server"))), time.sleep)
    else:
        with database(request, request.param) as engine:
            at_once = state_engine(engine)
            yield Stored(SqlStateStore(at_once, clock), clock.wait)
            at_once.dispose()


@pytest.fixture
def store(stored: Stored) -> StateStore:
    return stored.store


@pytest.fixture
def key() -> str:
    """A key that no other test uses."""
    return f"test:{uuid4()}"
