"""One encryption profile, of identifiers and attributes: one content key for one or more recipients.

The shape is that of the network (Afsprakenstelsel, EncryptedAttribute and Identificerende kenmerken): an
EncryptedData first, then one EncryptedKey per recipient beside it, found through RetrievalMethod. The makelaar
itself only copies these; authenticatiedienst, machtigingenregister and dienstverlener make and open them.
"""

import base64
import os
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lxml import etree

from broker.saml.base64_text import read_base64
from broker.saml.build import child
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import SamlError
from broker.saml.keys import Certificate
from broker.saml.keys import DecryptionKey
from broker.saml.names import DS
from broker.saml.names import NAMEID_PERSISTENT
from broker.saml.names import SAML
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse_opened
from broker.saml.parsing import reparse
from broker.saml.parsing import require_readable
from broker.saml.parsing import serialise
from broker.saml.policy import AES256_CBC
from broker.saml.policy import AES256_GCM
from broker.saml.policy import CRYPTO
from broker.saml.policy import LIMITS
from broker.saml.policy import RSA_OAEP_MGF1P
from broker.saml.policy import SHA1

TYPE_ELEMENT = f"{XENC}Element"
_TYPE_KEY = f"{XENC}EncryptedKey"
_BLOCK = 16
_GCM_IV = 12
_GCM_TAG = 16

CONTENT_KEY_BYTES = AES256.key_size // 8
"""Of AES-256, the only cipher for content."""

_NEVER = (tag(XENC, "CipherReference"), tag(XENC, "EncryptionProperties"), tag(DS, "Transforms"))
"""What leads elsewhere, or holds what nobody asked for (OpenSAML, advisory of 12 December 2022)."""

COULD_NOT_OPEN = "what was encrypted could not be opened"
"""The one text of a failure to decrypt, so that nothing can be learned from it."""

_NOT_XML = b"<NameID none"

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may open an identifier, by entityID, and with which certificate."""

    entity_id: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Encrypted:
    """An element of saml:EncryptedElementType as bytes on its own, and the entityIDs of those who can open it."""

    raw: bytes
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EncryptedId(Encrypted):
    """An EncryptedID."""


E = TypeVar("E", bound=Encrypted)


@dataclass(frozen=True, slots=True)
class OpenedId:
    """What was inside: the identifier's type (NameQualifier) and its value, which is personal data."""

    qualifier: str
    value: str

    def __repr__(self) -> str:
        """The type only."""
        return f"OpenedId({self.qualifier!r}, hidden)"


def encrypt_identifier(
    qualifier: str, value: str, recipients: Sequence[Recipient], new_id: NewId
) -> EncryptedId:
    """Encrypt a persistent NameID for the recipients, AES-256-CBC with a fresh key and IV each time.

    ``new_id`` gives XML IDs. Raises ValueError without recipients: nothing may leave that nobody can open.
    """
    name_id = etree.Element(
        tag(SAML, "NameID"), nsmap={"saml": SAML}, Format=NAMEID_PERSISTENT, NameQualifier=qualifier
    )
    name_id.text = value
    return encrypt_element(EncryptedId, "EncryptedID", name_id, recipients, new_id)


def encrypt_element(
    kind: type[E], name: str, plain: etree._Element, recipients: Sequence[Recipient], new_id: NewId
) -> E:
    """Encrypt an element whole, inside a new saml element called ``name``. Raises ValueError without recipients."""
    if not recipients:
        raise ValueError("what is encrypted needs at least one recipient")
    content_key = os.urandom(CONTENT_KEY_BYTES)
    key_ids = [new_id() for _ in recipients]
    data_id = new_id()

    holder = etree.Element(tag(SAML, name), nsmap={"saml": SAML, "xenc": XENC, "ds": DS})
    data = child(holder, XENC, "EncryptedData", None, {"Id": data_id, "Type": TYPE_ELEMENT})
    child(data, XENC, "EncryptionMethod", None, {"Algorithm": AES256_CBC})
    key_info = child(data, DS, "KeyInfo")
    for key_id in key_ids:
        child(key_info, DS, "RetrievalMethod", None, {"URI": f"#{key_id}", "Type": _TYPE_KEY})
    write_cipher_value(data, _encrypt_cbc(content_key, serialise(plain)))
    for key_id, recipient in zip(key_ids, recipients, strict=True):
        key = child(holder, XENC, "EncryptedKey", None, {"Id": key_id, "Recipient": recipient.entity_id})
        method = child(key, XENC, "EncryptionMethod", None, {"Algorithm": RSA_OAEP_MGF1P})
        child(method, DS, "DigestMethod", None, {"Algorithm": SHA1})
        child(child(key, DS, "KeyInfo"), DS, "KeyName", recipient.certificate.key_name)
        write_cipher_value(key, recipient.certificate.wrap(content_key))
        references = child(key, XENC, "ReferenceList")
        child(references, XENC, "DataReference", None, {"URI": f"#{data_id}"})
    return kind(serialise(holder), tuple(recipient.entity_id for recipient in recipients))


