"""TLS between two ends in one process: what is agreed on, who is let in, and how a refusal ends."""

import socket
import ssl
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from broker.exchange import handshake
from broker.exchange.tls import UnusableTls
from broker.exchange.tls import client_context
from broker.exchange.tls import listener_context
from broker.saml.policy import Front
from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca
from broker.signers.files import FileSigner
from broker.signers.files import make_development_key
from tests.keys import key_stem
from tests.keys import signer

NOW = datetime.now(UTC)
OIN = "00000099000000004000"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, a server and a client of it, and a self-signed certificate that has ended."""
    folder = tmp_path_factory.mktemp("tls")
    make_development_ca(folder / "ca", now=NOW)
    for name, hosts in (("server", ("localhost",)), ("client", ())):
        issue_development_certificate(
            folder / name, ca=folder / "ca", name=name, oin=OIN, now=NOW, hosts=hosts
        )
    make_development_key(folder / "ended", name="ended", oin=OIN, now=NOW - timedelta(days=4 * 365))
    return folder


def bundle(folder: Path) -> Path:
    return folder / "ca.crt"


def listening(folder: Path, *pinned: bytes) -> ssl.SSLContext:
    context, left_out = listener_context(folder / "server", bundle(folder), pinned)
    assert left_out == []
    return context


@contextmanager
def connected(server: ssl.SSLContext) -> Iterator[tuple[socket.socket, Future[ssl.SSLSocket]]]:
    """A connection, and the listener's end of it once its handshake is done."""

    def serve(line: socket.socket) -> ssl.SSLSocket:
        secured = server.wrap_socket(line, server_side=True, do_handshake_on_connect=False)
        try:
            secured.do_handshake()
        except OSError:
            secured.close()
            raise
        return secured

    with (
        ThreadPoolExecutor(1) as pool,
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), timeout=10) as ours,
    ):
        served = pool.submit(serve, listener.accept()[0])
        try:
            yield ours, served
        finally:
            ours.close()
            if served.exception(10) is None:
                served.result().close()


def meet(server: ssl.SSLContext, client: ssl.SSLContext) -> tuple[str, str, bytes | None]:
    """Version and cipher they agree on, and the certificate the listener saw. Raises what the listener raises."""
    with connected(server) as (ours, served), client.wrap_socket(ours, server_hostname="localhost") as line:
        seen = served.result(10)
        cipher = line.cipher()
        assert cipher is not None
        return line.version() or "", cipher[0], seen.getpeercert(binary_form=True)


def test_both_ends_agree_on_tls_1_3_and_the_listener_sees_the_certificate(folder: Path) -> None:
    client = client_context(folder / "client", bundle(folder))

    version, _, certificate = meet(listening(folder), client)

    assert version == "TLSv1.3"
    assert certificate == ssl.PEM_cert_to_DER_cert((folder / "client.crt").read_text())


@pytest.mark.rule("9.14")
def test_with_tls_1_2_only_ephemeral_keys_and_authenticated_encryption_are_left(folder: Path) -> None:
    client = client_context(folder / "client", bundle(folder))
    client.maximum_version = ssl.TLSVersion.TLSv1_2

    version, cipher, _ = meet(listening(folder), client)

    assert version == "TLSv1.2"
    assert cipher.startswith("ECDHE-")
    for context in (client, listening(folder)):
        offered = {each["name"] for each in context.get_ciphers()}
        assert all(
            name.startswith("TLS_") or (name.startswith("ECDHE-") and ("GCM" in name or "CHACHA20" in name))
            for name in offered
        )
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_pinned_certificate_is_let_in_and_only_in_its_time(folder: Path) -> None:
    self_signed = client_context(key_stem("dv"), bundle(folder))
    ended = client_context(folder / "ended", bundle(folder))
    server = listening(
        folder, signer("dv").certificate_der, FileSigner.load(folder / "ended").certificate_der
    )

    assert meet(server, self_signed)[2] == signer("dv").certificate_der
    with capture_logs() as logs, pytest.raises(OSError):
        meet(server, ended)

    assert [(each["event"], each["reason"]) for each in logs] == [
        ("client_certificate_refused", "certificate has expired")
    ]


