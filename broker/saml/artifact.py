"""The SAML 2.0 artifact, type 0x0004 (SAML bindings 3.6.4).

Two bytes of type, two of endpoint index, the SHA-1 of the issuer's entityID, and a random message handle of twenty.
"""

import base64
import hashlib
from dataclasses import dataclass

from broker.saml.base64_text import read_base64
from broker.saml.errors import MalformedMessage

_TYPE = b"\x00\x04"
_LENGTH = 44
HANDLE_BYTES = 20


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact, taken apart: the index of the ArtifactResolutionService, the SourceID and the handle."""

    endpoint_index: int
    source_id: bytes
    handle: bytes

    def encode(self) -> str:
        """The base64 text that travels."""
        index = self.endpoint_index.to_bytes(2, "big")
        return base64.b64encode(_TYPE + index + self.source_id + self.handle).decode("ascii")


def source_id(entity_id: str) -> bytes:
    """The SourceID of an issuer: an identifier, not a protection, so SHA-1 by definition of the format."""
    return hashlib.sha1(entity_id.encode("utf-8"), usedforsecurity=False).digest()


def decode_artifact(text: str) -> Artifact:
    """Take an artifact apart. Raises ``MalformedMessage``."""
    try:
        data = read_base64(text)
    except ValueError:
        raise MalformedMessage("the artifact is not base64") from None
    if len(data) != _LENGTH or data[:2] != _TYPE:
        raise MalformedMessage("not an artifact of type 4")
    return Artifact(int.from_bytes(data[2:4], "big"), data[4:24], data[24:])
