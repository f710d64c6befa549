"""Development certificates: what mutual TLS needs, made once, with keys that are their owner's."""

import stat
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca
from broker.signers.files import UnusableKey
from tests.keys import key_stem

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OIN = "00000099000000004000"


def read(stem: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(stem.with_suffix(".crt").read_bytes())


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    stem = tmp_path / "ca" / "ca"
    make_development_ca(stem, now=NOW)
    return stem


def issue(stem: Path, ca: Path, hosts: tuple[str, ...] = ()) -> x509.Certificate:
    issue_development_certificate(stem, ca=ca, name="Gemeente", oin=OIN, now=NOW, hosts=hosts)
    return read(stem)


@pytest.mark.rule("9.19")
def test_a_client_certificate_has_the_shape_of_pkioverheid(tmp_path: Path, ca: Path) -> None:
    certificate = issue(tmp_path / "client", ca)

    certificate.verify_directly_issued_by(read(ca))
    (serial,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert serial.value == OIN
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_server_certificate_names_its_hosts(tmp_path: Path, ca: Path) -> None:
    names = issue(tmp_path / "server", ca, ("localhost", "127.0.0.1")).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )

    assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_keys_are_readable_by_their_owner_only(tmp_path: Path, ca: Path) -> None:
    issue(tmp_path / "client", ca)

    for stem in (ca, tmp_path / "client"):
        assert stat.S_IMODE(stem.with_suffix(".key").stat().st_mode) == 0o600


def test_what_is_there_is_kept(tmp_path: Path, ca: Path) -> None:
    first, authority = issue(tmp_path / "client", ca), read(ca)

    make_development_ca(ca, now=NOW)

    assert issue(tmp_path / "client", ca) == first
    assert read(ca) == authority


@pytest.mark.parametrize("fault", ["no key", "no certificate", "another key", "no CA"])
def test_a_ca_that_cannot_issue_is_named(tmp_path: Path, ca: Path, fault: str) -> None:
    if fault == "no key":
        ca.with_suffix(".key").unlink()
    elif fault == "no certificate":
        ca.with_suffix(".crt").write_text("no certificate")
    elif fault == "another key":
        make_development_ca(tmp_path / "other", now=NOW)
        ca.with_suffix(".key").write_bytes((tmp_path / "other.key").read_bytes())
    else:
        ca = key_stem("dv")

    with pytest.raises(UnusableKey, match=str(ca)):
        issue(tmp_path / "client", ca)

    assert not (tmp_path / "client.crt").exists()
