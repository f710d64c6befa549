"""Which state store a setting names."""

from sqlalchemy import Engine

from broker.ports import StateStore
from broker.storage.engine import state_engine
from broker.storage.memory_state import MemoryStateStore
from broker.storage.sql_state import SqlStateStore
from broker.storage.sqlite_state import SqliteStateStore


def open_state_store(url: str, engine: Engine) -> StateStore:
    """The state store of ``url``: ``sql:`` (in the database of ``engine``), ``memory:`` or a Redis URL.

    ``memory:`` is seen by one process only, so with several workers each would have its own. For Redis URLs
    see ``redis_client.connect``. Raises ValueError for anything else.
    """
    if url == "sql:":
        if engine.dialect.name == "sqlite":
            return SqliteStateStore(engine)
        return SqlStateStore(state_engine(engine))
    if url == "memory:":
        return MemoryStateStore()
    if not url.startswith(("redis:", "rediss:", "redis+", "rediss+")):
        raise ValueError("the state store must be sql:, memory: or a redis:// URL")
    # redis-py takes a tenth of a second to import, which an installation without it need not spend.
    from broker.storage.redis_client import connect
    from broker.storage.redis_state import RedisStateStore

    return RedisStateStore(connect(url))
