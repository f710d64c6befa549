"""Whose client certificate it is: by metadata, or by an authority and the OIN; at this moment."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from broker.exchange.client_certificates import ClientAuthorities
from broker.exchange.client_certificates import ClientCertificateRefused
from broker.exchange.client_certificates import require_partner
from broker.exchange.tls import UnusableTls
from broker.saml.metadata import read_metadata
from broker.saml.partner import Partner
from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca
from tests.exchange.builders import metadata_of
from tests.keys import key_stem
from tests.keys import private_pem
from tests.keys import signer

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A development CA."""
    stem = tmp_path_factory.mktemp("ca") / "ca"
    make_development_ca(stem, now=NOW - 5 * 365 * DAY)
    return stem


@pytest.fixture(scope="module")
def authorities(ca: Path) -> ClientAuthorities:
    return ClientAuthorities.load(ca.with_suffix(".crt"))


@pytest.fixture(scope="module")
def partner() -> Partner:
    """A dienstverlener, by its metadata."""
    return read_metadata(metadata_of("dv"), "DV", NOW)[0]


def issued(folder: Path, ca: Path, oin: str, now: datetime = NOW, hosts: tuple[str, ...] = ()) -> bytes:
    """A certificate of that CA (DER)."""
    stem = folder / "client"
    issue_development_certificate(stem, ca=ca, name="x", oin=oin, now=now, hosts=hosts)
    certificate = x509.load_pem_x509_certificate(stem.with_suffix(".crt").read_bytes())
    return certificate.public_bytes(Encoding.DER)


def made(ca: Path, *attributes: tuple[x509.ObjectIdentifier, str], is_ca: bool = False) -> bytes:
    """A certificate of that CA whose subject is exactly this (DER), for the key of a test."""
    authority = x509.load_pem_x509_certificate(ca.with_suffix(".crt").read_bytes())
    key = load_pem_private_key(ca.with_suffix(".key").read_bytes(), None)
    own = load_pem_private_key(private_pem("client"), None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes]))
        .issuer_name(authority.subject)
        .public_key(own.public_key())  # type: ignore[arg-type]  # an RSA key
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    if is_ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]  # an EC key


def oin_of(partner: Partner) -> str:
    assert partner.oin is not None
    return partner.oin


def test_an_authority_and_the_oin_are_enough(
    tmp_path: Path, ca: Path, authorities: ClientAuthorities, partner: Partner
) -> None:
    require_partner(issued(tmp_path, ca, oin_of(partner)), partner, authorities, NOW)


def test_a_certificate_of_the_metadata_is_enough(authorities: ClientAuthorities, partner: Partner) -> None:
    require_partner(signer("dv").certificate_der, partner, authorities, NOW)


def test_a_key_of_the_metadata_is_enough_in_another_certificate(
    tmp_path: Path, authorities: ClientAuthorities, partner: Partner
) -> None:
    key = load_pem_private_key(private_pem("dv"), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "renewed")])
    renewed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[arg-type]  # an RSA key
        .serial_number(1)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]  # an RSA key
    )
    require_partner(renewed.public_bytes(Encoding.DER), partner, authorities, NOW)
    with pytest.raises(ClientCertificateRefused, match="this moment"):
        require_partner(renewed.public_bytes(Encoding.DER), partner, authorities, NOW + 2 * DAY)


@pytest.mark.parametrize("moment", [-DAY, 4 * 365 * DAY])
def test_a_certificate_of_the_metadata_counts_only_in_its_time(
    authorities: ClientAuthorities, partner: Partner, moment: timedelta
) -> None:
    with pytest.raises(ClientCertificateRefused, match="this moment"):
        require_partner(signer("dv").certificate_der, partner, authorities, NOW + moment)


@pytest.mark.parametrize("kind", ["expired", "too early", "another OIN", "for servers", "another CA"])
def test_a_certificate_that_is_not_the_partners_is_refused(
    tmp_path: Path, ca: Path, authorities: ClientAuthorities, partner: Partner, kind: str
) -> None:
    oin = oin_of(partner)
    if kind == "another CA":
        ca = tmp_path / "other"
        make_development_ca(ca, now=NOW)
    der = {
        "expired": lambda: issued(tmp_path, ca, oin, NOW - 4 * 365 * DAY),
        "too early": lambda: issued(tmp_path, ca, oin, NOW + DAY),
        "another OIN": lambda: issued(tmp_path, ca, "00000099000000009999"),
        "for servers": lambda: issued(tmp_path, ca, oin, hosts=("localhost",)),
        "another CA": lambda: issued(tmp_path, ca, oin),
    }[kind]()

    with pytest.raises(ClientCertificateRefused) as refused:
        require_partner(der, partner, authorities, NOW)

    assert oin not in str(refused.value)


@pytest.mark.parametrize("kind", ["none", "two", "in the common name", "with a space", "of an authority"])
def test_the_oin_stands_once_in_serial_number_of_the_subject(
    ca: Path, authorities: ClientAuthorities, partner: Partner, kind: str
) -> None:
    oin = oin_of(partner)
    serial, name = (NameOID.SERIAL_NUMBER, oin), (NameOID.COMMON_NAME, "x")
    require_partner(made(ca, name, serial), partner, authorities, NOW)
    der = {
        "none": lambda: made(ca, name),
        "two": lambda: made(ca, serial, (NameOID.SERIAL_NUMBER, "00000099000000009999")),
        "in the common name": lambda: made(ca, (NameOID.COMMON_NAME, oin)),
        "with a space": lambda: made(ca, (NameOID.SERIAL_NUMBER, oin + " ")),
        "of an authority": lambda: made(ca, serial, is_ca=True),
    }[kind]()

    with pytest.raises(ClientCertificateRefused):
        require_partner(der, partner, authorities, NOW)


def test_a_partner_without_oin_is_known_by_its_metadata_only(
    tmp_path: Path, ca: Path, authorities: ClientAuthorities, partner: Partner
) -> None:
    foreign = replace(partner, entity_id="https://app.example", oin=None)
    require_partner(signer("dv").certificate_der, foreign, authorities, NOW)
    with pytest.raises(ClientCertificateRefused):
        require_partner(issued(tmp_path, ca, oin_of(partner)), foreign, authorities, NOW)


@pytest.mark.parametrize("der", [None, b"", b"x", signer("dv").certificate_der[:-1]])
def test_what_is_no_certificate_is_refused(
    authorities: ClientAuthorities, partner: Partner, der: bytes | None
) -> None:
    with pytest.raises(ClientCertificateRefused):
        require_partner(der, partner, authorities, NOW)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_bundle_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(UnusableTls, match=r"bundle\.pem"):
        ClientAuthorities.load(bundle)


def test_a_certificate_that_calls_itself_an_authority_is_seen(
    ca: Path, authorities: ClientAuthorities
) -> None:
    ours = x509.load_pem_x509_certificate(ca.with_suffix(".crt").read_bytes())
    theirs = x509.load_pem_x509_certificate(key_stem("dv").with_suffix(".crt").read_bytes())
    assert authorities.share_a_name_with(ours)
    assert not authorities.share_a_name_with(theirs)
