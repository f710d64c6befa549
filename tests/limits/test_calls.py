"""What we take from a partner that we call, and how long we wait; at a real server on this machine."""

import socket
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from broker.exchange import http
from broker.exchange.http import PartnerUnavailable
from broker.exchange.http import SoapClient
from broker.saml.policy import LIMITS
from broker.saml.policy import Calls
from tests.exchange.test_http import serving
from tests.limits.around import AROUND
from tests.limits.around import past_it


@contextmanager
def partner(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a partner that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with suppress(OSError):
                answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with serving(Handler) as url:
        yield url


@AROUND
@pytest.mark.parametrize("said", [True, False], ids=["its length said", "unsaid"])
@pytest.mark.limit("message_bytes")
def test_bytes_of_an_answer(more: int, said: bool) -> None:
    size = LIMITS.message_bytes + more

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if said:
            handler.send_header("Content-Length", str(size))
        handler.end_headers()
        handler.wfile.write(b"x" * size)

    with partner(answer) as url, past_it(more, PartnerUnavailable):
        assert len(SoapClient().post(url, b"")) == size


@pytest.mark.parametrize("pause", [0, 1], ids=["in time", "too late"])
@pytest.mark.limit("answer_seconds")
def test_waiting_for_an_answer(pause: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CALLS", Calls(answer_seconds=0.3))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(pause)
        handler.send_response(200)
        handler.end_headers()

    with partner(answer) as url, past_it(pause, PartnerUnavailable):
        assert SoapClient().post(url, b"") == b""


@pytest.mark.parametrize("pieces", [2, 200], ids=["in time", "too late"])
@pytest.mark.limit("answer_seconds")
def test_waiting_for_the_headers_of_an_answer(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CALLS", Calls(answer_seconds=0.4))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
        for _ in range(pieces):
            handler.wfile.write(b"x")
            time.sleep(0.01)
        handler.wfile.write(b"\r\nContent-Length: 0\r\n\r\n")

    with partner(answer) as url, past_it(pieces - 2, PartnerUnavailable):
        assert SoapClient().post(url, b"") == b""


@pytest.mark.parametrize("pieces", [2, 200], ids=["in time", "too late"])
@pytest.mark.limit("answer_seconds")
def test_waiting_for_the_whole_of_an_answer(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CALLS", Calls(answer_seconds=0.4))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(pieces):
            handler.wfile.write(b"x")
            time.sleep(0.01)

    with partner(answer) as url, past_it(pieces - 2, PartnerUnavailable):
        assert SoapClient().post(url, b"") == b"xx"


@pytest.mark.limit("connect_seconds")
def test_waiting_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CALLS", Calls(connect_seconds=0.2, answer_seconds=5))
    began = time.monotonic()

    with socket.socket() as deaf, ExitStack() as waiting:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(
            2
        ):  # one that waits to be accepted, which nobody does, and one that waits for its place
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(deaf.getsockname())
        with pytest.raises(PartnerUnavailable, match="ConnectTimeout"):
            SoapClient().post(f"http://127.0.0.1:{deaf.getsockname()[1]}", b"")

    assert time.monotonic() - began < 3
