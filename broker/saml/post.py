"""The HTTP-POST binding: base64 in a form field (SAML bindings 3.5).

Some software deflates its request first, as HTTP-Redirect wants it; what is no XML as it came is read so, bounded as
there. An answer is never inflated.
"""

import base64
from codecs import BOM_UTF8

from broker.saml.base64_text import read_base64
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.policy import LIMITS
from broker.saml.redirect import inflate


def encode_post(message: bytes) -> str:
    """The value of the form field."""
    return base64.b64encode(message).decode("ascii")


def decode_post(value: str) -> bytes:
    """The message out of the form field; line breaks are allowed. Raises ``MalformedMessage`` or a size error."""
    if len(value) > LIMITS.posted_characters():
        raise MessageTooLarge("the form field is over the limit")
    try:
        return read_base64(value)
    except ValueError:
        raise MalformedMessage("the form field is not base64") from None


def decode_posted_request(value: str) -> tuple[bytes, bool]:
    """The request out of the form field, and whether it was deflated. Raises as ``decode_post`` and ``inflate`` do."""
    message = decode_post(value)
    if message.removeprefix(BOM_UTF8).lstrip()[:1] in (b"<", b""):
        return message, False
    return inflate(message), True
