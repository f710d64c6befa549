"""An AuthnRequest as a developer catches it: out of the address bar, a form, the network tab, a log, or as XML."""

import re
import zlib
from dataclasses import dataclass
from dataclasses import field
from html import unescape
from typing import Final
from urllib.parse import unquote_plus

from broker.saml.base64_text import read_base64
from broker.saml.errors import SamlError
from broker.saml.policy import LIMITS
from broker.saml.redirect import inflate

POST: Final = "post"
REDIRECT: Final = "redirect"
XML: Final = "xml"

_PARAMETER: Final = re.compile(r"(?:^|[?&\s])(SAMLRequest|RelayState|SigAlg|Signature)=([^&#\s]*)")
_INPUT: Final = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""\b(name|value)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Captured:
    """The request taken out of what it travelled in. ``data`` is its XML, None when it cannot be taken out.

    ``binding`` is ``post``, ``redirect`` or ``xml`` (when only the message itself was handed over); ``query`` the
    parameters as they were written, ``twice`` those that occur more than once; ``line`` is where a message that was
    handed over as XML begins.
    """

    data: bytes | None = field(repr=False)
    binding: str
    relay_state: str | None = None
    query: str = ""
    twice: tuple[str, ...] = ()
    is_signed_query: bool = False
    algorithm: str = ""
    was_deflated: bool = False


def capture(data: bytes) -> Captured:
    """Take the request out. What is no text at all is taken for XML, so that opening it says what is wrong."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip()
    if len(text) > LIMITS.posted_characters() * 2 or ("<" in text[:1] and "<input" not in text.lower()):
        return Captured(data, XML)
    if "<input" in text.lower():
        fields = _inputs(text)
        return _posted(fields.get("SAMLRequest", ""), fields.get("RelayState"))
    pairs = _PARAMETER.findall(text)
    if not pairs:
        return _posted(text, None)
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    names = [name for name, _ in pairs]
    twice = tuple(name for name in values if names.count(name) > 1)
    return _sent(values, twice, is_address="?" in text)


def _sent(values: dict[str, str], twice: tuple[str, ...], *, is_address: bool) -> Captured:
    """Parameters of a query string, which is signed or stands in an address, or else of the body of a form."""
    relay_state = unquote_plus(values["RelayState"]) if "RelayState" in values else None
    posted = _posted(unquote_plus(values.get("SAMLRequest", "")), relay_state)
    if "SigAlg" not in values and "Signature" not in values and not is_address:
        return posted
    return Captured(
        data=posted.data,
        binding=REDIRECT,
        relay_state=relay_state,
        query="&".join(f"{name}={value}" for name, value in values.items()),
        twice=twice,
        is_signed_query="SigAlg" in values and "Signature" in values,
        algorithm=unquote_plus(values.get("SigAlg", "")),
        was_deflated=posted.was_deflated,
    )


def _posted(value: str, relay_state: str | None) -> Captured:
    # Somebody who copies a value out of a log or a browser may copy it as it was escaped.
    for text in (value, unquote_plus(value)):
        try:
            message = read_base64(text)
        except ValueError:
            continue
        if message.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
            return Captured(message, POST, relay_state)
        try:
            return Captured(inflate(message), POST, relay_state, was_deflated=True)
        except (SamlError, zlib.error):
            continue
    return Captured(None, POST, relay_state)


def _inputs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in _INPUT.findall(text):
        values = {name.lower(): unescape(one or other) for name, one, other in _ATTRIBUTE.findall(element)}
        found.setdefault(values.get("name", ""), values.get("value", ""))
    return found
