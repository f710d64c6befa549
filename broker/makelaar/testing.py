"""The page of a test ticket: its button puts this browser in the test; it says what to do, and asks what was seen."""

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
    """What this ticket is for. Only a button on it puts a browser in the test: whoever followed a link is not yet."""
    ticket = _ticket(hm, secret)
    mark = hm.cookies.get(request, browser_tickets.BROWSER) or secrets.token_urlsafe(16)
    response = make_response(_render(hm, secret, ticket, mark))
    # Dienstverleners post people to us from their own site, so it must come along cross-site, as the binder does.
    hm.cookies.set(response, browser_tickets.BROWSER, mark, LASTS_SECONDS, cross_site=True)
    return response


def act(hm: Makelaar, secret: str) -> Response:
    """A button of that page, pressed in the browser that was shown it."""
    ticket = _ticket(hm, secret)
    mark = hm.cookies.get(request, browser_tickets.BROWSER) or ""
    token = request.form.get("token", "")
    if not mark or not hmac.compare_digest(token.encode("utf-8"), _form_token(secret, mark).encode("utf-8")):
        return make_response(_render(hm, secret, ticket, mark, problem="cookie"), 403)
    button = request.form.get("do", "")
    if button in ("join", "go", "look"):
        return _join(hm, secret, ticket, button)
    takes_part = _takes_part(hm, secret)
    if button == "cancel":
        return _stop(hm, secret) if takes_part else make_response(_over("declined"))
    if not takes_part:
        return make_response(_render(hm, secret, ticket, mark, problem="cookie"), 403)
    if button == "again" and (sent := rehearsing.send_again(hm, ticket)) is not None:
        return sent
    if button == "saw":
        try:
            Rehearsals(hm.assembled).saw(
                ticket.rehearsal, ticket.entity_id, request.form.get("seen", ""), ticket.started_by
            )
        except NotThisTest:
            return make_response(_render(hm, secret, ticket, mark, problem="choose"), 400)
    return see_other(request.path)


def _join(hm: Makelaar, secret: str, ticket: Ticket, button: str) -> Response:
    """Put this browser in the test, and take it where the test begins."""
    if button == "look" and ticket.kind == LOOK and not ticket.answered:
        response = _look(hm, ticket)
    elif button == "go" and ticket.login_url is not None:
        response = see_other(ticket.login_url)
    else:
        response = see_other(request.path)
    hm.cookies.set(response, browser_tickets.COOKIE, secret, LASTS_SECONDS, cross_site=True)
    return response


def _takes_part(hm: Makelaar, secret: str) -> bool:
    kept = hm.cookies.get(request, browser_tickets.COOKIE) or ""
    return hmac.compare_digest(kept.encode("utf-8"), secret.encode("utf-8"))


def _ticket(hm: Makelaar, secret: str) -> Ticket:
    ticket = browser_tickets.tickets(hm).find(secret)
    if ticket is None:
        raise NotFound
    return ticket


def _render(hm: Makelaar, secret: str, ticket: Ticket, mark: str, problem: str | None = None) -> str:
    language = current_language()
    kind = KINDS.get(ticket.kind)
    rehearsal = rehearsing.store(hm).find(ticket.rehearsal)
    partner = _partner(hm, ticket)
    service = partner.catalogue.get(ticket.service_id or "")
    return render_template(
        "test.html",
        token=_form_token(secret, mark),
        takes_part=_takes_part(hm, secret),
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


def _form_token(secret: str, mark: str) -> str:
    """What shows that a form comes from this page in this browser: whoever made the ticket does not know its mark."""
    return hmac.new(secret.encode("utf-8"), mark.encode("utf-8"), hashlib.sha256).hexdigest()


def _verdict(rehearsal: Rehearsal | None) -> str | None:
    if rehearsal is None or rehearsal.seen is None or rehearsal.kind not in KINDS:
        return None
    return judge(KINDS[rehearsal.kind], Seen(rehearsal.seen)) or "good"


def _stop(hm: Makelaar, secret: str) -> Response:
    browser_tickets.tickets(hm).drop(secret)
    response = make_response(_over("stopped"))
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
    return make_response(_over("version", reference), 410)


def _over(outcome: str, reference: str | None = None) -> str:
    return render_template("test_over.html", outcome=outcome, reference=reference)
