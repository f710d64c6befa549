"""Expired rows do not pile up, and no call pays for all of them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from broker.storage import sql_state
from broker.storage.engine import state_engine
from broker.storage.memory_state import MemoryStateStore
from broker.storage.sql_state import SqlStateStore
from broker.storage.tables import state
from tests.storage.conftest import Clock
from tests.storage.conftest import database


@pytest.fixture
def at_once(engine: Engine) -> Iterator[Engine]:
    at_once = state_engine(engine)
    yield at_once
    at_once.dispose()


@pytest.fixture
def postgresql_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with database(request, "postgresql") as engine:
        yield engine


def _rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(state)).scalar_one()


def test_expired_rows_go_now_and_then_and_live_ones_stay(
    at_once: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_state, "PURGE_EVERY", 10)
    clock = Clock()
    store = SqlStateStore(at_once, clock)
    for number in range(9):
        store.claim(f"old:{number}", 1)
    clock.wait(2)
    assert _rows(at_once) == 9
    store.put("new", b"value", 60)
    assert _rows(at_once) == 1
    assert store.get("new") == b"value"


def test_one_purge_deletes_a_bounded_number(at_once: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    many = [{"key": f"old:{number}", "value": b"", "expires_at": 0} for number in range(2500)]
    with at_once.connect() as connection:
        connection.execute(state.insert(), many)
    monkeypatch.setattr(sql_state, "PURGE_EVERY", 1)
    store = SqlStateStore(at_once, clock)
    store.put("new", b"value", 60)
    assert _rows(at_once) == 2501 - sql_state.PURGE_AT_MOST


@pytest.mark.production
def test_nor_more_when_postgresql_plans_to_ask_again_for_every_row(postgresql_engine: Engine) -> None:
    many = [{"key": f"old:{number}", "value": b"", "expires_at": 0} for number in range(2500)]
    with postgresql_engine.begin() as connection:
        connection.execute(state.insert(), many)
        for plan in ("hashjoin", "hashagg", "mergejoin", "sort", "material"):
            connection.execute(text(f"SET LOCAL enable_{plan} = off"))
        connection.execute(sql_state.PURGE, {"now": 10})
    assert _rows(postgresql_engine) == 2500 - sql_state.PURGE_AT_MOST


def test_memory_forgets_what_expired() -> None:
    clock = Clock()
    store = MemoryStateStore(clock)
    for number in range(999):
        store.put(f"old:{number}", b"value", 1)
    clock.wait(2)
    store.put("new", b"value", 60)
    assert len(store._content) == 1
