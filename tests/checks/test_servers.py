"""Handshakes with real servers, on this machine."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from socketserver import BaseRequestHandler
from socketserver import TCPServer

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization import PrivateFormat

from broker.checks import handshaker
from tests.checks.good import rsa_key
from tests.checks.good import self_signed
from tests.ports import free_port

HERE = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """A server with a certificate that nobody knows; its port."""
    key = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(key + self_signed().public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")

    class Server(TCPServer):
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A handshake that the client breaks off is what is tried here."""

    with Server(("127.0.0.1", free_port()), BaseRequestHandler) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield listening.server_address[1]
        listening.shutdown()
        thread.join()


def test_a_certificate_that_nobody_knows_is_seen(tmp_path: Path) -> None:
    with server(tmp_path) as port:
        seen = handshaker(HERE)("127.0.0.1", port)

    assert seen.problem == "chain"
    assert seen.version == "TLSv1.3"
    assert seen.certificate == self_signed().public_bytes(Encoding.DER)


def test_an_address_inside_a_network_is_left_alone() -> None:
    seen = handshaker(())("127.0.0.1", 1)

    assert seen.problem == "forbidden"
    assert "fetch_networks" in seen.detail


@pytest.mark.parametrize("host", ["127.0.0.1", "nobody.invalid"])
def test_nobody_who_answers_is_told(host: str) -> None:
    assert handshaker(HERE)(host, free_port()).problem == "unreachable"
