"""Connections of the back channel on which the timeout of a read is that of a whole answer, its headers included.

A timeout of a socket starts anew with every byte, and headers are read before anybody sees one of them: a partner that
lets a byte through now and then could hold a thread for hours.
"""

import io
import time
from http.client import HTTPResponse
from socket import socket
from typing import TYPE_CHECKING
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connection import HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Until(io.RawIOBase):
    """What comes over a connection until a moment, by the monotonic clock."""

    def __init__(self, connection: socket, raw: io.RawIOBase, moment: float) -> None:
        self._connection = connection
        self._raw = raw
        self._moment = moment

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._moment - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, connection: socket, *rest: Any, **options: Any) -> None:
        super().__init__(connection, *rest, **options)
        # urllib3 gave the connection the timeout of the read just now, when the request had been sent.
        seconds = connection.gettimeout()
        if seconds is not None:
            self.fp = io.BufferedReader(_Until(connection, self.fp.detach(), time.monotonic() + seconds))


class _Connection(HTTPConnection):
    response_class = _Response


class TlsConnection(HTTPSConnection):
    """A connection over TLS of that kind."""

    response_class = _Response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class TlsPool(urllib3.HTTPSConnectionPool):
    """A pool of those."""

    ConnectionCls = TlsConnection


class PoolManager(urllib3.PoolManager):
    """A PoolManager of urllib3 with such connections."""

    def __init__(self, **options: Any) -> None:
        """Take the options of urllib3's own."""
        super().__init__(**options)
        self.pool_classes_by_scheme = {"http": _Pool, "https": TlsPool}
