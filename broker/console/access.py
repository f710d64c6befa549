"""What a page requires of who asks: a login, a role, and for what cannot be undone a fresh proof."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import abort
from flask import redirect
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.console.context import current_operator
from broker.console.context import is_fresh
from broker.ports.changes import OperatorRole

P = ParamSpec("P")
View = Callable[P, str | Response]


def requires(role: OperatorRole, *, fresh: bool = False) -> Callable[[View[P]], View[P]]:
    """Show the page only to who is logged in with this role; others go to the login page, or get a 403.

    ``fresh``: what is posted here is done only shortly after a proof of identity; else that is asked first.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> str | Response:
            operator = current_operator()
            if operator is None:
                return redirect(url_for("login", next=_here()), 303)
            if not operator.role.covers(role):
                abort(403)
            if fresh and request.method == "POST" and not is_fresh():
                return redirect(url_for("confirm", next=_here(), posted=1), 303)
            return view(*args, **kwargs)

        return guarded

    return decorate


def wanted_page() -> str:
    """Where to go on after a login: a page of ours that ``next`` names, or the first."""
    wanted = request.values.get("next", "")
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return url_for("dashboard")
    if not wanted.isprintable():
        return url_for("dashboard")
    # One slash, and no backslash, which browsers read as one: "//evil.example" would lead away.
    if parts.scheme or parts.netloc or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return url_for("dashboard")
    return wanted


def _here() -> str:
    """The page to come back to: this one, or after a POST the one with the form."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    came_from = request.form.get("here", "")
    return came_from or request.path
