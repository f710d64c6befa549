"""The stylesheets and the icon of the screens, and the addresses they are cached under."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from flask import Response
from flask import request

STYLESHEET = "screens.css"
"""What every page has, unless its application has one of its own."""

MIME_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}

_ONE_YEAR = 31_536_000


class MissingAsset(Exception):
    """The stylesheets were not built. The message says what to do."""


@cache
def load_asset(name: str) -> tuple[bytes, str]:
    """The file, and a short hash of its content for in its address. Raises ``MissingAsset`` when it was not built."""
    path = files("broker.screens") / "static" / name
    if not path.is_file():
        raise MissingAsset(
            f"{path} is missing: the stylesheets are built from assets/, and are not in git. "
            "Build them once with: make assets"
        )
    content = path.read_bytes()
    return content, sha256(content).hexdigest()[:16]


def serve_asset(name: str) -> Response:
    """The file, to be kept for a year under the address with its own hash.

    Under any other hash it may not be kept: an old node can be asked for a new file while a release
    rolls out.
    """
    content, version = load_asset(name)
    response = Response(content, mimetype=MIME_TYPES[name[name.rindex(".") :]])
    if request.args.get("v") == version:
        response.headers["Cache-Control"] = f"public, max-age={_ONE_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response
