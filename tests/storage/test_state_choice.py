"""Which state store a URL gives, and that Redis in each of its forms is one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from broker.storage.engine import make_engine
from broker.storage.memory_state import MemoryStateStore
from broker.storage.redis_client import connect
from broker.storage.sqlite_state import SqliteStateStore
from broker.storage.state import open_state_store
from tests import services


def test_sql_is_the_database_at_hand(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    assert isinstance(open_state_store("sql:", engine), SqliteStateStore)


def test_memory_is_memory(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    assert isinstance(open_state_store("memory:", engine), MemoryStateStore)


@pytest.mark.production
@pytest.mark.parametrize(
    "start",
    [services.valkey, partial(services.valkey, cluster=True), services.valkey_sentinel],
    ids=["single", "cluster", "sentinel"],
)
def test_redis_of_each_kind_does_all_a_login_needs(
    start: Callable[[], AbstractContextManager[str]], tmp_path: Path
) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    with start() as url:
        store = open_state_store(url, engine)
        store.ping()
        # Several keys, so that a cluster has to look for more than one slot.
        for key in ("journey:1", "journey:2", "journey:3"):
            store.put(key, b"begun", 60)
            assert store.swap(key, b"begun", b"done", 60)
            assert store.get(key) == b"done"
            assert store.take(key) == b"done"
            assert store.claim(key, 60)
            assert not store.claim(key, 60)
            store.drop(key)
            assert [store.count(key, 60), store.count(key, 60)] == [1, 2]


@pytest.mark.parametrize("url", ["", "sqlite:///x", "http://host", "redis+nothing://host:1", "sql"])
def test_another_url_is_refused(url: str, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    with pytest.raises(ValueError):
        open_state_store(url, engine)


@pytest.mark.parametrize("url", ["redis+sentinel://host:1", "redis+sentinel://host/name", "redis+cluster://"])
def test_a_redis_url_that_lacks_a_part_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        connect(url)


def test_a_refusal_does_not_show_the_password() -> None:
    with pytest.raises(ValueError) as refusal:
        connect("redis+sentinel://user:geheim@host/name")
    assert "geheim" not in str(refusal.value)
