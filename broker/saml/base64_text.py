"""Base64 as XML holds it: with the four kinds of white space of XML in between, and no other (xs:base64Binary).

Python's own idea of white space has two dozen more; a value with one of those would hold for us and for nobody else.
"""

import base64
import binascii

_WHITE_SPACE = str.maketrans("", "", " \t\r\n")


def unfold(text: str) -> str:
    """The text without white space."""
    return text.translate(_WHITE_SPACE)


def read_base64(text: str) -> bytes:
    """The octets; ValueError for what is no base64."""
    signs = unfold(text)
    # Python passes over padding that is too much.
    if len(signs) % 4 or "=" in signs[:-2]:
        raise ValueError("not base64")
    try:
        return base64.b64decode(signs, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
