"""The stylesheet and the icon of all screens, and the addresses they are cached under."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from flask import Response
from flask import request

MIME_TYPES = {"screens.css": "text/css", "icon.svg": "image/svg+xml"}

_ONE_YEAR = 31_536_000


@cache
def load_asset(name: str) -> tuple[bytes, str]:
    """The file, and a short hash of its content for in its address."""
    content = (files("broker.screens") / "static" / name).read_bytes()
    return content, sha256(content).hexdigest()[:16]


def serve_asset(name: str) -> Response:
    """The file, to be kept for a year under the address with its own hash.

    Under any other hash it may not be kept: an old node can be asked for a new file while a release
    rolls out.
    """
    content, version = load_asset(name)
    response = Response(content, mimetype=MIME_TYPES[name])
    if request.args.get("v") == version:
        response.headers["Cache-Control"] = f"public, max-age={_ONE_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response
