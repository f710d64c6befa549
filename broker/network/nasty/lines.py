"""What can happen on the line while an answer is fetched: a layer of WSGI around the party.

Each takes the right answer (status, headers, body) and sends something in its place. What must go beneath HTTP, silence
and half a header, is written to the connection itself.
"""

import select
import socket
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import Final

from broker.saml.soap import CONTENT_TYPE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Environment = dict[str, Any]

_SLOW: Final = 0.5
_LONGEST: Final = 60.0
"""Seconds after which even silence ends, so that a thread comes back."""
_PAUSE: Final = 0.05
_HUGE: Final = 200 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_PAGE: Final = (
    b"<!doctype html><html><head><title>Storing</title></head><body><p>Even geduld</p></body></html>"
)
_NOISE: Final = bytes(range(256)) * 16


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of HTTP, whole."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


Line = Callable[["Environment", "StartResponse", Answer], Iterable[bytes]]


def send(_environment: Environment, start: "StartResponse", answer: Answer) -> Iterable[bytes]:
    """The answer as it is."""
    start(answer.status, list(answer.headers))
    return [answer.body]


def _slow(environment: Environment, start: "StartResponse", answer: Answer) -> Iterable[bytes]:
    time.sleep(_SLOW)
    return send(environment, start, answer)


def _silent(environment: Environment, start: "StartResponse", _answer: Answer) -> Iterable[bytes]:
    deadline = time.monotonic() + _LONGEST
    while time.monotonic() < deadline and not _has_hung_up(_connection(environment)):
        time.sleep(_PAUSE)
    return _nothing_more(environment, start)


def _dripping(environment: Environment, start: "StartResponse", _answer: Answer) -> Iterable[bytes]:
    connection, deadline = _connection(environment), time.monotonic() + _LONGEST
    with suppress(OSError):  # whoever asked is gone, as they should be
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Patience: ")
        while time.monotonic() < deadline and not _has_hung_up(connection):
            connection.sendall(b"a")
            time.sleep(_PAUSE)
    return _nothing_more(environment, start)


def _huge(_environment: Environment, start: "StartResponse", _answer: Answer) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", CONTENT_TYPE)])
    return _spaces()


def _spaces() -> Iterator[bytes]:
    chunk = b" " * _CHUNK
    for _ in range(_HUGE // _CHUNK):
        yield chunk


def _truncated(environment: Environment, start: "StartResponse", answer: Answer) -> Iterable[bytes]:
    start(answer.status, list(answer.headers))
    return _half(environment, answer.body)


def _half(environment: Environment, body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    _hang_up(environment)


def _instead(status: str, content_type: str, body: bytes, **headers: str) -> Line:
    def line(environment: Environment, start: "StartResponse", _answer: Answer) -> Iterable[bytes]:
        given = (("Content-Type", content_type), ("Content-Length", str(len(body))), *headers.items())
        return send(environment, start, Answer(status, given, body))

    return line


LINES: Final[Mapping[str, Line]] = {
    "slow": _slow,
    "silent": _silent,
    "dripping": _dripping,
    "200-mb": _huge,
    "truncated": _truncated,
    "garbage": _instead("200 OK", CONTENT_TYPE, _NOISE),
    "server-error": _instead("500 Internal Server Error", "text/html", _PAGE),
    "html": _instead("200 OK", "text/html", _PAGE),
    "redirect": _instead("302 Found", "text/html", _PAGE, Location="/elsewhere"),
}
"""What happens on the line, by the name of the misbehaviour."""


def _connection(environment: Environment) -> socket.socket:
    connection: socket.socket = environment["gunicorn.socket"]
    return connection


def _has_hung_up(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _hang_up(environment: Environment) -> None:
    with suppress(OSError):  # they may have been first
        _connection(environment).shutdown(socket.SHUT_RDWR)


def _nothing_more(environment: Environment, start: "StartResponse") -> Iterable[bytes]:
    _hang_up(environment)
    start("503 Service Unavailable", [("Content-Length", "0")])
    return []
