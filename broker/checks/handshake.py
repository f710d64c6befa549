"""What was seen of a server while a TLS connection was made to it."""

from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True, slots=True)
class Handshake:
    """A TLS handshake: ``version`` such as TLSv1.3 and the server's certificate (DER), empty when there was none.

    ``problem`` is what makes a browser warn: ``name``, ``chain`` or ``expired``; or why there was no handshake:
    ``unreachable`` or ``forbidden``. None when all was well. ``detail`` tells more, in words.
    """

    host: str
    port: int
    version: str = ""
    certificate: bytes = field(default=b"", repr=False)
    problem: str | None = None
    detail: str = ""
