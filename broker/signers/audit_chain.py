"""The chain in which a thread writes its audit records, and the judging of what stands in one."""

import secrets
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.domain import evidence
from broker.ports import Signer
from broker.ports.audit import Anchor
from broker.ports.audit import AuditRecord
from broker.ports.audit import Opening
from broker.ports.audit import Sealed
from broker.ports.audit import sealed_fields


class MemoryChain:
    """A ``ChainWriter`` whose private key (Ed25519) is made here and is gone with the process.

    One RSA signature when it begins; each record costs an Ed25519 signature, about a twentieth of that. For one thread.
    """

    __slots__ = ("_key", "_previous", "_sequence", "opening")

    def __init__(self, signer: Signer, now: datetime) -> None:
        """Begin a chain for which ``signer`` vouches."""
        self._key = Ed25519PrivateKey.generate()
        public_key = self._key.public_key().public_bytes_raw()
        unsigned = Opening(secrets.token_hex(16), public_key, now, signer.key_name, b"")
        fields = unsigned.fields()
        signature = signer.sign(evidence.canonical(fields))
        self.opening = Opening(unsigned.writer, public_key, now, signer.key_name, signature)
        self._sequence = 0
        self._previous = evidence.digest(fields)

    def seal(self, record: AuditRecord) -> Sealed:
        self._sequence += 1
        fields = sealed_fields(record, self.opening.writer, self._sequence, self._previous)
        digest = evidence.digest(fields)
        signature = self._key.sign(bytes.fromhex(digest))
        sealed = Sealed(record, self.opening.writer, self._sequence, self._previous, digest, signature)
        self._previous = digest
        return sealed


def vouched_for(document: Opening | Anchor, certificate_der: bytes) -> bool:
    """Whether the holder of this certificate signed the document."""
    key = x509.load_der_x509_certificate(certificate_der).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    signed = evidence.canonical(document.fields())
    try:
        key.verify(document.signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def written_by(sealed: Sealed, public_key: bytes) -> bool:
    """Whether the digest of a record was signed with the key (Ed25519, 32 bytes) of its chain."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(sealed.signature, bytes.fromhex(sealed.digest))
    except (InvalidSignature, ValueError):
        return False
    return True
