"""Encodings that are not quite what the bindings ask."""

import base64
import gzip
import zlib
from collections.abc import Callable
from urllib.parse import quote_plus

from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Draft
from broker.attacks.steps import step


def _raw(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


_STREAMS: dict[str, Callable[[bytes], bytes]] = {
    "raw": _raw,
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "none": lambda data: data,
    "empty": lambda _: b"",
    "truncated": lambda data: _raw(data)[:-8],
    "trailing": lambda data: _raw(data) + b"more",
    "twice": lambda data: _raw(_raw(data)),
    "two-streams": lambda data: _raw(data) + _raw(data),
}
_TEXTS: dict[str, Callable[[str], str]] = {
    "lines": lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
    "crlf-lines": lambda text: "\r\n".join(text[at : at + 64] for at in range(0, len(text), 64)),
    "url-safe": lambda text: text.replace("+", "-").replace("/", "_") + "-_",
    "no-padding": lambda text: text.rstrip("=") if text.endswith("=") else text[:-1],
    "padding-twice": lambda text: text + "====",
    "padding-inside": lambda text: text[:20] + "=" + text[20:],
    "nul": lambda text: text[:20] + "\0" + text[20:],
    "no-base64": lambda _: "<not base64>",
    "empty": lambda _: "",
}


@step
def deflate(draft: Draft, stream: str = "raw") -> None:
    """Put the message in a compressed stream of some kind: what is brought is no XML then."""
    draft.message = _STREAMS[stream](draft.message)


@step
def fill_up(draft: Draft, to: int) -> None:
    """Make the message so many bytes long, by a comment of spaces at its end."""
    draft.message += b"<!--" + b" " * (to - len(draft.message) - 7) + b"-->"


@step
def stream_in_query(draft: Draft, stream: str) -> None:
    """Bring the message by HTTP-Redirect in another stream than raw DEFLATE; sign the query afterwards."""
    if draft.delivery is None:
        raise CannotBeMade("say first that it is brought by HTTP-Redirect")
    value = quote_plus(base64.b64encode(_STREAMS[stream](draft.message)))
    draft.delivery.query = [
        (name, value if name == "SAMLRequest" else old) for name, old in draft.delivery.query
    ]


@step
def encode_field(draft: Draft, how: str, field: str = "SAMLRequest") -> None:
    """Write the message in the form in another way than plain base64."""
    if draft.delivery is None:
        raise CannotBeMade("say first that it is brought by HTTP-POST")
    draft.delivery.form = [
        (name, _TEXTS[how](value) if name == field else value) for name, value in draft.delivery.form
    ]
