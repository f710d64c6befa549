"""Documents as a form hands them over: a file, pasted text, or an address to fetch them from."""

from flask import request
from werkzeug.datastructures import FileStorage

from broker.console.context import console
from broker.exchange.fetching import NotFetched
from broker.exchange.fetching import fetch
from broker.ports.versions import Origin
from broker.saml.policy import LIMITS


class NoDocument(Exception):
    """There is no document. ``code`` is a key of the texts, ``reason`` what fetching said."""

    def __init__(self, code: str, field: str, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.reason = reason


def handed_over(name: str) -> tuple[bytes, Origin] | None:
    """The document with this name in the form, and how it came; None when nothing was filled in.

    Raises ``NoDocument`` for an address that gives none.
    """
    file: FileStorage | None = request.files.get(f"{name}_file")
    if file is not None and file.filename and (data := file.read()):
        return data, Origin.UPLOAD
    if text := request.form.get(f"{name}_text", "").strip():
        return text.encode(), Origin.PASTE
    if url := request.form.get(f"{name}_url", "").strip():
        return fetched(url, f"{name}_url"), Origin.URL
    return None


def fetched(url: str, field: str) -> bytes:
    """The document at an address that was filled in at ``field``. Raises ``NoDocument``."""
    settings = console().assembled.settings
    try:
        return fetch(url, LIMITS.metadata_bytes, settings.fetch_networks, here=settings.is_tried_out)
    except NotFetched as error:
        raise NoDocument("not_fetched", field, str(error)) from error
