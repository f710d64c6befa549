"""The list of partners, and the page of one."""

from datetime import timedelta

from flask import Flask
from flask import abort
from flask import render_template
from flask import request
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.chart import bars
from broker.console.context import console
from broker.console.context import now
from broker.console.scripts import leads_to
from broker.console.shown import address
from broker.console.shown import entity_id_of
from broker.onboarding.gate import Gate
from broker.onboarding.partners import newcomers
from broker.onboarding.partners import overview
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.ports.overview import PartnerLine
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.screens import current_language
from broker.storage.conformance import SqlConformanceLog
from broker.storage.outcomes import SqlCounts
from broker.storage.overview import SqlOverview

_PAGE = 50
_LONGEST_SEARCH = 200
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_OF_ONE = 50


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/partners", "partners", partners)
    app.add_url_rule("/partners/<part>", "partner", partner)


@requires(OperatorRole.VIEWER)
def partners() -> str | Response:
    """The partners in one role, a page at a time, with a search in names and entityIDs."""
    role = _role()
    search = " ".join(request.args.get("q", "").split())[:_LONGEST_SEARCH]
    after = request.args.get("after", "")
    engine = console().assembled.engine
    return render_template(
        "partners.html",
        page=overview(engine, search, role, after, _PAGE),
        newcomers=[] if search or after else newcomers(engine),
        kind=role,
        roles=[each for each in Role if each is not Role.IDP],
        search=search,
        after=after,
    )


@requires(OperatorRole.VIEWER)
def partner(part: str) -> str | Response:
    """One partner: how it stands, how its logins went, what it departs in, and what was changed."""
    line = find(part)
    engine = console().assembled.engine
    leads_to(console().assembled.public_url)
    counts = SqlCounts(engine)
    week = counts.outcomes(line.entity_id, now() - _WEEK)
    day = {each.outcome: each.times for each in counts.outcomes(line.entity_id, now() - _DAY)}
    return render_template(
        "partner.html",
        line=line,
        part=address(line.entity_id),
        services=[] if (known := _dienstverlener(line)) is None else services_of(known),
        outcomes=[(each.outcome, day.get(each.outcome, 0), each.times) for each in week],
        bars=bars([(each.outcome, each.times) for each in week]),
        deviations=SqlConformanceLog(engine).of(line.entity_id),
        versions=Gate(console().assembled, console().clock).versions(line.entity_id)[:_OF_ONE],
        changes=console().changes.of(line.entity_id, limit=_OF_ONE),
    )


def find(part: str) -> PartnerLine:
    """The partner that a path names; a 404 when there is none."""
    try:
        entity_id = entity_id_of(part)
    except ValueError:
        abort(404)
    line = SqlOverview(console().assembled.engine).line(entity_id)
    if line is None:
        abort(404)
    return line


def services_of(partner: Partner) -> list[tuple[str, str]]:
    """The ServiceID and the name of each service that can be logged in to."""
    return [(each.service_id, each.name(current_language())) for each in partner.catalogue.values()]


def in_force(entity_id: str) -> Partner | None:
    """This dienstverlener as logins know it; None while nobody logs in there."""
    try:
        return console().assembled.station.partners.find(entity_id, Role.DV)
    except UnknownPartner:
        return None


def _dienstverlener(line: PartnerLine) -> Partner | None:
    return in_force(line.entity_id) if line.role is Role.DV else None


def _role() -> Role:
    try:
        return Role(request.args.get("role", Role.DV))
    except ValueError:
        abort(404)
