"""From file to live: handing documents over, the report and the difference, and what is done with a version."""

from collections.abc import Callable

from flask import Flask
from flask import abort
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.assembly.onboarding import connection_of
from broker.checks import CheckReport
from broker.checks import to_fragment
from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import console
from broker.console.context import current_operator
from broker.console.documents import NoDocument
from broker.console.documents import handed_over
from broker.console.fields import moment_field
from broker.console.fields import reason_field
from broker.console.shown import address
from broker.domain.connection import STANDARD
from broker.onboarding.behaviour import rehearsals_of
from broker.onboarding.behaviour import with_behaviour
from broker.onboarding.difference import difference_of
from broker.onboarding.gate import Gate
from broker.onboarding.gate import NeedsApproval
from broker.onboarding.gate import NotNow
from broker.onboarding.gate import Overtaken
from broker.onboarding.gate import Submission
from broker.onboarding.gate import UnknownVersion
from broker.onboarding.partners import resume
from broker.onboarding.partners import suspend
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused
from broker.screens import current_language
from broker.storage.overview import SqlOverview

_ROLES = (Role.DV, Role.AD, Role.MR, Role.EB)


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/submit", "submit", submit, methods=["GET", "POST"])
    app.add_url_rule("/versions/<version_id>", "version", version)
    app.add_url_rule("/versions/<version_id>", "version_act", act, methods=["POST"])
    app.add_url_rule("/approvals", "approvals", approvals)
    app.add_url_rule("/partners/<part>", "partner_act", partner_act, methods=["POST"])


@requires(OperatorRole.OPERATOR)
def submit() -> str | Response:
    """Hand documents over: to the gate, which checks and keeps them."""
    if request.method == "GET":
        return _form()
    try:
        role = Role(request.form.get("role", ""))
        metadata = handed_over("metadata")
        if role not in _ROLES:
            raise NoDocument("role", "role")
        if metadata is None:
            raise NoDocument("no_metadata", "metadata_file")
        catalogue = handed_over("catalogue") if role is Role.DV else None
        submission = Submission(
            role,
            metadata[0],
            None if catalogue is None else catalogue[0],
            connection_of(console().assembled.registry, metadata[0]) or STANDARD,
            metadata[1],
            reason_field(),
            new_keys="new_keys" in request.form,
        )
        submitted = _gate().submit(submission, actor())
    except NoDocument as missing:
        return _form(missing=missing)
    except ValueError:
        return _form(missing=NoDocument("role", "role"))
    except DocumentRefused as refused:
        return _form(refused=refused)
    page = url_for("version", version_id=submitted.version.id, came=submitted.outcome.value)
    return redirect(page, 303)


@requires(OperatorRole.VIEWER)
def version(version_id: str) -> str | Response:
    """One version: what the checks found, how it differs, who said what, and what can be done now."""
    return _page(_find(version_id))


@requires(OperatorRole.OPERATOR, fresh=True)
def act(version_id: str) -> str | Response:
    """Do to a version what a button says."""
    found = _find(version_id)
    gate, reason, who = _gate(), reason_field(), actor()
    acts: dict[str, Callable[[], Version]] = {
        "test": lambda: gate.put_in_test(found.id, who),
        "ask": lambda: gate.ask_approval(found.id, who, reason),
        "approve": lambda: gate.approve(found.id, who, reason),
        "reject": lambda: gate.reject(found.id, who, reason),
        "withdraw": lambda: gate.withdraw(found.id, who, reason),
        "activate": lambda: gate.activate(found.id, who, moment_field(), reason),
        "rollback": lambda: gate.rollback(found.entity_id, found.number, who, reason),
    }
    try:
        done = acts[request.form.get("do", "")]()
    except KeyError:
        abort(400)
    except NeedsApproval:
        return _page(found, "needs_approval")
    except NotNow:
        return _page(_find(version_id), "not_now")
    except Overtaken:
        return _page(_find(version_id), "overtaken")
    except ValueError:
        return _page(found, "moment")
    except DocumentRefused as refused:
        return _page(found, "refused_now", refused)
    return redirect(url_for("version", version_id=done.id, did=request.form["do"]), 303)


@requires(OperatorRole.VIEWER)
def approvals() -> str | Response:
    """What waits for an approver, or for its date."""
    pending = _gate().pending()
    names = SqlOverview(console().assembled.engine).names(each.entity_id for each in pending)
    return render_template("approvals.html", pending=pending, names=names)


@requires(OperatorRole.OPERATOR, fresh=True)
def partner_act(part: str) -> str | Response:
    """Suspend a partner, or let it go on."""
    from broker.console.partners import find  # that module draws the page that this one changes

    line = find(part)
    change = {"suspend": suspend, "resume": resume}.get(request.form.get("do", ""))
    if change is None:
        abort(400)
    change(console().assembled, line.entity_id, actor(), reason_field(), console().clock)
    return redirect(url_for("partner", part=address(line.entity_id)), 303)


def _gate() -> Gate:
    return Gate(console().assembled, console().clock)


def _find(version_id: str) -> Version:
    try:
        return _gate().find(version_id)
    except UnknownVersion:
        abort(404)


def _form(missing: NoDocument | None = None, refused: DocumentRefused | None = None) -> Response:
    page = render_template(
        "submit.html",
        roles=_ROLES,
        typed=request.form,
        missing=missing,
        findings=[str(finding) for finding in refused.findings] if refused else [],
    )
    return make_response(page, 422 if missing or refused else 200)


def _page(found: Version, error: str | None = None, refused: DocumentRefused | None = None) -> Response:
    operator = current_operator()
    gate = _gate()
    mine = operator is not None and not gate.is_another(found, operator.username)
    page = render_template(
        "version.html",
        version=found,
        names=SqlOverview(console().assembled.engine).names([found.entity_id]),
        to_come=[
            each
            for each in gate.pending()
            if each.entity_id == found.entity_id and each.state is VersionState.SCHEDULED
        ],
        report=None
        if (report := _report(found)) is None
        else to_fragment(report, current_language(), level=3),
        sentences=difference_of(found.difference).in_words(current_language()),
        approvals=gate.approvals(found.id),
        needs_approval=gate.needs_approval(found),
        mine=mine,
        states=VersionState,
        error=error,
        findings=[str(finding) for finding in refused.findings] if refused else [],
        typed=request.form,
        came=_known("came", "new", "known", "unchanged"),
        did=_known("did", "test", "ask", "approve", "reject", "withdraw", "activate", "rollback"),
    )
    return make_response(page, 422 if error else 200)


def _report(found: Version) -> CheckReport | None:
    """What the checks found, and what came of test logins; None for a report that this release cannot read."""
    try:
        report = None if found.report is None else CheckReport.from_json(found.report)
    except ValueError:
        return None
    return report and with_behaviour(report, rehearsals_of(console().assembled, found))


def _known(name: str, *values: str) -> str | None:
    return next((value for value in values if value == request.args.get(name)), None)
