"""Which kind of document something is, told by how it begins: it may be broken further on."""

import re
from typing import Final

from broker.checks.captured import capture

METADATA: Final = "metadata"
CATALOGUE: Final = "catalogue"
REQUEST: Final = "request"

_ROOTS: Final = {
    b"EntityDescriptor": METADATA,
    b"EntitiesDescriptor": METADATA,
    b"ServiceCatalogue": CATALOGUE,
    b"AuthnRequest": REQUEST,
}
_START: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_LOOKED_AT: Final = 4096
"""Bytes in which the first element must begin; before it stand a declaration and comments."""


def kind_of(data: bytes) -> str | None:
    """``metadata``, ``catalogue`` or ``request``; None for what is none of these."""
    for name in _START.findall(data[:_LOOKED_AT]):
        if name in _ROOTS:
            return _ROOTS[name]
    captured = capture(data)
    if captured.data is None or captured.data is data:
        return None
    return REQUEST
