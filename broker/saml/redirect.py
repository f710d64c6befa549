"""The HTTP-Redirect binding: deflated message, signature over the query string (SAML bindings 3.4).

The signature is checked over the octets as they arrived. Senders escape differently (lower-case hex, ``%20`` or
``+``), so a query string that was decoded and encoded again is another string.
"""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import quote_plus
from urllib.parse import unquote_plus

from lxml import etree

from broker.domain.personal import RawMessage
from broker.saml.base64_text import read_base64
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.policy import CRYPTO
from broker.saml.policy import LIMITS
from broker.saml.policy import RSA_SHA256
from broker.saml.signature import Verified
from broker.saml.signature import fitting

_OURS = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature")


@dataclass(frozen=True, slots=True)
class RedirectMessage:
    """A message taken out of a query string, not yet verified, with what is needed to verify it."""

    data: bytes = field(repr=False)
    relay_state: str | None
    signed: bytes = field(repr=False)
    algorithm: str
    signature: bytes


def encode_redirect(field: str, message: bytes, relay_state: str | None, key: SigningKey) -> str:
    """The signed query string, without question mark. ``field`` is SAMLRequest or SAMLResponse."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = base64.b64encode(compressor.compress(message) + compressor.flush())
    parts = [f"{field}={quote_plus(deflated)}"]
    if relay_state is not None:
        parts.append(f"RelayState={quote_plus(relay_state)}")
    parts.append(f"SigAlg={quote_plus(RSA_SHA256)}")
    signed = "&".join(parts)
    signature = base64.b64encode(key.sign(signed.encode("ascii")))
    return f"{signed}&Signature={quote_plus(signature)}"


def decode_redirect(query: str, field: str = "SAMLRequest") -> RedirectMessage:
    """Take the message out of a raw query string.

    Raises ``MalformedMessage``, ``MessageTooLarge``, or ``InvalidSignature`` when the signature parameters are
    missing. Unknown parameters are ignored and not covered by the signature; known ones may occur once.
    """
    raw: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name not in _OURS:
            continue
        if name in raw:
            raise MalformedMessage("a parameter occurs twice")
        raw[name] = value
    if field not in raw or len({"SAMLRequest", "SAMLResponse"} & raw.keys()) != 1:
        raise MalformedMessage("expected exactly one message in the query string")
    if "SigAlg" not in raw or "Signature" not in raw:
        raise InvalidSignature("the query string is not signed")
    signed = "&".join(f"{name}={raw[name]}" for name in (field, "RelayState", "SigAlg") if name in raw)
    if not signed.isascii():
        raise MalformedMessage("a parameter is not escaped")  # RFC 3986, 2
    try:
        relay_state = unquote_plus(raw["RelayState"], errors="strict") if "RelayState" in raw else None
    except UnicodeDecodeError:
        raise MalformedMessage("RelayState is not UTF-8") from None
    return RedirectMessage(
        data=inflate(_base64(unquote_plus(raw[field]))),
        relay_state=relay_state,
        signed=signed.encode("ascii"),
        algorithm=unquote_plus(raw["SigAlg"]),
        signature=_signature(unquote_plus(raw["Signature"])),
    )


def verify_redirect(
    message: RedirectMessage, element: etree._Element, certificates: Sequence[Certificate], signer: str
) -> Verified:
    """Check the query signature with the partner's certificates; ``element`` is the parsed message.

    Raises ``InvalidSignature``.
    """
    if message.algorithm not in CRYPTO.signature:
        raise InvalidSignature("this signature algorithm is not allowed")
    certificate = fitting(certificates, message.signature, message.signed)
    if certificate is None:
        raise InvalidSignature("no key of the partner fits the signature of the query string")
    text = base64.b64encode(message.signature).decode("ascii")
    return Verified(element, signer, certificate.key_name, text, RawMessage(message.data))


def inflate(data: bytes) -> bytes:
    """Undo raw DEFLATE (RFC 1951), never producing more than the limit. Raises ``MessageTooLarge``."""
    decompressor = zlib.decompressobj(-15)
    try:
        message = decompressor.decompress(data, LIMITS.redirect_inflated_bytes + 1)
    except zlib.error:
        raise MalformedMessage("the message is not deflated") from None
    if len(message) > LIMITS.redirect_inflated_bytes:
        raise MessageTooLarge("the message inflates to more than the limit")
    if not decompressor.eof or decompressor.unused_data:
        raise MalformedMessage("the deflated message is cut off or has a tail")
    return message


def _signature(text: str) -> bytes:
    try:
        return _base64(text)
    except MalformedMessage:
        raise InvalidSignature("the signature of the query string is not base64") from None


def _base64(text: str) -> bytes:
    try:
        return read_base64(text)
    except ValueError:
        raise MalformedMessage("a parameter is not base64") from None
