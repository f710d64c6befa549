"""The state store in Redis or Valkey: one server, Sentinel or Cluster.

Every command touches one key. Redis answers before its replicas have the write, so a failover can forget the
last moments; where a forgotten single use is worse than a refused login, set ``min-replicas-to-write 1`` on
the server and it refuses instead. A command whose answer got lost is sent once more: then ``claim``, ``take``
and ``swap`` may refuse their rightful caller, but never serve two.
"""

from typing import Any
from typing import Protocol

from redis.exceptions import RedisClusterException
from redis.exceptions import RedisError

from broker.ports import StateStoreUnavailable

UNAVAILABLE = (RedisError, RedisClusterException, OSError)
"""What redis-py raises when there is no answer, or one that refuses (out of memory, read-only, no master)."""

# Compare and replace in one step, which no single command can.
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

# INCR and EXPIRE apart would leave a counter for ever when the process dies in between.
_COUNT = """
local counted = redis.call('INCR', KEYS[1])
if counted == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return counted
"""


class Client(Protocol):
    """What Redis and RedisCluster have in common, as far as it is used here."""

    def execute_command(self, *arguments: Any) -> Any:
        """Send one command and return its answer."""


class RedisStateStore:
    """A ``StateStore`` over a client of ``redis_client.connect``.

    Safe to share between threads; redis-py gives each process connections of its own after a fork.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, key: str, value: bytes, ttl: int) -> None:
        self._command("SET", key, value, "EX", ttl)

    def get(self, key: str) -> bytes | None:
        value: bytes | None = self._command("GET", key)
        return value

    def take(self, key: str) -> bytes | None:
        value: bytes | None = self._command("GETDEL", key)
        return value

    def claim(self, key: str, ttl: int) -> bool:
        return self._command("SET", key, b"", "EX", ttl, "NX") is not None

    def swap(self, key: str, old: bytes, new: bytes, ttl: int) -> bool:
        return bool(self._command("EVAL", _SWAP, 1, key, old, new, ttl) == 1)

    def count(self, key: str, ttl: int) -> int:
        return int(self._command("EVAL", _COUNT, 1, key, ttl))

    def drop(self, key: str) -> None:
        self._command("DEL", key)

    def ping(self) -> None:
        # A read rather than PING, which a replica without its master and a cluster without slots answer too.
        self._command("GET", "ping")

    def _command(self, *arguments: Any) -> Any:
        try:
            return self._client.execute_command(*arguments)
        except UNAVAILABLE as error:
            raise StateStoreUnavailable("the state store in Redis did not answer") from error
