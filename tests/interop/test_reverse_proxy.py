"""Apache ends mutual TLS before the back channel, and hands the client certificate on in a header."""

import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import GEMEENTE
from tests.box import Box
from tests.journeys.client_certificates import Issuer
from tests.journeys.client_certificates import client
from tests.journeys.client_certificates import resolve
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import Received
from tests.journeys.second_back_channel import running
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.journeys.visitor import held
from tests.keys import key_stem
from tests.ports import free_port

OIN = "00000099000000006800"
_START_SECONDS = 20
_CONFIGURATION = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/apache.pid
Listen 127.0.0.1:{port}
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
LoadModule ssl_module {modules}/mod_ssl.so
ErrorLog {folder}/error.log
LogLevel warn
SSLEngine on
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20
SSLSessionTickets off
SSLCertificateFile {stem}.crt
SSLCertificateKeyFile {stem}.key
SSLVerifyClient optional_no_ca
RequestHeader unset Client-Cert
RequestHeader set Client-Cert "expr=%{{escape:%{{SSL_CLIENT_CERT}}}}" "expr=-n %{{SSL_CLIENT_CERT}}"
ProxyPass "/" "http://127.0.0.1:{behind}/"
"""


@pytest.fixture(scope="module")
def proxy(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Apache before a back channel over the data of the box."""
    folder, port = tmp_path_factory.mktemp("apache"), free_port()
    with running(
        box, folder / "back.log", back_channel="proxy", back_channel_proxies='["127.0.0.1/32"]'
    ) as behind:
        (folder / "apache.conf").write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=port,
                modules="/usr/lib/apache2/modules",
                stem=box.settings.listener_stem,
                behind=behind.port + BACK_CHANNEL_OFFSET,
            ),
            "utf-8",
        )
        with (folder / "start.log").open("wb") as output:
            process = subprocess.Popen(
                ["/usr/sbin/apache2", "-f", str(folder / "apache.conf"), "-DFOREGROUND"],
                stdout=output,
                stderr=output,
            )
        try:
            _wait(process, box, f"https://localhost:{port}/healthz", folder)
            yield f"https://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: "subprocess.Popen[bytes]", box: Box, url: str, folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            answer = requests.get(url, timeout=5, verify=str(box.settings.server_bundle))
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        assert answer.text == "ok\n"
        return
    raise RuntimeError(f"Apache did not start: {(folder / 'start.log').read_text('utf-8')}")


@pytest.fixture(scope="module")
def secured(box: Box) -> Iterator[ForeignDv]:
    """A dienstverlener that resolves with a client certificate only."""
    connected = ForeignDv(box, "apache-dv", OIN, "http://localhost:9/apache", options=("--mutual-tls",))
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture
def artifact(box: Box, secured: ForeignDv) -> str:
    """An artifact that waits for it."""
    visitor = Visitor(box, secured, Ledger()).ask().press("cancel")
    assert isinstance(visitor, Visitor)
    return visitor.landing["SAMLart"]


def context(box: Box, kind: str, folder: Path) -> ssl.SSLContext:
    """TLS of a client of this kind."""
    issuer = Issuer.of(box, folder)
    makers: dict[str, Callable[[], Path | None]] = {
        "authority": lambda: issuer.issue("right", OIN),
        "metadata": lambda: key_stem("apache-dv"),
        "none": lambda: None,
        "another partner": lambda: box.settings.client_stem(GEMEENTE),
        "another OIN": lambda: issuer.issue("other", "00000099000000006999"),
        "self-signed": lambda: key_stem("nobody"),
    }
    return client(box, makers[kind]())


@pytest.mark.rule("3.1.14", "9.16")
@pytest.mark.parametrize("kind", ["authority", "metadata"])
def test_the_right_certificate_gets_through(
    box: Box, proxy: str, secured: ForeignDv, artifact: str, kind: str, tmp_path: Path
) -> None:
    answer = resolve(secured, artifact, context(box, kind, tmp_path), base=proxy)
    assert Received(answer, secured.name).status == AUTHN_FAILED


@pytest.mark.rule("3.1.14", "9.16")
@pytest.mark.parametrize("kind", ["none", "another partner", "another OIN", "self-signed"])
def test_any_other_takes_nothing_whatever_the_client_puts_in_the_header(
    box: Box, proxy: str, secured: ForeignDv, artifact: str, kind: str, tmp_path: Path
) -> None:
    der = ssl.PEM_cert_to_DER_cert(key_stem(secured.name).with_suffix(".crt").read_text())
    forged = {"Client-Cert": f":{b64encode(der).decode()}:"}

    answer = resolve(secured, artifact, context(box, kind, tmp_path), forged, base=proxy)

    assert answer.status_code == 500
    assert b"the ArtifactResolve was refused" in answer.content
    assert held(box, artifact) is not None
