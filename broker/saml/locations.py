"""Which addresses are fit to send people and messages to."""

import re
from urllib.parse import urlsplit


def location_problem(location: str) -> str | None:
    """Why a URL is not fit to send people or messages to, None when it is."""
    try:
        parts = urlsplit(location)
        local = parts.hostname in {"localhost", "127.0.0.1"}
    except ValueError:
        return "is no URL"
    if parts.username or parts.password:
        return "holds user information"
    if not parts.hostname or not location.isascii() or re.search(r"[\s<>\"'\\#]", location):
        return "is no absolute URL of plain ASCII"
    if parts.scheme == "https" or (parts.scheme == "http" and local):
        return None
    return "must be https (http only on localhost)"
