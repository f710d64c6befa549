"""A load balancer before the nodes of the tests: each request goes to another node than the one before.

It is what an operator has, nginx or HAProxy, with the settings that docs/production.md asks for: a node that takes no
connection is passed over, and a request of which a node took the connection is not sent to another.
"""

import http.client
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from itertools import count

from tests.ports import free_port

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})


class Balancer:
    """Where requests go. ``nodes`` are ports, and may change at any moment; ``served`` counts what each answered."""

    def __init__(self, port: int) -> None:
        """Nobody is behind it yet."""
        self.port = port
        self.nodes: list[int] = []
        self.served: Counter[int] = Counter()
        self._turn = count()

    def in_turn(self) -> list[int]:
        """All nodes, another one first each time."""
        nodes = list(self.nodes)  # they may change meanwhile
        first = next(self._turn) % len(nodes)
        return nodes[first:] + nodes[:first]

    def connect(self) -> tuple[int, socket.socket] | None:
        """A connection to the node whose turn it is, or the next that takes one."""
        for port in self.in_turn():
            with suppress(OSError):
                line = socket.create_connection(("127.0.0.1", port), timeout=5)
                line.settimeout(30)
                self.served[port] += 1
                return port, line
        return None


@contextmanager
def by_request() -> Iterator[Balancer]:
    """One that reads HTTP, and sends each request to the next node."""
    balancer = Balancer(free_port())

    class Handler(BaseHTTPRequestHandler):
        """Passes on one request."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name that http.server calls
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            connected = balancer.connect()
            if connected is None:
                self.send_error(503)
                return
            line = http.client.HTTPConnection("127.0.0.1", connected[0])
            line.sock = connected[1]
            try:
                line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in _HOP:
                        line.putheader(name, value)
                line.putheader("Connection", "close")
                line.endheaders(body)
                answer = line.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                self.send_error(502)
                return
            finally:
                line.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {*_HOP, "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

    with Server(("127.0.0.1", balancer.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield balancer
        server.shutdown()
        thread.join(10)


@contextmanager
def by_connection() -> Iterator[Balancer]:
    """One that passes on octets, and so TLS as it is: each connection goes to the next node."""
    balancer = Balancer(free_port())
    with socket.create_server(("127.0.0.1", balancer.port), backlog=256) as door:
        thread = threading.Thread(target=_let_in, args=(door, balancer), daemon=True)
        thread.start()
        yield balancer
        door.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _let_in(door: socket.socket, balancer: Balancer) -> None:
    while True:
        try:
            visitor, _ = door.accept()
        except OSError:
            return
        connected = balancer.connect()
        if connected is None:
            visitor.close()
            continue
        threading.Thread(target=_join, args=(visitor, connected[1]), daemon=True).start()


def _join(visitor: socket.socket, node: socket.socket) -> None:
    """Let both speak until either has done."""
    with visitor, node:
        back = threading.Thread(target=_pour, args=(node, visitor), daemon=True)
        back.start()
        _pour(visitor, node)
        back.join()


def _pour(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while octets := one.recv(65536):
            other.sendall(octets)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
