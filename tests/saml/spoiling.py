"""Ciphertexts and signatures that must not pass, by what is wrong with them; each call spoils in another place."""

import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from broker.saml.keys import Certificate
from broker.saml.keys import DecryptionKey
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.signature import sign
from tests.keys import certificate
from tests.keys import signer

_BLOCK = 16
_VALUE = re.compile(rb"CipherValue>([^<]+)<")
_PLAIN = (
    b'<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" NameQualifier="urn:q">90000001'
    b"</saml:NameID>"
)


@dataclass(frozen=True)
class Sealed:
    """An EncryptedID that opens, with its ciphertext, wrapped key and content key apart."""

    raw: bytes
    recipient: Certificate
    data: bytes
    wrapped: bytes
    content_key: bytes

    @classmethod
    def of(cls, raw: bytes, recipient: Certificate, key: DecryptionKey) -> "Sealed":
        """Take one apart that was encrypted for one recipient, whose certificate and key these are."""
        data, wrapped = (base64.b64decode(value) for value in _VALUE.findall(raw))
        return cls(raw, recipient, data, wrapped, key.unwrap(wrapped))

    def with_data(self, data: bytes) -> bytes:
        """With other ciphertext under the same key."""
        return self.raw.replace(base64.b64encode(self.data), base64.b64encode(data))

    def with_key(self, wrapped: bytes) -> bytes:
        """With another wrapped key."""
        return self.raw.replace(base64.b64encode(self.wrapped), base64.b64encode(wrapped))

    def holding(self, plain: bytes) -> bytes:
        """With another plaintext, well encrypted."""
        added = _BLOCK - len(plain) % _BLOCK
        start = secrets.token_bytes(_BLOCK)
        encryptor = Cipher(AES256(self.content_key), CBC(start)).encryptor()
        padded = plain + bytes(added - 1) + bytes([added])
        return self.with_data(start + encryptor.update(padded) + encryptor.finalize())


def _flip(data: bytes, position: int, bits: int) -> bytes:
    return data[:position] + bytes([data[position] ^ bits]) + data[position + 1 :]


def _padding(sealed: Sealed) -> bytes:
    # The last byte of the block before the last decides the last byte of the plaintext, which says the padding.
    return sealed.with_data(_flip(sealed.data, len(sealed.data) - _BLOCK - 1, 0x20 + secrets.randbelow(0xE0)))


def _oaep(sealed: Sealed) -> bytes:
    return sealed.with_key(_flip(sealed.wrapped, secrets.randbelow(255) + 1, 1 + secrets.randbelow(255)))


def _key_length(sealed: Sealed) -> bytes:
    length = secrets.choice((1, 16, 24, 31, 33, 64))
    return sealed.with_key(sealed.recipient.wrap(secrets.token_bytes(length)))


def _content_key(sealed: Sealed) -> bytes:
    return sealed.with_key(sealed.recipient.wrap(secrets.token_bytes(32)))


def _recipient(sealed: Sealed) -> bytes:
    # A number beyond the modulus, which is public, is refused by comparing; that is another kind.
    below = sealed.recipient.public_key.public_numbers().n
    while int.from_bytes(wrapped := certificate("stranger").wrap(secrets.token_bytes(32))) >= below:
        pass
    return sealed.with_key(wrapped)


def _key_name(sealed: Sealed) -> bytes:
    name = sealed.recipient.key_name.encode()
    return _oaep(sealed).replace(name, secrets.token_hex(32).encode())


def _not_xml(sealed: Sealed) -> bytes:
    # The first bytes of the plaintext, an XML name: another bit makes no other name that has a namespace.
    return sealed.with_data(_flip(sealed.data, secrets.randbelow(_BLOCK), 1 << secrets.randbelow(8)))


def _another_element(sealed: Sealed) -> bytes:
    return sealed.holding(_PLAIN.replace(b"NameID", b"Na%b" % secrets.token_hex(2).encode()))


def _document_type(sealed: Sealed) -> bytes:
    return sealed.holding(b"<!DOCTYPE x [<!ENTITY e '%b'>]>" % secrets.token_hex(8).encode() + _PLAIN)


def _cut_off(sealed: Sealed) -> bytes:
    blocks = len(sealed.data) // _BLOCK
    start = secrets.token_bytes(_BLOCK)
    return sealed.with_data(start + sealed.data[_BLOCK : _BLOCK * (2 + secrets.randbelow(blocks - 2))])


