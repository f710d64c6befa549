"""Clients for one Redis or Valkey server, for Sentinel and for Cluster, by URL."""

from typing import Any
from urllib.parse import SplitResult
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.cluster import RedisCluster
from redis.connection import parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

from broker.ports import StateStoreUnavailable
from broker.storage.redis_state import UNAVAILABLE
from broker.storage.redis_state import Client

SOCKET_TIMEOUT_SECONDS = 2.0
"""What a person waits at most for a store that is gone; twice, since a command is tried twice. Past it: 503."""

_PROTOCOLS = ("redis", "rediss")


def connect(url: str) -> Client:
    """A client for one of

    - ``redis://[user:password@]host:port/db``
    - ``redis+sentinel://[user:password@]host:port,host:port/service[/db][?sentinel_password=...]``
    - ``redis+cluster://[user:password@]host:port,host:port``

    with ``rediss`` for TLS. Options of redis-py (``ssl_ca_certs``, ``socket_timeout``) may follow as a query.
    One server and Sentinel are contacted on first use; a cluster at once, and StateStoreUnavailable when it
    is not there. Raises ValueError for a URL that is none of these.
    """
    parts = urlsplit(url)
    protocol, _, topology = parts.scheme.partition("+")
    if protocol in _PROTOCOLS and topology == "":
        return Redis.from_url(url, **_limits())
    if protocol in _PROTOCOLS and topology == "sentinel":
        return _sentinel(parts, protocol)
    if protocol in _PROTOCOLS and topology == "cluster":
        return _cluster(parts, protocol)
    raise ValueError(f"state store {parts.scheme!r} is not supported")


# redis-py has annotated its commands, not yet what makes connections: hence the ignores below.


def _sentinel(parts: SplitResult, protocol: str) -> Client:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("the name of the service is missing: redis+sentinel://host:port/service")
    options = _options(parts, protocol, database)
    ours = {name: value for name, value in options.items() if name.startswith(("ssl", "socket", "retry"))}
    ours["password"] = options.pop("sentinel_password", None)
    sentinel = Sentinel(_nodes(parts), sentinel_kwargs=ours)  # type: ignore[no-untyped-call]
    client: Client = sentinel.master_for(service, **options)  # type: ignore[no-untyped-call]
    return client


def _cluster(parts: SplitResult, protocol: str) -> Client:
    nodes = [ClusterNode(*node) for node in _nodes(parts)]  # type: ignore[no-untyped-call]
    try:
        return RedisCluster(startup_nodes=nodes, **_options(parts, protocol))
    except UNAVAILABLE as error:
        raise StateStoreUnavailable("the Redis Cluster did not answer") from error


def _options(parts: SplitResult, protocol: str, database: str = "") -> dict[str, Any]:
    credentials, at, _ = parts.netloc.rpartition("@")
    plain = f"{protocol}://{credentials}{at}host/{database}?{parts.query}"
    options: dict[str, Any] = {**_limits(), **parse_url(plain)}  # type: ignore[no-untyped-call]
    del options["host"]
    # For TLS parse_url names a class of connections, where clients of several nodes want a flag.
    if options.pop("connection_class", None):
        options["ssl"] = True
    return options


def _nodes(parts: SplitResult) -> list[tuple[str, int]]:
    nodes = []
    for node in parts.netloc.rpartition("@")[2].split(","):
        single = urlsplit(f"//{node}")
        if not single.hostname or not single.port:
            raise ValueError("each node of a Redis URL needs host:port")
        nodes.append((single.hostname, single.port))
    return nodes


def _limits() -> dict[str, Any]:
    # Once more, at once: that repairs a pooled connection which the server has closed in the meantime.
    return {
        "socket_timeout": SOCKET_TIMEOUT_SECONDS,
        "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 1),
    }
