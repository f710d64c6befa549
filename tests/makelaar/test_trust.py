"""Whom the listener lets in follows the registry, and one odd certificate takes nobody along."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from broker.assembly.partner_index import authority_of
from broker.cli.setup import make_development_keys
from broker.makelaar import trust
from broker.makelaar.trust import Trust
from broker.ports.partner_index import IndexedCertificate
from broker.ports.partner_index import PartnerIndex
from broker.saml.policy import LIMITS
from broker.settings import MAKELAAR
from broker.settings import Settings
from tests.exchange.builders import MemoryRegistry
from tests.exchange.builders import record_of


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


def test_a_certificate_called_as_an_authority_is_left_out_and_told(settings: Settings) -> None:
    ca = ssl.PEM_cert_to_DER_cert(settings.client_bundle.read_text())
    registry = MemoryRegistry()
    index = PartnerIndex("x", signing=(IndexedCertificate("0" * 64, "", ca),))
    registry.save(replace(record_of("dv"), entity_id="urn:etoegang:DV:x"), index)
    trusted = Trust(settings, registry)

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


@pytest.mark.limit("pinned_certificates")
def test_no_more_certificates_are_trusted_one_by_one_than_a_process_can_hold(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = MemoryRegistry(record_of("dv"), record_of("ad"), record_of("mr"))
    monkeypatch.setattr(trust, "LIMITS", replace(LIMITS, pinned_certificates=3))
    assert anchors(Trust(settings, registry).context()) == 4
    monkeypatch.setattr(trust, "LIMITS", replace(LIMITS, pinned_certificates=2))

    with capture_logs() as logs:
        context = Trust(settings, registry).context()

    assert anchors(context) == 3
    assert [each["count"] for each in logs] == [1]


def test_what_an_authority_issued_is_not_trusted_beside_it(settings: Settings) -> None:
    issued = ssl.PEM_cert_to_DER_cert(settings.client_stem(MAKELAAR).with_suffix(".crt").read_text())
    registry = MemoryRegistry()
    for authority, trusted in ((authority_of(issued), 1), ("another", 2), ("", 2)):
        signing = (IndexedCertificate("1" * 64, authority, issued),)
        registry.save(record_of("dv"), PartnerIndex("x", signing=signing))
        assert anchors(Trust(settings, registry).context()) == trusted
