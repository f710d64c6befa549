"""The back channel behind a reverse proxy: a second one over the same data as the box, on a port and on a socket.

The proxy is played by hand, down to the address it speaks from: all of 127.0.0.0/8 is this machine.
"""

import base64
import http.client
import re
import socket
import stat
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from broker.assembly import paths
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import GEMEENTE
from tests.box import Box
from tests.journeys.client_certificates import Issuer
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.second_back_channel import running
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.journeys.visitor import held
from tests.keys import certificate_pem

OIN = "00000099000000006600"
PROXY, STRANGER = "127.0.0.2", "127.0.0.1"
Header = tuple[str, str]


@dataclass(frozen=True)
class Behind:
    """A back channel that speaks plain HTTP to its proxy."""

    connect: Callable[[str], http.client.HTTPConnection]
    log: Path

    def post(self, body: bytes, *headers: Header, sender: str = PROXY) -> tuple[int, bytes]:
        """What it answers to an envelope with these headers, from this address."""
        line = self.connect(sender)
        try:
            line.putrequest("POST", paths.ARS)
            for name, value in (("Content-Type", "text/xml"), ("Content-Length", str(len(body))), *headers):
                line.putheader(name, value)
            line.endheaders(body)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def lines(self, event: str) -> list[str]:
        """What it logged of this."""
        return [line for line in self.log.read_text("utf-8").splitlines() if f'"{event}"' in line]


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxy")


@pytest.fixture(scope="module")
def on_port(box: Box, folder: Path) -> Iterator[Behind]:
    """One that believes a header from one address."""
    log = folder / "port.log"
    with running(box, log, back_channel="proxy", back_channel_proxies=f'["{PROXY}/32"]') as settings:
        port = settings.port + BACK_CHANNEL_OFFSET
        yield Behind(
            lambda sender: http.client.HTTPConnection(
                "127.0.0.1", port, timeout=20, source_address=(sender, 0)
            ),
            log,
        )


@pytest.fixture(scope="module")
def secured(box: Box) -> Iterator[ForeignDv]:
    """A dienstverlener that resolves with a client certificate only."""
    connected = ForeignDv(box, "proxied-dv", OIN, "http://localhost:9/proxied", options=("--mutual-tls",))
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture(scope="module")
def issuer(box: Box, folder: Path) -> Issuer:
    return Issuer.of(box, folder)


@pytest.fixture
def artifact(box: Box, secured: ForeignDv, ledger: Ledger) -> str:
    """An artifact that waits for it."""
    visitor = Visitor(box, secured, ledger).ask().press("cancel")
    assert isinstance(visitor, Visitor)
    return visitor.landing["SAMLart"]


def rfc_9440(pem: str) -> Header:
    """As RFC 9440 has it."""
    return "Client-Cert", f":{''.join(re.sub('-----.*-----', '', pem).split())}:"


def nginx(pem: str) -> Header:
    """As nginx escapes it."""
    return "Client-Cert", quote(pem, safe="")


def ours(issuer: Issuer) -> str:
    """The certificate of the dienstverlener, PEM."""
    return issuer.issue("right", OIN).with_suffix(".crt").read_text()


def asked(dv: ForeignDv, artifact: str) -> bytes:
    """The envelope that resolves an artifact."""
    return dv.envelope(dv.resolve_message(artifact))


def assert_given(answer: tuple[int, bytes]) -> None:
    status, body = answer
    assert status == 200
    assert b"AuthnFailed" in body


def assert_refused(answer: tuple[int, bytes]) -> None:
    status, body = answer
    assert status == 500
    assert b"the ArtifactResolve was refused" in body


@pytest.mark.parametrize("write", [rfc_9440, nginx])
def test_a_header_of_the_proxy_is_believed_in_either_form(
    on_port: Behind, secured: ForeignDv, issuer: Issuer, artifact: str, write: Callable[[str], Header]
) -> None:
    assert_given(on_port.post(asked(secured, artifact), write(ours(issuer))))


def test_a_certificate_of_the_metadata_is_believed_too(
    on_port: Behind, secured: ForeignDv, artifact: str
) -> None:
    assert_given(on_port.post(asked(secured, artifact), nginx(certificate_pem(secured.name).decode())))


def test_from_anywhere_else_the_header_is_ignored_and_the_log_says_so(
    box: Box, on_port: Behind, secured: ForeignDv, issuer: Issuer, artifact: str
) -> None:
    before = len(on_port.lines("client_certificate_header_ignored"))

    assert_refused(on_port.post(asked(secured, artifact), rfc_9440(ours(issuer)), sender=STRANGER))

    assert len(on_port.lines("client_certificate_header_ignored")) == before + 1
    assert held(box, artifact) is not None
    assert_given(on_port.post(asked(secured, artifact), rfc_9440(ours(issuer))))


@pytest.mark.parametrize(
    "kind", ["none", "empty", "garbage", "twice", "twice the same", "underscore", "another's", "another OIN"]
)
def test_without_the_one_right_certificate_nothing_is_taken(
    box: Box, on_port: Behind, secured: ForeignDv, issuer: Issuer, artifact: str, kind: str
) -> None:
    right = rfc_9440(ours(issuer))
    theirs = rfc_9440(box.settings.client_stem(GEMEENTE).with_suffix(".crt").read_text())
    headers: dict[str, tuple[Header, ...]] = {
        "none": (),
        "empty": (("Client-Cert", ""),),
        "garbage": (("Client-Cert", ":" + base64.b64encode(b"no certificate").decode() + ":"),),
        "twice": (theirs, right),
        "twice the same": (right, right),
        "underscore": (("Client_Cert", right[1]),),
        "another's": (theirs,),
        "another OIN": (
            rfc_9440(issuer.issue("other", "00000099000000006999").with_suffix(".crt").read_text()),
        ),
    }
    before = len(on_port.lines("client_certificate_refused"))

    assert_refused(on_port.post(asked(secured, artifact), *headers[kind]))

    lines = on_port.lines("client_certificate_refused")
    assert len(lines) == before + 1
    assert secured.entity_id in lines[-1]
    assert right[1] not in on_port.log.read_text("utf-8")
    assert held(box, artifact) is not None
    assert_given(on_port.post(asked(secured, artifact), right))


def test_on_a_unix_socket_the_header_counts_and_only_owner_and_group_may_open_it(
    box: Box, secured: ForeignDv, issuer: Issuer, folder: Path, artifact: str
) -> None:
    path, log = folder / "s", folder / "socket.log"
    with running(box, log, back_channel="proxy", back_channel_socket=str(path)):
        behind = Behind(lambda _: _OverSocket(path), log)
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert_refused(behind.post(asked(secured, artifact)))
        assert_given(behind.post(asked(secured, artifact), rfc_9440(ours(issuer))))
