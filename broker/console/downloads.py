"""What a browser keeps as a file, and shows to nobody."""

from urllib.parse import quote

from flask import Response


def as_download(text: str, name: str, content_type: str) -> Response:
    """A text as a file with this name (RFC 6266); a browser does not open it here."""
    answer = Response(text, content_type=f"{content_type}; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return answer
