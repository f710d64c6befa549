"""A private key in a PEM file, loaded once, and the making of development keys."""

import os
from datetime import datetime
from datetime import timedelta
from functools import cache
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

log = structlog.get_logger()

_DEVELOPMENT_DAYS = 3 * 365


class UnusableKey(ValueError):
    """The key or certificate file is missing, unreadable, or the two do not belong together.

    ``code`` says which, for texts in other languages: ``pair``, ``missing``, ``unreadable``, ``not-rsa``, ``other``
    (not the one that was announced), or ``unusable``; ``file`` is the name of the file, without its folder.
    """

    def __init__(self, text: str, code: str = "unusable", file: str = "") -> None:
        """``text`` is the English sentence."""
        super().__init__(text)
        self.code = code
        self.file = file


class FileSigner:
    """A private key and its certificate, read from ``<stem>.key`` and ``<stem>.crt``. Immutable after loading."""

    __slots__ = ("_certificate_der", "_key", "_key_name")

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        """Hold a key with its certificate. Raises ``UnusableKey`` when they are no pair."""
        if certificate.public_key() != key.public_key():
            raise UnusableKey("the certificate does not belong to the private key", "pair")
        self._key = key
        self._certificate_der = certificate.public_bytes(serialization.Encoding.DER)
        self._key_name = certificate.fingerprint(hashes.SHA256()).hex()

    @classmethod
    def load(cls, stem: Path) -> "FileSigner":
        """Read ``<stem>.key`` and ``<stem>.crt`` (PEM). Raises ``UnusableKey`` that names the file.

        A private key that others may read or replace is used, and logged once: platforms that mount secrets choose the
        mode themselves, and a makelaar that stops helps nobody.
        """
        key = _read_key(stem)
        _complain_of(stem.with_suffix(".key"), others_may(stem.with_suffix(".key")))
        try:
            certificate = x509.load_pem_x509_certificate(stem.with_suffix(".crt").read_bytes())
        except (OSError, ValueError) as error:
            raise _unreadable(stem.with_suffix(".crt"), error) from None
        return cls(key, certificate)

    @property
    def key_name(self) -> str:
        """The SHA-256 fingerprint of the certificate, hex."""
        return self._key_name

    @property
    def certificate_der(self) -> bytes:
        """The certificate, DER."""
        return self._certificate_der

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over ``data``."""
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def unwrap(self, wrapped: bytes) -> bytes:
        """Undo RSA-OAEP-MGF1P with SHA-1 inside, as the network encrypts; ValueError when it does not fit."""
        sha1 = hashes.SHA1()  # noqa: S303  # inside OAEP; see saml.policy.CryptoPolicy
        return self._key.decrypt(wrapped, padding.OAEP(padding.MGF1(sha1), sha1, None))


def make_development_key(stem: Path, *, name: str, oin: str, now: datetime) -> None:
    """Write a 2048-bit key and a self-signed certificate for it, unless ``<stem>.crt`` is there already.

    A key that is there is kept and gets a certificate; a certificate without its key is left for the operator to
    mend. The subject carries the OIN in serialNumber, as PKIoverheid certificates do. The key file is readable by
    its owner only, and is there in full before the certificate, so that a half-made pair is never taken for a whole
    one. Raises ``UnusableKey`` when the key that is there cannot be read.
    """
    if stem.with_suffix(".crt").exists():
        return
    stem.parent.mkdir(parents=True, exist_ok=True)
    if stem.with_suffix(".key").exists():
        key = _read_key(stem)
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_key(stem, key)
    subject = _development_name(name, oin)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DEVELOPMENT_DAYS))
        .sign(key, hashes.SHA256())
    )
    stem.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def make_request(stem: Path, subject: x509.Name, bits: int) -> bytes:
    """A certificate signing request (PEM) for ``<stem>.key``, which is made when it is missing.

    Raises ``UnusableKey`` when the key that is there cannot be read.
    """
    if stem.with_suffix(".key").exists():
        key = _read_key(stem)
    else:
        stem.parent.mkdir(parents=True, exist_ok=True)
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        write_key(stem, key)
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def is_development_certificate(path: Path, *, name: str, oin: str) -> bool:
    """Whether this is a certificate as ``make_development_key`` writes for this party; False when in doubt.

    Nobody else vouches for it: it is signed by its own key, and in the name of the party alone.
    """
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(certificate)
    except (OSError, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return certificate.subject == _development_name(name, oin)


def _development_name(name: str, oin: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)]
    )


def others_may(path: Path) -> int:
    """What others than its owner may do with a file, as permission bits; 0 when nothing."""
    return path.stat().st_mode & 0o077


@cache
def _complain_of(path: Path, bits: int) -> None:
    """Once for each file and mode in a process: keys are looked at again whenever somebody asks how they stand."""
    if bits:
        log.warning("key_open_to_others", reason=f"{path.name}: chmod 600")


def _unreadable(path: Path, error: Exception) -> UnusableKey:
    code = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
    return UnusableKey(f"{path}: {type(error).__name__}", code, path.name)


def _read_key(stem: Path) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(stem.with_suffix(".key").read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(stem.with_suffix(".key"), error) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnusableKey(f"{stem}.key: not an RSA key", "not-rsa", f"{stem.name}.key")
    return key


def write_key(stem: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    """Write ``<stem>.key`` (PEM) in one step, readable by its owner from the first byte."""
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    part = stem.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    part.replace(stem.with_suffix(".key"))
