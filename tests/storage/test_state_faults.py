"""A state store that does not answer says so, and works again when it is back."""

import inspect
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy import text

from broker.ports import StateStore
from broker.ports import StateStoreUnavailable
from broker.storage import engine as engine_module
from broker.storage.engine import make_engine
from broker.storage.engine import state_engine
from broker.storage.redis_client import connect
from broker.storage.redis_state import RedisStateStore
from broker.storage.sql_state import SqlStateStore
from broker.storage.state import open_state_store
from tests import services
from tests.ports import free_port

CALLS: dict[str, Callable[[StateStore], object]] = {
    "put": lambda store: store.put("key", b"value", 60),
    "get": lambda store: store.get("key"),
    "take": lambda store: store.take("key"),
    "claim": lambda store: store.claim("key", 60),
    "swap": lambda store: store.swap("key", b"old", b"new", 60),
    "count": lambda store: store.count("key", 60),
    "drop": lambda store: store.drop("key"),
    "ping": lambda store: store.ping(),
}


def test_every_method_of_the_port_is_tried_below() -> None:
    methods = {name for name, _ in inspect.getmembers(StateStore, inspect.isfunction)}
    assert {name for name in methods if not name.startswith("_")} == set(CALLS)


@pytest.fixture(params=["sqlite", "postgresql", "redis", "sentinel"])
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    port = free_port()
    if request.param == "redis":
        yield RedisStateStore(connect(f"redis://127.0.0.1:{port}/0"))
    elif request.param == "sentinel":
        yield RedisStateStore(connect(f"redis+sentinel://127.0.0.1:{port}/makelaar"))
    else:
        sqlite = f"sqlite:///{tmp_path}/no-such-folder/makelaar.db"
        url = sqlite if request.param == "sqlite" else f"postgresql://makelaar@127.0.0.1:{port}/makelaar"
        engine = state_engine(make_engine(url))
        yield SqlStateStore(engine)
        engine.dispose()


@pytest.mark.parametrize("method", CALLS)
def test_a_store_out_of_reach_refuses(unreachable: StateStore, method: str) -> None:
    with pytest.raises(StateStoreUnavailable):
        CALLS[method](unreachable)


def test_a_cluster_out_of_reach_refuses_when_it_is_opened() -> None:
    with pytest.raises(StateStoreUnavailable):
        connect(f"redis+cluster://127.0.0.1:{free_port()}")


def test_a_database_without_tables_refuses(empty_database: str) -> None:
    engine = state_engine(make_engine(empty_database))
    with pytest.raises(StateStoreUnavailable):
        SqlStateStore(engine).ping()
    engine.dispose()


@pytest.mark.production
def test_valkey_that_went_away_and_came_back_works_again() -> None:
    port = free_port()
    with services.valkey(port) as url:
        store = RedisStateStore(connect(url))
        store.ping()
    with pytest.raises(StateStoreUnavailable):
        store.claim("key", 60)
    with services.valkey(port):
        assert store.claim("key", 60)


@pytest.mark.production
def test_a_cluster_that_went_away_and_came_back_works_again() -> None:
    port = free_port()
    with services.valkey(port, cluster=True) as url:
        store = RedisStateStore(connect(url))
        store.ping()
    with pytest.raises(StateStoreUnavailable):
        store.claim("key", 60)
    with services.valkey(port, cluster=True):
        assert store.claim("key", 60)


@pytest.mark.production
def test_valkey_that_is_out_of_memory_refuses_claims() -> None:
    with services.valkey() as url:
        client = connect(url)
        client.execute_command("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StateStoreUnavailable):
            RedisStateStore(client).claim("key", 60)


@pytest.mark.production
def test_postgresql_that_ended_our_connections_is_connected_again(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    observer = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    with observer.connect() as connection:
        end_others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        )
        connection.execute(text(f"{end_others} AND pid <> pg_backend_pid()"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
    observer.dispose()


def test_a_locked_sqlite_file_refuses_after_the_busy_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broker.storage.migrations import upgrade

    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_SECONDS", 0.1)
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    upgrade(engine)
    store = open_state_store("sql:", engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StateStoreUnavailable):
            store.claim("key", 60)
        other.exec_driver_sql("ROLLBACK")
    assert store.claim("key", 60)
    engine.dispose()