def read_encrypted_id(element: etree._Element) -> EncryptedId:
    """Take an EncryptedID out of a verified element, without opening it. Raises ``DecryptionFailed``."""
    return read_encrypted(EncryptedId, "EncryptedID", element)


def read_encrypted(kind: type[E], name: str, element: etree._Element) -> E:
    """Take an encrypted saml element called ``name`` out of a verified one. Raises ``DecryptionFailed``.

    Whoever passes it on, as the makelaar does, passes on nothing that its recipients would have to refuse: algorithms
    outside the policy, ciphertext that stands elsewhere, or keys that are found through transforms.
    """
    keys = element.findall(f".//{tag(XENC, 'EncryptedKey')}")
    if element.tag != tag(SAML, name) or not 0 < len(keys) <= LIMITS.encrypted_keys:
        raise DecryptionFailed(COULD_NOT_OPEN)
    try:
        _require_profile(element, keys)
    except ValueError:
        raise DecryptionFailed(COULD_NOT_OPEN) from None
    return kind(serialise(element), tuple(key.get("Recipient", "") for key in keys))


def _require_profile(element: etree._Element, keys: Sequence[etree._Element]) -> None:
    """Raise ValueError for anything that can be seen to be wrong without a key."""
    (data,) = element.iter(tag(XENC, "EncryptedData"))
    if _single(data, tag(XENC, "EncryptionMethod")).get("Algorithm") not in CRYPTO.data_encryption:
        raise ValueError
    if not all(_is_of_the_profile(key) for key in keys) or next(element.iter(*_NEVER), None) is not None:
        raise ValueError
    beside = {f"#{key.get('Id')}" for key in keys}
    if any(found.get("URI") not in beside for found in element.iter(tag(DS, "RetrievalMethod"))):
        # We would not follow it, but the software of a dienstverlener might, into its own network.
        raise ValueError
    for holder in (data, *keys):
        _cipher_bytes(holder)


def copy_encrypted(original: Encrypted, recipient: str, new_id: NewId) -> bytes:
    """The same ciphertext for one of its recipients, under new XML IDs, so that it can stand beside the original.

    The keys of other recipients are left out: in a chain they would name a register to the dienstverlener.
    """
    element = reparse(original.raw)
    for key in element.findall(f".//{tag(XENC, 'EncryptedKey')}"):
        if key.get("Recipient", recipient) != recipient:
            _drop_key(element, key)
    renamed: dict[str, str] = {}
    for node in element.iter():
        if (old := node.get("Id")) is not None:
            renamed[f"#{old}"] = new = new_id()
            node.set("Id", new)
    for node in element.iter():
        if (uri := node.get("URI")) in renamed:
            node.set("URI", f"#{renamed[uri]}")
    return serialise(element)


def _drop_key(element: etree._Element, key: etree._Element) -> None:
    """Take out an EncryptedKey and the RetrievalMethod that points at it."""
    for method in element.findall(f".//{tag(DS, 'RetrievalMethod')}"):
        if method.get("URI") == f"#{key.get('Id')}":
            _remove(method)
    _remove(key)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def decrypt_identifier(encrypted: EncryptedId, key: DecryptionKey, entity_id: str) -> OpenedId:
    """Open an identifier that was encrypted for ``entity_id``.

    Raises ``DecryptionFailed`` with one and the same text, whatever was wrong.
    """
    name_id = decrypt_element(encrypted, key, entity_id)
    qualifier, value = name_id.get("NameQualifier"), name_id.text
    if name_id.tag != tag(SAML, "NameID") or len(name_id) or not qualifier or not value:
        raise not_what_belongs_here()
    return OpenedId(qualifier, value)


def decrypt_element(encrypted: Encrypted, key: DecryptionKey, entity_id: str) -> etree._Element:
    """The element that was encrypted for ``entity_id``, still to be judged by who asked for it.

    Everything that can be read without a key is checked before the key is used: structure, algorithms, lengths. From
    there on each path is the same work (the key is used as often as the structure says, something is decrypted, and
    something is parsed), so that neither text nor time tells what was wrong: CBC and OAEP both have oracles otherwise
    (Jager and Somorovsky 2011, Manger 2001). Raises ``DecryptionFailed`` with one and the same text.
    """
    try:
        element = reparse(encrypted.raw)
        data = _single(element, tag(XENC, "EncryptedData"))
        algorithm = _single(data, tag(XENC, "EncryptionMethod")).get("Algorithm")
        if algorithm not in CRYPTO.data_encryption:
            raise ValueError
        ciphertext = _cipher_bytes(data)
        if not _is_of_possible_length(algorithm, len(ciphertext)):
            raise ValueError
        wrapped = [_cipher_bytes(each) for each in _to_try(element, entity_id, key.key_name)]
        content_key = _unwrap(wrapped, key)
        decrypt = _decrypt_gcm if algorithm == AES256_GCM else _decrypt_cbc
        plain, sound = decrypt(content_key, ciphertext)
        opened = _parse(plain)
        if not sound:
            raise not_what_belongs_here()
        return opened
    except (ValueError, InvalidTag, SamlError):
        raise DecryptionFailed(COULD_NOT_OPEN) from None