def _any_bit(sealed: Sealed) -> bytes:
    position = secrets.randbelow(len(sealed.data))
    return sealed.with_data(_flip(sealed.data, position, 1 << secrets.randbelow(8)))


def _no_number(sealed: Sealed) -> bytes:
    return sealed.with_key(b"\xff" * len(sealed.wrapped))


def _pkcs1(sealed: Sealed) -> bytes:
    return _content_key(sealed).replace(b"rsa-oaep-mgf1p", b"rsa-1_5")


def _odd_blocks(sealed: Sealed) -> bytes:
    return sealed.with_data(sealed.data[: -1 - secrets.randbelow(_BLOCK - 1)])


SECRETLY_WRONG: Final[dict[str, Callable[[Sealed], bytes]]] = {
    "padding": _padding,
    "OAEP": _oaep,
    "length of the content key": _key_length,
    "another content key": _content_key,
    "key of somebody else": _recipient,
    "unknown KeyName": _key_name,
    "plaintext is not XML": _not_xml,
    "plaintext is another element": _another_element,
    "plaintext has a DTD": _document_type,
    "cut off": _cut_off,
    "any one bit": _any_bit,
}
"""What only the owner of the key can see to be wrong with a ciphertext."""

OPENLY_WRONG: Final[dict[str, Callable[[Sealed], bytes]]] = {
    "no number below the modulus": _no_number,
    "PKCS#1 v1.5": _pkcs1,
    "no whole blocks": _odd_blocks,
}
"""What anybody can see to be wrong with it."""


def _changed(pattern: bytes, change: Callable[[bytes], bytes], message: bytes) -> bytes:
    changed = re.sub(pattern, lambda found: found.group(1) + change(found.group(2)), message, count=1)
    if changed == message:
        raise ValueError("nothing was spoiled")
    return changed


def _other_bytes(value: bytes) -> bytes:
    data = base64.b64decode(value)
    return base64.b64encode(_flip(data, secrets.randbelow(len(data)), 1 << secrets.randbelow(8)))


@lru_cache(maxsize=8)
def _by_a_stranger(message: bytes) -> bytes:
    element = parse(message)
    for signature in element.findall(tag(DS, "Signature")):
        element.remove(signature)
    sign(element, signer("stranger"))
    return serialise(element)


def _in_our_name(message: bytes) -> bytes:
    named = re.search(rb"<ds:KeyName>([^<]+)<", message)
    name = b"" if named is None else named.group(1)
    return _by_a_stranger(message).replace(certificate("stranger").key_name.encode(), name)


_SIGNATURE_VALUE = rb"(<ds:SignatureValue>)([^<]+)"
_DIGEST_VALUE = rb"(<ds:DigestValue>)([^<]+)"


def _shorter(value: bytes) -> bytes:
    return base64.b64encode(base64.b64decode(value)[: secrets.randbelow(256)])


def _fraction(_: bytes) -> bytes:
    return b".%03dZ" % secrets.randbelow(1000)


SIGNATURES: Final[dict[str, Callable[[bytes], bytes]]] = {
    "content changed": lambda message: _changed(rb'( IssueInstant="[^"]+)(Z)', _fraction, message),
    "DigestValue": lambda message: _changed(_DIGEST_VALUE, _other_bytes, message),
    "DigestValue is not base64": lambda message: _changed(_DIGEST_VALUE, lambda value: b"!" + value, message),
    "SignatureValue": lambda message: _changed(_SIGNATURE_VALUE, _other_bytes, message),
    "SignatureValue is shorter": lambda message: _changed(_SIGNATURE_VALUE, _shorter, message),
    "SignatureValue is not base64": lambda message: _changed(
        _SIGNATURE_VALUE, lambda value: b"!" + value, message
    ),
    "key of somebody else": _by_a_stranger,
    "and its KeyName ours": _in_our_name,
    "algorithm": lambda message: _changed(rb"(xmldsig-more#)(rsa-sha256)", lambda _: b"hmac-sha256", message),
    "not signed": lambda message: re.sub(rb"<ds:Signature .*?</ds:Signature>", b"", message, count=1),
}
"""What can be wrong with the signature around a message, which is the first in it."""
