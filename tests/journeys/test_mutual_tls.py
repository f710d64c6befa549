"""The listener with mutual TLS of a running box: who resolves there, and that a refusal takes nothing."""

import base64
import ssl
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import urllib3

from broker.assembly import paths
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.box import Box
from tests.box import running_box
from tests.journeys.client_certificates import Issuer
from tests.journeys.client_certificates import client
from tests.journeys.client_certificates import resolve
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import Received
from tests.journeys.test_artifacts import assert_fault
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.journeys.visitor import held
from tests.keys import key_stem
from tests.walker import Walker

OIN = "00000099000000006330"


@pytest.fixture(scope="module")
def secured(box: Box) -> Iterator[ForeignDv]:
    """A dienstverlener that resolves with a client certificate only; it was added while everything ran."""
    connected = ForeignDv(box, "secured-dv", OIN, "http://localhost:9/secured", options=("--mutual-tls",))
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture(scope="module")
def issuer(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """The development CA."""
    return Issuer.of(box, tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def right(box: Box, issuer: Issuer) -> ssl.SSLContext:
    """TLS with a certificate under the development CA that carries the OIN."""
    return client(box, issuer.issue("right", OIN))


@pytest.fixture
def artifact(box: Box, secured: ForeignDv, ledger: Ledger) -> str:
    """An artifact that waits for that dienstverlener."""
    visitor = Visitor(box, secured, ledger).ask().press("cancel")
    assert isinstance(visitor, Visitor)
    return visitor.landing["SAMLart"]


@pytest.mark.rule("3.1.12", "3.1.04")
def test_the_artifact_names_the_listener_with_mutual_tls(box: Box, artifact: str) -> None:
    assert base64.b64decode(artifact)[2:4] == b"\x00\x00"
    metadata = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).text
    assert f'Location="{box.settings.back_channel_address}{paths.ARS}" index="0" isDefault="true"' in metadata


@pytest.mark.rule("3.1.11", "9.19")
def test_a_certificate_of_the_authority_with_the_oin_is_right(
    secured: ForeignDv, artifact: str, right: ssl.SSLContext
) -> None:
    answer = Received(resolve(secured, artifact, right), secured.name)
    assert answer.status == AUTHN_FAILED
    assert answer.http.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.mark.rule("3.1.14")
def test_a_self_signed_certificate_of_the_metadata_is_right(
    box: Box, secured: ForeignDv, artifact: str
) -> None:
    answer = resolve(secured, artifact, client(box, key_stem(secured.name)))
    assert Received(answer, secured.name).status == AUTHN_FAILED


@pytest.mark.rule("3.1.17", "3.1.18")
@pytest.mark.parametrize("content_type", ["text/xml", "application/soap+xml"])
def test_both_content_types_are_taken_there_too(
    secured: ForeignDv, artifact: str, right: ssl.SSLContext, content_type: str
) -> None:
    answer = resolve(secured, artifact, right, {"Content-Type": content_type})
    assert Received(answer, secured.name).status == AUTHN_FAILED
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.mark.rule("3.1.11", "6.0.07", "9.16")
@pytest.mark.parametrize("kind", ["none", "expired", "too early", "for servers", "unknown CA", "self-signed"])
def test_who_has_no_valid_certificate_is_not_let_in(
    box: Box,
    secured: ForeignDv,
    issuer: Issuer,
    artifact: str,
    right: ssl.SSLContext,
    kind: str,
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    makers: dict[str, Callable[[], Path | None]] = {
        "none": lambda: None,
        "expired": lambda: issuer.issue("expired", OIN, now - timedelta(days=4 * 365)),
        "too early": lambda: issuer.issue("early", OIN, now + timedelta(days=1)),
        "for servers": lambda: issuer.issue("server", OIN, hosts=("localhost",)),
        "unknown CA": lambda: Issuer.stranger(tmp_path).issue("other", OIN),
        "self-signed": lambda: key_stem("nobody"),
    }
    stem = makers[kind]()

    with pytest.raises(requests.exceptions.ConnectionError):
        resolve(secured, artifact, client(box, stem))

    assert held(box, artifact) is not None
    assert Received(resolve(secured, artifact, right), secured.name).status == AUTHN_FAILED


@pytest.mark.rule("3.1.14", "9.19")
@pytest.mark.parametrize(
    "kind", ["another partner's, by authority", "another partner's, in metadata", "another OIN"]
)
def test_a_certificate_of_somebody_else_takes_nothing(
    box: Box,
    secured: ForeignDv,
    dv: ForeignDv,
    issuer: Issuer,
    artifact: str,
    right: ssl.SSLContext,
    kind: str,
) -> None:
    stem = {
        "another partner's, by authority": lambda: box.settings.client_stem(GEMEENTE),
        "another partner's, in metadata": lambda: key_stem(dv.name),
        "another OIN": lambda: issuer.issue("other-oin", "00000099000000006999"),
    }[kind]()
    before = box.logs().count("client_certificate_refused")

    assert_fault(resolve(secured, artifact, client(box, stem)))

    lines = [line for line in box.logs().splitlines() if "client_certificate_refused" in line]
    assert len(lines) == before + 1
    assert any(secured.entity_id in line for line in lines)
    assert held(box, artifact) is not None
    assert Received(resolve(secured, artifact, right), secured.name).status == AUTHN_FAILED


@pytest.mark.rule("3.1.11", "9.16")
def test_at_the_front_listener_it_takes_nothing(
    box: Box, secured: ForeignDv, artifact: str, right: ssl.SSLContext
) -> None:
    assert_fault(secured.soap(secured.resolve_message(artifact)))
    assert held(box, artifact) is not None
    assert Received(resolve(secured, artifact, right), secured.name).status == AUTHN_FAILED


def test_where_tls_ends_here_a_header_is_nobodys_certificate(
    box: Box, secured: ForeignDv, issuer: Issuer, artifact: str
) -> None:
    der = ssl.PEM_cert_to_DER_cert(issuer.issue("header", OIN).with_suffix(".crt").read_text())
    header = {"Client-Cert": f":{base64.b64encode(der).decode()}:"}

    assert_fault(resolve(secured, artifact, client(box, box.settings.client_stem(GEMEENTE)), header))

    assert held(box, artifact) is not None
    assert "client_certificate_header_ignored" in box.logs()


def test_a_partner_that_was_removed_is_not_let_in_any_more(box: Box) -> None:
    passing = ForeignDv(box, "passing-dv", "00000099000000006410", "http://localhost:9/passing")
    context = client(box, key_stem(passing.name))
    spent = base64.b64encode(b"\x00\x04\x00\x00" + bytes(40)).decode()
    with pytest.raises(requests.exceptions.ConnectionError):
        resolve(passing, spent, context)
    passing.connect()
    try:
        assert resolve(passing, spent, context).status_code == 200
    finally:
        passing.disconnect()
    with pytest.raises(requests.exceptions.ConnectionError):
        resolve(passing, spent, context)


@pytest.mark.rule("9.14")
@pytest.mark.parametrize(
    "suite", ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256"]
)
def test_what_the_guidelines_call_less_than_good_finds_no_common_ground(
    box: Box, secured: ForeignDv, issuer: Issuer, suite: str
) -> None:
    context = client(box, issuer.issue("right", OIN))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)

    with pytest.raises(requests.exceptions.SSLError):
        resolve(secured, "", context)


def test_nothing_but_artifacts_is_to_be_had_there(box: Box, right: ssl.SSLContext) -> None:
    pool = urllib3.PoolManager(ssl_context=right, retries=False)
    base = box.settings.back_channel_address
    assert pool.request("GET", base + paths.ALIVE).data == b"ok\n"
    assert pool.request("GET", base + paths.READY).status == 200
    for path in (paths.METADATA, paths.HM_SSO, "/", paths.CATALOGUE):
        answer = pool.request("GET", base + path)
        assert (answer.status, answer.data) == (404, b"Not Found\n")


def test_private_keys_are_their_owners_only(box: Box) -> None:
    keys = list(box.settings.data.rglob("*.key"))
    assert {key.name for key in keys} == {"signing.key", "client.key", "listener.key", "ca.key"}
    assert {oct(key.stat().st_mode & 0o777) for key in keys} == {"0o600"}


@pytest.mark.rule("6.0.07")
@pytest.mark.slow
def test_without_the_front_listener_a_whole_login_goes_over_mutual_tls() -> None:
    with running_box(MAKELAAR_FRONT_ARTIFACT_RESOLUTION="false") as closed:
        front = closed.url(MAKELAAR) + paths.ARS
        assert front not in requests.get(closed.url(MAKELAAR) + paths.METADATA, timeout=10).text
        walker = Walker(closed).log_in("werknemer", 3)
        assert walker.url.startswith(closed.url(GEMEENTE))
        assert "KvK" in walker.text
        newcomer = ForeignDv(closed, "newcomer", "00000099000000006500")
        newcomer.connect()
        spent = base64.b64encode(b"\x00\x04\x00\x01" + bytes(40)).decode()
        assert_fault(newcomer.soap(newcomer.resolve_message(spent)))


def test_who_comes_without_certificate_or_as_soap_1_2_is_noted_and_can_be_forbidden(
    box: Box, ledger: Ledger
) -> None:
    habitual = ForeignDv(box, "habitual-dv", "00000099000000006700", "http://localhost:9/habitual")

    def resolved(content_type: str = "text/xml") -> requests.Response:
        visitor = Visitor(box, habitual, ledger).ask().press("cancel")
        assert isinstance(visitor, Visitor)
        return habitual.soap(habitual.resolve_message(visitor.landing["SAMLart"]), content_type)

    def tolerances(*options: str) -> dict[str, str]:
        shown = box.command("dv", "tolerances", habitual.entity_id, *options).stdout
        return {line.split()[0]: line for line in shown.splitlines() if line.strip()}

    year = str(datetime.now(UTC).year)
    habitual.connect()
    try:
        assert Received(resolved(), habitual.name).status == AUTHN_FAILED
        assert year in tolerances()["zonder-clientcertificaat"]
        assert year not in tolerances()["soap-content-type"]
        assert Received(resolved("application/soap+xml"), habitual.name).status == AUTHN_FAILED
        assert year in tolerances()["soap-content-type"]
        tolerances("--forbid", "soap-content-type")
        assert_fault(resolved("application/soap+xml"))
        assert Received(resolved(), habitual.name).status == AUTHN_FAILED
        tolerances("--forbid", "zonder-clientcertificaat")
        assert_fault(resolved())
    finally:
        habitual.disconnect()
