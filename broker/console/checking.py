"""Check any documents of a dienstverlener, and keep nothing of them. The report can be taken along."""

import hashlib
import hmac
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable

from flask import Flask
from flask import abort
from flask import current_app
from flask import make_response
from flask import render_template
from flask import request
from werkzeug.wrappers import Response

from broker.checks import CheckReport
from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from broker.checks import handshaker
from broker.checks import kinds
from broker.checks import to_fragment
from broker.checks import to_junit
from broker.checks import to_page
from broker.console.access import requires
from broker.console.context import console
from broker.console.context import current_operator
from broker.console.context import now
from broker.console.documents import NoDocument
from broker.console.documents import fetched
from broker.console.downloads import as_download
from broker.domain.connection import Profile
from broker.onboarding.snippets import requests_go_to
from broker.ports.changes import OperatorRole
from broker.screens import current_language
from broker.settings import MAKELAAR
from broker.storage.neighbours import SqlNeighbours

_FORMS = ("html", "json", "junit")
_TEXTS = ("text", "request_text")
_LONGEST_NAME = 100


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/checks", "checks", checks)
    app.add_url_rule("/checks", "check", make, methods=["POST"])
    app.add_url_rule("/checks/report", "check_report", take_along, methods=["POST"])


@requires(OperatorRole.VIEWER)
def checks() -> str | Response:
    """What can be checked, and how to hand it over."""
    return _page()


@requires(OperatorRole.VIEWER)
def make() -> str | Response:
    """Check what was handed over, and show what was found."""
    settings = console().assembled.settings
    try:
        found = _sorted_out()
        report = check(
            Subject(
                metadata=found.get(kinds.METADATA),
                catalogue=found.get(kinds.CATALOGUE),
                request=found.get(kinds.REQUEST),
                now=now(),
                profile=Profile(chosen) if (chosen := request.form.get("profile")) else None,
                makelaar_oin=MAKELAAR.oin,
                lowest=settings.lowest_level,
                destinations=requests_go_to(settings),
                known=SqlNeighbours(console().assembled.engine),
                tls=handshaker(settings.fetch_networks) if _reaches_out("tls") else None,
            )
        )
    except NoDocument as missing:
        return _page(missing=missing)
    except ValueError:
        return _page(missing=NoDocument("profile", "profile"))
    return _page(report)


@requires(OperatorRole.VIEWER)
def take_along() -> str | Response:
    """A report that this console made, as a file. It was kept in the page that showed it, and nowhere else."""
    try:
        text = b64decode(request.form.get("report", ""), validate=True)
    except ValueError:
        abort(400)
    if not hmac.compare_digest(_seal(text).encode(), request.form.get("seal", "").encode()):
        abort(400)
    report, language = CheckReport.from_json(text.decode()), current_language()
    forms: dict[str, Callable[[], Response]] = {
        "html": lambda: as_download(to_page(report, language), "check-report.html", "text/html"),
        "json": lambda: as_download(report.to_json(), "check-report.json", "application/json"),
        "junit": lambda: as_download(
            to_junit(report, language).decode(), "check-report.xml", "application/xml"
        ),
    }
    make_file = forms.get(request.form.get("form", ""))
    if make_file is None:
        abort(400)
    return make_file()


def _sorted_out() -> dict[str, Document]:
    """The documents of the form by their kind, which is told from what they hold. Raises ``NoDocument``."""
    handed = [
        ("documents", Document(file.filename[:_LONGEST_NAME], data))
        for file in request.files.getlist("documents")
        if file.filename and (data := file.read())
    ]
    for name in _TEXTS:
        if text := request.form.get(name, "").strip():
            handed.append((name, Document(name.replace("_", "-"), text.encode())))
    if (url := request.form.get("url", "").strip()) and _reaches_out("url"):
        handed.append(("url", Document(url, fetched(url, "url"))))
    if not handed:
        raise NoDocument("nothing_to_check", "documents")
    found: dict[str, Document] = {}
    for field, document in handed:
        kind = kinds.REQUEST if field == "request_text" else kinds.kind_of(document.data)
        if kind is None:
            raise NoDocument("unknown_kind", field, document.name)
        if kind in found:
            raise NoDocument("twice", field, document.name)
        found[kind] = document
    return found


def _reaches_out(field: str) -> bool:
    """Whether this was asked, which has us open connections: that is for operators."""
    if not request.form.get(field):
        return False
    operator = current_operator()
    if operator is None or not operator.role.covers(OperatorRole.OPERATOR):
        abort(403)
    return True


def _seal(text: bytes) -> str:
    """What only this console writes beside a report, so that it shows as its own nothing that it did not make."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, b"check report\0" + text, hashlib.sha256).hexdigest()


def _page(report: CheckReport | None = None, missing: NoDocument | None = None) -> Response:
    text = b"" if report is None else report.to_json().encode()
    page = render_template(
        "checks.html",
        fragment=None if report is None else to_fragment(report, current_language(), level=3),
        report=b64encode(text).decode(),
        seal=_seal(text),
        forms=_FORMS,
        profiles=list(Profile),
        typed=request.form,
        missing=missing,
    )
    return make_response(page, 422 if missing else 200)
