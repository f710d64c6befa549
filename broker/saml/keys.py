"""Keys as the messages need them: what signs, what decrypts, what verifies."""

import base64
import hashlib
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature as _NoMatch
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from broker.saml.base64_text import read_base64
from broker.saml.policy import CRYPTO


class SigningKey(Protocol):
    """What signs a message: a private key of ours, wherever it is kept."""

    @property
    def key_name(self) -> str:
        """The KeyName of its certificate in our metadata."""

    @property
    def certificate_der(self) -> bytes:
        """Its certificate, DER."""

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over ``data``."""


class DecryptionKey(Protocol):
    """What opens a key that was encrypted for us."""

    @property
    def key_name(self) -> str:
        """The KeyName of its certificate in our metadata."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Undo RSA-OAEP-MGF1P with SHA-1; ValueError when it does not fit."""


class UnusableCertificate(ValueError):
    """Not an X.509 certificate with an RSA key of the length the policy asks."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A partner's certificate under the KeyName its metadata gives it. The key inside is parsed once.

    ``asked`` is the algorithm for content that metadata asks with it, None when it asks none that we use.
    """

    key_name: str
    der: bytes
    public_key: RSAPublicKey
    not_before: datetime = field(default=datetime.min.replace(tzinfo=UTC), compare=False)
    not_after: datetime = field(default=datetime.max.replace(tzinfo=UTC), compare=False)
    asked: str | None = field(default=None, compare=False)

    @classmethod
    def from_der(cls, der: bytes, key_name: str | None = None) -> "Certificate":
        """Read a certificate; without a KeyName its SHA-256 fingerprint (hex) serves as one.

        Raises ``UnusableCertificate``.
        """
        try:
            certificate = x509.load_der_x509_certificate(der)
            public_key = certificate.public_key()
            not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise UnusableCertificate("not an X.509 certificate") from None
        if not isinstance(public_key, RSAPublicKey):
            raise UnusableCertificate("the certificate holds no RSA key")
        if public_key.key_size < CRYPTO.minimum_rsa_bits:
            raise UnusableCertificate(
                f"RSA key of {public_key.key_size} bits, {CRYPTO.minimum_rsa_bits} needed"
            )
        numbers = public_key.public_numbers()
        if numbers.e < CRYPTO.minimum_rsa_exponent or numbers.n % 2 == 0:
            raise UnusableCertificate(
                "the RSA key has a small exponent, or a modulus that is no product of primes"
            )
        return cls(key_name or fingerprint(der), der, public_key, not_before, not_after)

    @classmethod
    def from_base64(cls, text: str, key_name: str | None = None) -> "Certificate":
        """Read the text of a ds:X509Certificate. Raises ``UnusableCertificate``."""
        try:
            der = read_base64(text)
        except ValueError:
            raise UnusableCertificate("the certificate is not base64") from None
        return cls.from_der(der, key_name)

    def is_in_force(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in its validity (RFC 5280, 4.1.2.5)."""
        return self.not_before <= moment <= self.not_after

    def base64(self) -> str:
        """The text of a ds:X509Certificate."""
        return base64.b64encode(self.der).decode("ascii")

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` is RSASSA-PKCS1-v1_5 with SHA-256 over ``data`` by this key."""
        try:
            self.public_key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except _NoMatch:
            return False
        return True

    def wrap(self, secret: bytes) -> bytes:
        """Encrypt a content key with RSA-OAEP-MGF1P, SHA-1 inside (xmlenc rsa-oaep-mgf1p)."""
        return self.public_key.encrypt(secret, oaep())


def oaep() -> padding.OAEP:
    """The padding of xmlenc ``rsa-oaep-mgf1p`` with a SHA-1 DigestMethod, as the network sends it."""
    sha1 = hashes.SHA1()  # noqa: S303  # inside OAEP; see CryptoPolicy
    return padding.OAEP(mgf=padding.MGF1(algorithm=sha1), algorithm=sha1, label=None)


def fingerprint(der: bytes) -> str:
    """The SHA-256 of a certificate, lower-case hex: our own KeyName convention."""
    return hashlib.sha256(der).hexdigest()
