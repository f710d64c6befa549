"""Certificates of partners."""

import base64
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.saml.keys import fingerprint
from tests.keys import certificate
from tests.keys import signer

type_of_key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def self_signed(key: type_of_key) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def holding(numbers: rsa.RSAPublicNumbers) -> bytes:
    """A certificate with this public key, signed by nobody in particular."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, numbers.public_key(), 1, now, now + timedelta(days=1))
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_certificate_is_read_from_base64_with_line_breaks() -> None:
    own = certificate("dv")
    text = base64.encodebytes(own.der).decode()
    assert Certificate.from_base64(f"\n  {text}", "name") == Certificate("name", own.der, own.public_key)
    assert Certificate.from_base64(own.base64()).key_name == fingerprint(own.der) == signer("dv").key_name


@pytest.mark.parametrize("text", ["", "!", "AAAA", "MIIB", "é"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(UnusableCertificate):
        Certificate.from_base64(text)


def test_a_cut_certificate_is_refused() -> None:
    with pytest.raises(UnusableCertificate):
        Certificate.from_der(certificate("dv").der[:-1])


@pytest.mark.rule("9.05")
def test_a_key_that_is_too_short_or_of_another_kind_is_refused() -> None:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505  # which is what must be refused
    for key in (short, ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()):
        with pytest.raises(UnusableCertificate):
            Certificate.from_der(self_signed(key))


def test_a_key_with_an_even_modulus_is_refused() -> None:
    modulus = certificate("dv").public_key.public_numbers().n
    with pytest.raises(UnusableCertificate):
        Certificate.from_der(holding(rsa.RSAPublicNumbers(65537, modulus - 1)))


def test_a_key_of_a_kind_nobody_knows_is_refused() -> None:
    rsa_encryption, unknown = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01017f")
    der = certificate("dv").der
    assert rsa_encryption in der
    with pytest.raises(UnusableCertificate):
        Certificate.from_der(der.replace(rsa_encryption, unknown))


def test_only_the_right_key_over_the_right_data_verifies() -> None:
    signature = signer("dv").sign(b"data")
    assert certificate("dv").verifies(signature, b"data") is True
    for other, data, value in (
        ("mallory", b"data", signature),
        ("dv", b"Data", signature),
        ("dv", b"data", b""),
    ):
        assert certificate(other).verifies(value, data) is False


def test_what_is_wrapped_for_a_certificate_its_key_unwraps() -> None:
    wrapped = certificate("dv").wrap(b"k" * 32)
    assert signer("dv").unwrap(wrapped) == b"k" * 32
    with pytest.raises(ValueError):
        signer("mr").unwrap(wrapped)


def test_a_certificate_that_is_no_base64_is_refused_as_that() -> None:
    for text in ("\u00e9", "abc"):
        with pytest.raises(UnusableCertificate, match="not base64"):
            Certificate.from_base64(text)


def test_a_certificate_is_in_force_from_its_first_second_to_its_last() -> None:
    read = Certificate.from_der(signer("dv").certificate_der)
    second = timedelta(seconds=1)

    assert read.is_in_force(read.not_before)
    assert read.is_in_force(read.not_after)
    assert not read.is_in_force(read.not_before - second)
    assert not read.is_in_force(read.not_after + second)
    assert timedelta(days=1000) < read.not_after - read.not_before < timedelta(days=1200)
