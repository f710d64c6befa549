"""The development CA: what a box needs for mutual TLS, made in place of certificates of PKIoverheid.

Keys are on P-256: they are made in no time, and good for TLS by the NCSC guidelines. Nothing here signs a message.
"""

from datetime import datetime
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from broker.signers.files import UnusableKey
from broker.signers.files import write_key

_CA_DAYS = 10 * 365
_LEAF_DAYS = 3 * 365
_BACKDATE = timedelta(minutes=5)
_CA_NAME = "Development CA of makelaar run"


def make_development_ca(stem: Path, *, now: datetime) -> None:
    """Write the key and certificate of a CA, unless ``<stem>.crt`` is there already. Its key is its owner's only."""
    if stem.with_suffix(".crt").exists():
        return
    key = _new_key(stem)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _CA_NAME)])
    builder = (
        _builder(subject, subject, key.public_key(), now, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    _write(stem, builder.sign(key, hashes.SHA256()))


def issue_development_certificate(
    stem: Path, *, ca: Path, name: str, oin: str, now: datetime, hosts: tuple[str, ...] = ()
) -> None:
    """Write a key and a certificate for it under the CA at ``ca``, unless ``<stem>.crt`` is there already.

    With ``hosts`` (names or addresses) it is for a server there, without for a client. The subject carries the OIN in
    serialNumber, as PKIoverheid certificates do. Raises ``UnusableKey`` when the CA cannot be read.
    """
    if stem.with_suffix(".crt").exists():
        return
    authority, authority_key = _load_ca(ca)
    key = _new_key(stem)
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)]
    )
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        _builder(subject, authority.subject, key.public_key(), now, _LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(map(_host, hosts)), critical=False)
    _write(stem, builder.sign(authority_key, hashes.SHA256()))


def is_of_development_ca(certificate: Path, ca: Path) -> bool:
    """Whether the CA that ``make_development_ca`` wrote at ``ca`` issued this certificate; False when in doubt."""
    try:
        issued, authority = (x509.load_pem_x509_certificate(path.read_bytes()) for path in (certificate, ca))
        authority.verify_directly_issued_by(authority)
        issued.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return authority.subject == x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _CA_NAME)])


def _new_key(stem: Path) -> ec.EllipticCurvePrivateKey:
    stem.parent.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    write_key(stem, key)
    return key


def _load_ca(stem: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(stem.with_suffix(".crt").read_bytes())
        key = serialization.load_pem_private_key(stem.with_suffix(".key").read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise UnusableKey(f"{stem}: {type(error).__name__}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise UnusableKey(f"{stem}: key and certificate are not those of a development CA")
    return certificate, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(stem: Path, certificate: x509.Certificate) -> None:
    stem.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
