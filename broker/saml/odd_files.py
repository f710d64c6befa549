"""What a file is that was handed over as metadata or catalogue and is no XML: whoever sent it should recognise it."""

from typing import Final

_HEAD: Final = 2_000
_OPENINGS: Final = (
    (b"\x1f\x8b", "the file is compressed (gzip); unpack it first"),
    (b"PK\x03\x04", "the file is a zip archive; unpack it first"),
    (b"\xff\xfe", "the file is UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "the file is UTF-16; save it as UTF-8"),
    (b"{", "the file is JSON"),
)


def hint(data: bytes) -> str:
    """What to add to the reason for which it cannot be read; empty when it looks like XML that went wrong."""
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        return "; the file is empty"
    if b"PRIVATE KEY-----" in head:
        return "; this is a PRIVATE KEY: it is no longer secret now, so replace it, and send metadata"
    if head.startswith(b"-----BEGIN"):
        return "; this is a certificate or key (PEM), and no metadata"
    if b"<html" in head.lower():
        return "; this is an HTML page, perhaps the one on which a portal asks to log in"
    return next((f"; {what}" for opening, what in _OPENINGS if head.startswith(opening)), "")