def _parse(plain: bytes) -> etree._Element:
    try:
        require_readable(plain)
    except SamlError:
        raise not_what_belongs_here() from None
    return parse_opened(plain)


def not_what_belongs_here() -> DecryptionFailed:
    """The error for what was opened and no parser refused, after the time that a parser would have taken to refuse."""
    with suppress(SamlError):
        parse_opened(_NOT_XML)
    return DecryptionFailed(COULD_NOT_OPEN)


def _is_of_possible_length(algorithm: str, length: int) -> bool:
    if algorithm == AES256_GCM:
        return length >= _GCM_IV + _GCM_TAG
    return length >= 2 * _BLOCK and length % _BLOCK == 0


def _unwrap(wrapped: Sequence[bytes], key: DecryptionKey) -> bytes:
    """The first content key that fits, having tried each; a random one when none does (as RFC 5246, 7.4.7.1)."""
    content_keys = [os.urandom(CONTENT_KEY_BYTES)]
    for each in reversed(wrapped):
        try:
            content_key = key.unwrap(each)
        except ValueError:
            continue  # for another key of ours, or for somebody else
        if len(content_key) == CONTENT_KEY_BYTES:
            content_keys.append(content_key)
    return content_keys[-1]


def _to_try(element: etree._Element, entity_id: str, key_name: str) -> Sequence[etree._Element]:
    """The EncryptedKeys to try, by what stands in the clear: those that name our key, else all that may be for us.

    Those that name us come before those that name nobody. Raises ValueError when there is none.
    """
    ours = [
        key
        for key in element.iter(tag(XENC, "EncryptedKey"))
        if key.get("Recipient") in (entity_id, None) and _is_of_the_profile(key)
    ]
    ours.sort(key=lambda key: key.get("Recipient") is None)
    path = f"{tag(DS, 'KeyInfo')}/{tag(DS, 'KeyName')}"
    named = [key for key in ours if (key.findtext(path) or "").strip() == key_name]
    # A KeyName is a hint only: suppliers write one name differently.
    if not 0 < len(named or ours) <= LIMITS.encrypted_keys:
        raise ValueError
    return named or ours


def _is_of_the_profile(key: etree._Element) -> bool:
    method = _single(key, tag(XENC, "EncryptionMethod"))
    digest = method.find(tag(DS, "DigestMethod"))
    allowed = method.get("Algorithm") in CRYPTO.key_transport
    return allowed and (digest is None or digest.get("Algorithm") == SHA1)


def _single(element: etree._Element, name: str) -> etree._Element:
    found = element.findall(name)
    if len(found) != 1:
        raise ValueError
    return found[0]


def write_cipher_value(parent: etree._Element, data: bytes) -> None:
    """Append the CipherData of an EncryptedData or EncryptedKey."""
    cipher_data = child(parent, XENC, "CipherData")
    child(cipher_data, XENC, "CipherValue", base64.b64encode(data).decode("ascii"))


def _cipher_bytes(parent: etree._Element) -> bytes:
    value = _single(_single(parent, tag(XENC, "CipherData")), tag(XENC, "CipherValue"))
    return read_base64(value.text or "")


def encrypt_content(algorithm: str, key: bytes, plain: bytes) -> bytes:
    """Encrypt with AES-256-GCM or, for any other algorithm of the policy, AES-256-CBC; a fresh IV each time."""
    return _encrypt_gcm(key, plain) if algorithm == AES256_GCM else _encrypt_cbc(key, plain)


def _encrypt_cbc(key: bytes, plain: bytes) -> bytes:
    # xmlenc 5.2: pad to whole blocks, the last byte says how many were added.
    added = _BLOCK - len(plain) % _BLOCK
    iv = os.urandom(_BLOCK)
    encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
    padded = plain + os.urandom(added - 1) + bytes([added])
    return iv + encryptor.update(padded) + encryptor.finalize()


def _decrypt_cbc(key: bytes, data: bytes) -> tuple[bytes, bool]:
    """What was padded, and whether the padding can be; when it cannot, the whole, for the parser to work on."""
    decryptor = Cipher(AES256(key), CBC(data[:_BLOCK])).decryptor()
    padded = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
    added = padded[-1]
    sound = 1 <= added <= _BLOCK
    return padded[: -added if sound else None], sound


def _encrypt_gcm(key: bytes, plain: bytes) -> bytes:
    # xmlenc 1.1, 5.2.4: 96-bit IV in front, 128-bit tag behind.
    iv = os.urandom(_GCM_IV)
    return iv + AESGCM(key).encrypt(iv, plain, None)


def _decrypt_gcm(key: bytes, data: bytes) -> tuple[bytes, bool]:
    return AESGCM(key).decrypt(data[:_GCM_IV], data[_GCM_IV:], None), True