def test_who_is_not_pinned_is_not_let_in(folder: Path) -> None:
    with pytest.raises(OSError):
        meet(listening(folder), client_context(key_stem("dv"), bundle(folder)))


def test_no_session_is_resumed(folder: Path) -> None:
    server, client = listening(folder), client_context(folder / "client", bundle(folder))
    with connected(server) as (ours, served), client.wrap_socket(ours, server_hostname="localhost") as line:
        served.result(10).sendall(b"x")
        assert line.recv(1) == b"x"
        assert line.session is None or not line.session.has_ticket


@pytest.mark.parametrize(
    "speak",
    [
        lambda ours: ours.sendall(b"GET / HTTP/1.1\r\n\r\n"),
        lambda ours: ours.sendall(b"\x16\x03\x01\x00\x05hello"),
    ],
    ids=["HTTP", "nonsense"],
)
def test_what_is_no_tls_is_told_in_the_log(folder: Path, speak: Callable[[socket.socket], None]) -> None:
    with capture_logs() as logs, connected(listening(folder)) as (ours, served):
        speak(ours)
        with pytest.raises(ConnectionResetError):
            served.result(10)
    assert [each["event"] for each in logs] == ["client_certificate_refused"]


def test_who_only_looks_whether_the_port_is_open_is_not(folder: Path) -> None:
    with capture_logs() as logs, connected(listening(folder)) as (ours, served):
        ours.shutdown(socket.SHUT_RDWR)
        with pytest.raises(ConnectionResetError):
            served.result(10)
    assert logs == []


@pytest.mark.limit("handshake_seconds")
def test_a_handshake_that_takes_too_long_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "FRONT", Front(handshake_seconds=0.1))
    with (
        capture_logs() as logs,
        connected(listening(folder)) as (_, served),
        pytest.raises(ConnectionResetError),
    ):
        served.result(10)
    assert [each["reason"] for each in logs] == ["no handshake in time"]


def test_a_pinned_certificate_that_openssl_will_not_have_does_not_take_the_others_along(folder: Path) -> None:
    good = signer("dv").certificate_der

    context, left_out = listener_context(folder / "server", bundle(folder), [b"x", good])

    assert left_out == [b"x"]
    assert meet(context, client_context(key_stem("dv"), bundle(folder)))[2] == good


def test_a_server_of_another_ca_or_name_is_not_believed(folder: Path, tmp_path: Path) -> None:
    make_development_ca(tmp_path / "ca", now=NOW)
    stranger = client_context(folder / "client", tmp_path / "ca.crt")
    with pytest.raises(ssl.SSLCertVerificationError), connected(listening(folder)) as (ours, _):
        stranger.wrap_socket(ours, server_hostname="localhost")
    known = client_context(folder / "client", bundle(folder))
    with pytest.raises(ssl.SSLCertVerificationError), connected(listening(folder)) as (ours, _):
        known.wrap_socket(ours, server_hostname="makelaar.example")


def test_authorities_of_the_system_count_only_when_they_are_asked_for(folder: Path) -> None:
    ours = len(client_context(folder / "client", bundle(folder)).get_ca_certs())
    assert ours == 1
    asked = client_context(folder / "client", bundle(folder), system=True)
    assert asked.cert_store_stats()["x509"] >= ours


@pytest.mark.parametrize("missing", ["client.key", "client.crt", "ca.crt"])
def test_a_file_that_is_not_there_is_named(folder: Path, tmp_path: Path, missing: str) -> None:
    for name in {"client.key", "client.crt", "ca.crt"} - {missing}:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(UnusableTls) as error:
        client_context(tmp_path / "client", tmp_path / "ca.crt")
    assert str(tmp_path / missing.partition(".")[0]) in str(error.value)
