"""Behaviour tests of a dienstverlener: which there are, the link that starts one, what came of it, what was seen."""

from dataclasses import dataclass

from flask import Flask
from flask import abort
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import console
from broker.console.partners import find
from broker.console.partners import in_force
from broker.console.partners import services_of
from broker.console.scripts import leads_to
from broker.console.shown import address
from broker.onboarding.in_test import NotInTest
from broker.onboarding.in_test import VersionsInTest
from broker.onboarding.rehearsing import NotThisTest
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.rehearsing import Started
from broker.onboarding.tickets import LASTS_SECONDS
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.ports.overview import PartnerLine
from broker.ports.rehearsals import Rehearsal
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.kinds import RIGHT
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.saml.errors import UnknownPartner

_SHOWN = 50
_LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class _Done:
    """A test login with the kind it was of (None for one that only looked), and how what was seen is judged."""

    rehearsal: Rehearsal
    kind: Kind | None

    @property
    def verdict(self) -> str | None:
        """``good``, a severity, or None as long as nobody said what was seen."""
        if self.kind is None or self.rehearsal.seen is None:
            return None
        return judge(self.kind, Seen(self.rehearsal.seen)) or "good"


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/partners/<part>/tests", "tests", tests)
    app.add_url_rule("/partners/<part>/tests", "test_start", start, methods=["POST"])
    app.add_url_rule("/partners/<part>/tests/login", "test_login", login, methods=["POST"])
    app.add_url_rule("/partners/<part>/tests/seen", "test_seen", seen, methods=["POST"])


@requires(OperatorRole.VIEWER)
def tests(part: str) -> str | Response:
    """What can be tested, and what came of it."""
    return _page(_dienstverlener(part))


@requires(OperatorRole.OPERATOR)
def start(part: str) -> str | Response:
    """Start a test of each kind that was chosen, and show their links once."""
    line, form = _dienstverlener(part), request.form
    chosen = [kind for kind in KINDS if kind in form.getlist("kind")]
    if not chosen:
        return _page(line, error="no_kind")
    try:
        started = [_start(line, kind, form.get("login_url", "").strip()[:_LONGEST_URL]) for kind in chosen]
    except NotThisTest as reason:
        return _page(line, error="not_this_test", why=reason.code)
    return _page(line, started=started)


@requires(OperatorRole.OPERATOR)
def login(part: str) -> str | Response:
    """Go and log in at a service without its dienstverlener: the makelaar asks, and shows what it would answer."""
    line = _dienstverlener(part)
    try:
        return redirect(_start(line, LOOK).url, 303)
    except NotThisTest as reason:
        return _page(line, error="not_this_test", why=reason.code)


@requires(OperatorRole.OPERATOR)
def seen(part: str) -> str | Response:
    """Note what was seen at the dienstverlener after the answer of a test."""
    line = _dienstverlener(part)
    test_id = request.form.get("id", "")
    try:
        _rehearsals().saw(test_id, line.entity_id, request.form.get("seen", ""), actor().name)
    except NotThisTest:
        return _page(line, error="not_seen")
    page = url_for("tests", part=part, version=request.form.get("version") or None, _anchor=f"test-{test_id}")
    return redirect(page, 303)


def _start(line: PartnerLine, kind: str, login_url: str = "") -> Started:
    """Start one. Raises ``NotThisTest``."""
    try:
        return _rehearsals().start(
            line.entity_id,
            kind,
            actor(),
            service_id=request.form.get("service"),
            login_url=login_url,
            version_id=request.form.get("version") or None,
        )
    except UnknownPartner:
        raise NotThisTest("not-connected") from None


def _rehearsals() -> Rehearsals:
    return Rehearsals(console().assembled)


def _dienstverlener(part: str) -> PartnerLine:
    line = find(part)
    if line.role is not Role.DV:
        abort(404)
    return line


def _page(
    line: PartnerLine, error: str | None = None, why: str = "", started: list[Started] | None = None
) -> Response:
    leads_to(console().assembled.public_url)
    trying = VersionsInTest(console().assembled)
    versions, known = trying.of(line.entity_id), in_force(line.entity_id)
    wanted = request.values.get("version") or (versions[0].id if versions and known is None else "")
    try:
        partner = trying.to_offer(wanted, line.entity_id) if wanted else known
    except NotInTest:
        partner, wanted = known, ""
    done = [_Done(each, KINDS.get(each.kind)) for each in _rehearsals().of(line.entity_id)]
    verdicts = {each.kind.id: each.verdict for each in reversed(done) if each.kind and each.verdict}
    page = render_template(
        "tests.html",
        line=line,
        part=address(line.entity_id),
        versions=versions,
        version=wanted,
        known=known,
        services=[] if partner is None else services_of(partner),
        partner=partner,
        kinds=_rehearsals().kinds(),
        chosen=request.form.getlist("kind") or ([] if verdicts else [RIGHT]),
        verdicts=verdicts,
        done=done[:_SHOWN],
        choices=list(Seen),
        started=[(KINDS[each.rehearsal.kind], each.url) for each in started or ()],
        minutes=LASTS_SECONDS // 60,
        typed=request.form,
        error=error,
        why=why,
    )
    return make_response(page, 422 if error else 200)
