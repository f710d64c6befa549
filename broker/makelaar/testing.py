"""The page of a test ticket: it puts this browser in the test, says what to do, and asks what was seen."""

import hashlib
import hmac
import secrets
from dataclasses import replace

import structlog
from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from werkzeug.exceptions import NotFound

from broker.assembly.web import see_other
from broker.domain.references import new_reference
from broker.journey.begin import begin
from broker.makelaar import browser_tickets
from broker.makelaar import rehearsing
from broker.makelaar import sso
from broker.makelaar.context import Makelaar
from broker.onboarding.rehearsing import NotThisTest
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.tickets import LASTS_SECONDS
from broker.onboarding.tickets import Ticket
from broker.ports import Role
from broker.ports.rehearsals import Rehearsal
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.seen import Seen
from broker.saml.authn_request import AuthnRequest
from broker.saml.partner import Partner
from broker.screens import current_language

log = structlog.get_logger()


def page(hm: Makelaar, secret: str) -> Response:
    """Put this browser in the test of this ticket."""
    ticket = _ticket(hm, secret)
    if request.method == "HEAD":
        return Response()
    response = make_response(_render(hm, secret, ticket))
    if request.headers.get("Sec-Fetch-Dest", "document") != "document" or "Sec-Purpose" in request.headers:
        return response  # an image or frame in a page of somebody else puts no browser in a test unseen
    # Dienstverleners post people to us from their own site, so it must come along cross-site, as the binder does.
    hm.cookies.set(response, browser_tickets.COOKIE, secret, LASTS_SECONDS, cross_site=True)
    if hm.cookies.get(request, browser_tickets.BROWSER) is None:
        mark = secrets.token_urlsafe(16)
        hm.cookies.set(response, browser_tickets.BROWSER, mark, LASTS_SECONDS, cross_site=True)
    return response


def act(hm: Makelaar, secret: str) -> Response:
    """A button of that page, in the browser that is in the test."""
    ticket = _ticket(hm, secret)
    kept = hm.cookies.get(request, browser_tickets.COOKIE) or ""
    is_here = hmac.compare_digest(kept.encode("utf-8"), secret.encode("utf-8"))
    token = request.form.get("token", "")
    if not is_here or not hmac.compare_digest(token.encode("utf-8"), _form_token(secret).encode("utf-8")):
        return make_response(_render(hm, secret, ticket, problem="cookie"), 403)
    button = request.form.get("do", "")
    if button == "cancel":
        return _stop(hm, secret)
    if button == "go" and ticket.login_url is not None:
        return see_other(ticket.login_url)
    if button == "look" and ticket.kind == LOOK and not ticket.answered:
        return _look(hm, ticket)
    if button == "again" and (sent := rehearsing.send_again(hm, ticket)) is not None:
        return sent
    if button == "saw":
        try:
            Rehearsals(hm.assembled).saw(
                ticket.rehearsal, ticket.entity_id, request.form.get("seen", ""), ticket.started_by
            )
        except NotThisTest:
            return make_response(_render(hm, secret, ticket, problem="choose"), 400)
    return see_other(request.path)


def _ticket(hm: Makelaar, secret: str) -> Ticket:
    ticket = browser_tickets.tickets(hm).find(secret)
    if ticket is None:
        raise NotFound
    return ticket


def _render(hm: Makelaar, secret: str, ticket: Ticket, problem: str | None = None) -> str:
    language = current_language()
    kind = KINDS.get(ticket.kind)
    rehearsal = rehearsing.store(hm).find(ticket.rehearsal)
    partner = _partner(hm, ticket)
    service = partner.catalogue.get(ticket.service_id or "")
    return render_template(
        "test.html",
        token=_form_token(secret),
        title=kind.title(language) if kind else None,
        explanation=kind.explanation(language) if kind else None,
        expectation=kind.expectation if kind else None,
        source=kind.source if kind else None,
        dv_name=partner.organisation_name(language),
        service_name=service.name(language) if service else None,
        login_url=ticket.login_url,
        answered=ticket.answered,
        rehearsal=rehearsal,
        can_send_again=kind is not None and kind.twice and rehearsing.can_send_again(hm, ticket),
        choices=list(Seen),
        verdict=_verdict(rehearsal),
        problem=problem,
    )


def _form_token(secret: str) -> str:
    """What shows that a form comes from this page."""
    return hmac.new(secret.encode("utf-8"), b"form", hashlib.sha256).hexdigest()


def _verdict(rehearsal: Rehearsal | None) -> str | None:
    if rehearsal is None or rehearsal.seen is None or rehearsal.kind not in KINDS:
        return None
    return judge(KINDS[rehearsal.kind], Seen(rehearsal.seen)) or "good"


def _stop(hm: Makelaar, secret: str) -> Response:
    browser_tickets.tickets(hm).drop(secret)
    response = make_response(render_template("test_over.html", outcome="stopped", reference=None))
    hm.cookies.delete(response, browser_tickets.COOKIE, cross_site=True)
    return response


def _look(hm: Makelaar, ticket: Ticket) -> Response:
    """Ask the question as the dienstverlener would have done, and go on as with any other."""
    partner = _partner(hm, ticket)
    own = hm.station.own
    index = next((each for each, name in partner.services.items() if name == ticket.service_id), None)
    question = AuthnRequest(
        id=own.new_id(),
        issue_instant=own.clock(),
        issuer=partner.entity_id,
        destination=None,
        service_index=index,
        force_authn=True,
    )
    journey = begin(
        question,
        partner,
        makelaar=hm.oin,
        relay_state=None,
        language=current_language(),
        randomness=secrets.token_bytes(24),
        lowest=hm.assembled.settings.lowest_level,
        find_provided=hm.find_provided,
    )
    journey = sso.with_versions(hm, journey, ticket.version_id)
    return sso.go(hm, replace(journey, rehearsal=ticket.rehearsal, rehearsal_kind=LOOK))


def _partner(hm: Makelaar, ticket: Ticket) -> Partner:
    if ticket.version_id is None:
        return hm.station.partners.find(ticket.entity_id, Role.DV)
    return hm.versions_in_test.to_begin(ticket.version_id, ticket.entity_id)


def no_longer(error: Exception) -> Response:
    """The end of whatever a browser did by a version that may not be tried out (any more): ``NotInTest``."""
    reference = new_reference(secrets.token_bytes(5))
    log.warning("refused", reference=reference, code="test", reason=str(error))
    return make_response(render_template("test_over.html", outcome="version", reference=reference), 410)
