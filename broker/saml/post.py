"""The HTTP-POST binding: base64 in a form field (SAML bindings 3.5). Never inflated, whatever it holds."""

import base64
import binascii

from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.policy import LIMITS


def encode_post(message: bytes) -> str:
    """The value of the form field."""
    return base64.b64encode(message).decode("ascii")


def decode_post(value: str) -> bytes:
    """The message out of the form field; line breaks are allowed. Raises ``MalformedMessage`` or a size error."""
    if len(value) > LIMITS.message_bytes * 3 // 2:
        raise MessageTooLarge("the form field is over the limit")
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedMessage("the form field is not base64") from None
