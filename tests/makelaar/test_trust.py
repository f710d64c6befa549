"""Whom the listener lets in follows the registry, and one odd certificate takes nobody along."""

import ssl
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from broker.cli.setup import make_development_keys
from broker.makelaar import trust
from broker.makelaar.trust import Trust
from broker.saml.keys import Certificate
from broker.saml.partner import Partner
from broker.settings import MAKELAAR
from broker.settings import Settings
from tests.exchange.builders import MemoryRegistry
from tests.exchange.builders import record_of
from tests.keys import signer


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation with keys."""
    settings = Settings(data=Path(tmp_path_factory.mktemp("data")))
    make_development_keys(settings, MAKELAAR)
    return settings


def anchors(context: ssl.SSLContext) -> int:
    return context.cert_store_stats()["x509"]


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch of time that does not end during a test."""
    monkeypatch.setattr(trust, "_KEPT_SECONDS", 10**9)


@pytest.mark.usefixtures("stopped")
def test_a_context_is_kept_until_the_registry_changes(settings: Settings) -> None:
    registry = MemoryRegistry(record_of("dv"))
    trusted = Trust(settings, registry)
    first = trusted.context()

    assert trusted.context() is first
    assert anchors(first) == 2, "the development CA, and the certificate of one partner"

    registry.save(record_of("ad"))
    second = trusted.context()
    assert second is not first
    assert anchors(second) == 3

    registry.remove(record_of("dv").entity_id)
    assert anchors(trusted.context()) == 2


def test_a_context_is_made_again_in_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = Trust(settings, MemoryRegistry())
    monkeypatch.setattr("broker.makelaar.trust.time.time", lambda: 0.0)
    first = trusted.context()
    monkeypatch.setattr("broker.makelaar.trust.time.time", lambda: 299.0)
    assert trusted.context() is first
    monkeypatch.setattr("broker.makelaar.trust.time.time", lambda: 300.0)
    assert trusted.context() is not first


def test_a_certificate_called_as_an_authority_is_left_out_and_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = ssl.PEM_cert_to_DER_cert(settings.client_bundle.read_text())
    key = signer("dv")
    certificates = (Certificate("x", ca, Certificate.from_der(key.certificate_der).public_key),)
    impostor = Partner("urn:etoegang:DV:x", None, {}, certificates, ())
    trusted = Trust(settings, MemoryRegistry())
    monkeypatch.setattr(trusted._partners, "in_role", lambda role: (impostor,) if role == "DV" else ())

    with capture_logs() as logs:
        context = trusted.context()

    assert anchors(context) == 1
    assert [(each["event"], each["partner"]) for each in logs] == [
        ("partner_certificate_left_out", "urn:etoegang:DV:x")
    ]


def test_a_bundle_that_is_not_there_lets_nobody_in(settings: Settings, tmp_path: Path) -> None:
    empty = settings.model_copy(update={"client_authorities": tmp_path / "none.pem"})
    with pytest.raises(ValueError, match=r"none\.pem"):
        Trust(empty, MemoryRegistry()).context()
