"""Where the answers to a dienstverlener of the tests arrive: a page on a free port that takes down what came in."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs
from urllib.parse import urlsplit


class Arrivals:
    """What came in at the ACS: the parameters and the method of each request, in order."""

    def __init__(self) -> None:
        """Nothing has come in yet."""
        self.url = ""
        self.received: list[dict[str, str]] = []
        self.methods: list[str] = []


@contextmanager
def landing() -> Iterator[Arrivals]:
    """An ACS by GET and by POST."""
    arrivals = Arrivals()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._take(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _take(self, parameters: str) -> None:
            parsed = parse_qs(parameters, strict_parsing=True)
            arrivals.received.append({name: value for name, (value,) in parsed.items()})
            arrivals.methods.append(self.command)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<p>arrived</p>")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test looks at what arrived."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        arrivals.url = f"http://localhost:{server.server_port}/acs"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield arrivals
        finally:
            server.shutdown()
            thread.join()
