"""Where the makelaar can ask us something: for the message behind an artifact, or to confirm a chain."""

import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

from broker.attacks.draft import Http

Answer = Callable[[bytes], tuple[Http, bytes]]
"""Makes of an envelope how to answer, and with what."""


def _nothing(_question: bytes) -> tuple[Http, bytes]:
    return Http(status=503), b""


class Listener(ThreadingHTTPServer):
    """Listens on localhost; ``answer`` is what it says now, ``asked`` every question, as (path, envelope).

    ``published`` holds what stands to be fetched, by path.
    """

    daemon_threads = True

    def __init__(self) -> None:
        """On a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Answer = _nothing
        self.asked: list[tuple[str, bytes]] = []
        self.published: dict[str, tuple[Http, bytes]] = {}

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://localhost:{self.server_port}"

    def rest(self) -> None:
        """Forget what was asked, and say nothing any more."""
        self.answer = _nothing
        self.asked.clear()
        self.published.clear()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer as we are told to."""
        server: Any = self.server
        question = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        server.asked.append((self.path, question))
        http, body = server.answer(question)
        # Whoever asked may have had enough of it before we have said all.
        with suppress(OSError):
            self._say(http, body)

    def _say(self, http: Http, body: bytes) -> None:
        time.sleep(http.silent)
        if not http.status:
            self.close_connection = True
            return
        self.send_response(http.status)
        self.send_header("Content-Type", http.content_type)
        self.send_header("Content-Length", str(len(body) * http.repeated + http.missing))
        for name, value in http.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for _ in range(http.repeated):
            self.wfile.write(body)
        self.close_connection = self.close_connection or bool(http.missing)

    def do_GET(self) -> None:
        """Give out the document that stands at this path now, if there is one; that somebody asked is noted."""
        server: Any = self.server
        server.asked.append((self.path, b""))
        found = server.published.get(self.path)
        if found is None:
            self.send_error(404)
            return
        with suppress(OSError):
            self._say(*found)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener, until the end."""
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
