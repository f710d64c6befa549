"""What a form may be before anybody looks into it."""

from typing import Final

from flask import abort
from flask import request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge

from broker.console.context import browser

LARGEST_FORM: Final = 12 * 1024 * 1024
"""Bytes of a form: metadata and a dienstencatalogus, uploaded or pasted, each within its own limit."""

LARGEST_OF_STRANGERS: Final = 64 * 1024
"""Bytes of a form of who is not logged in: names, passwords and codes."""

MOST_PARTS: Final = 200
"""Parts of a form with files."""

MOST_FIELDS: Final = 50_000
"""Fields of any other form, which are objects before they are read: a catalogue of two thousand services has less."""

_DOCUMENT_FIELDS = ("metadata", "catalogue")
"""How the names of fields begin that hold a document."""


def bound_form() -> None:
    """Refuse a form that is too large, or of too many fields, before it is taken apart. Raises ``HTTPException``."""
    if request.blueprint != "setup" and "operator" not in browser():
        request.max_content_length = LARGEST_OF_STRANGERS
        if (request.content_length or 0) > LARGEST_OF_STRANGERS:
            # Whoever sends documents was logged in when they got the form.
            raise CSRFError("the session ended")
    if request.mimetype != "application/x-www-form-urlencoded":
        return
    if request.get_data(cache=True).count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge


def refuse_nul() -> None:
    """No name, reason or address holds a NUL, and PostgreSQL falls over one. Documents have their own limits."""
    fields = (
        value for name, value in request.form.items(multi=True) if not name.startswith(_DOCUMENT_FIELDS)
    )
    if any("\0" in value for value in (request.path, *request.args.values(), *fields)):
        abort(400)
