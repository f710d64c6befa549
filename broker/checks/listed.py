"""The certificates that metadata and dienstencatalogus list, each as far as it can be read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import PublicFormat
from lxml import etree

from broker.saml.base64_text import read_base64
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import tag


@dataclass(frozen=True, slots=True)
class Listed:
    """A certificate where it stands.

    ``use`` is signing or encryption, None for both. ``key_name`` is None when there is none. ``certificate`` and
    ``key`` are None when they cannot be read; then ``text`` is what stands there.
    """

    element: etree._Element
    descriptor: etree._Element
    use: str | None
    key_name: str | None
    text: str
    certificate: x509.Certificate | None
    key: PublicKeyTypes | None

    @property
    def der(self) -> bytes:
        """The certificate, DER; empty when it cannot be read."""
        return b"" if self.certificate is None else self.certificate.public_bytes(Encoding.DER)


def certificates_in(root: etree._Element) -> Iterator[Listed]:
    """Every X509Certificate of every KeyDescriptor beneath ``root``."""
    for descriptor in root.iter(tag(MD, "KeyDescriptor")):
        name = descriptor.findtext(f"{tag(DS, 'KeyInfo')}/{tag(DS, 'KeyName')}")
        for element in descriptor.iter(tag(DS, "X509Certificate")):
            text = element.text or ""
            certificate, key = _read(text)
            use = descriptor.get("use")
            yield Listed(element, descriptor, use, name and name.strip(), text, certificate, key)


def key_of(key: PublicKeyTypes) -> str:
    """By what a key is known, whatever certificate it comes in: the SHA-256 of its SubjectPublicKeyInfo, hex."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _read(text: str) -> tuple[x509.Certificate | None, PublicKeyTypes | None]:
    try:
        certificate = x509.load_der_x509_certificate(read_base64(text))
    except (ValueError, TypeError):
        return None, None
    try:
        return certificate, certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return certificate, None
