"""Making the next key of the makelaar: key and request for a certificate, or one of its own for development."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from broker.assembly.party import Assembled
from broker.onboarding.key_refused import KeyRefused
from broker.onboarding.own_keys import can_be_named
from broker.settings import MAKELAAR
from broker.signers.files import UnusableKey
from broker.signers.files import make_development_key
from broker.signers.files import make_request

BITS = (2048, 3072, 4096)


def request_certificate(makelaar: Assembled, name: str, bits: int) -> Path:
    """Make ``<name>.key`` when it is missing, and ``<name>.csr`` for the issuer of the certificate; where that stands.

    The subject is as PKIoverheid has it: the OIN in serialNumber. Raises ``KeyRefused``.
    """
    stem = stem_of(makelaar, name)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, MAKELAAR.display_name("nl")),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, MAKELAAR.oin),
            x509.NameAttribute(NameOID.COMMON_NAME, MAKELAAR.display_name("nl")),
        ]
    )
    try:
        pem = make_request(stem, subject, bits)
    except UnusableKey as error:
        raise KeyRefused("files", name=name, why=str(error)) from None
    path = stem.with_suffix(".csr")
    path.write_bytes(pem)
    return path


def certify_ourselves(makelaar: Assembled, name: str, now: datetime) -> None:
    """Make key and certificate that nobody else vouches for. Raises ``KeyRefused``."""
    try:
        stem = stem_of(makelaar, name)
        make_development_key(stem, name=MAKELAAR.display_name("nl"), oin=MAKELAAR.oin, now=now)
    except UnusableKey as error:
        raise KeyRefused("files", name=name, why=str(error)) from None


def put_certificate(makelaar: Assembled, name: str, certificate: x509.Certificate) -> None:
    """Lay a certificate beside its key. Raises ``KeyRefused`` when another one lies there."""
    path = stem_of(makelaar, name).with_suffix(".crt")
    pem = certificate.public_bytes(Encoding.PEM)
    if path.exists() and x509.load_pem_x509_certificate(path.read_bytes()) != certificate:
        raise KeyRefused("certificate-other", name=name)
    path.write_bytes(pem)


def stem_of(makelaar: Assembled, name: str) -> Path:
    """Where the files of a key are, without suffix. Raises ``KeyRefused`` for a name that no key can have."""
    if not can_be_named(name):
        raise KeyRefused("name", name=name)
    return makelaar.settings.key_stem(MAKELAAR).parent / name
