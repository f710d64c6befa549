"""Where dienstverleners send people to log out: the SingleLogoutService, by POST, Redirect or artifact.

Afsprakenstelsel, Single log-out. The logout goes on to the authenticatiedienst where this browser logged in; that tells
the person. A dienstverlener with a SingleLogoutService in its own metadata, which the stelsel does not ask for, waits
for a LogoutResponse; it gets one, at that address.
"""

import secrets
from dataclasses import replace

import structlog
from flask import Response
from flask import make_response
from flask import render_template
from flask import request

from broker.assembly import paths
from broker.assembly.web import deliver
from broker.assembly.web import incoming
from broker.assembly.web import see_other
from broker.domain.references import new_reference
from broker.exchange.http import PartnerUnavailable
from broker.exchange.incoming import Incoming
from broker.exchange.own import system_clock
from broker.exchange.partners import Instead
from broker.exchange.receiving import require_destination
from broker.exchange.sending import FOR_LOGOUT
from broker.exchange.sending import choose_endpoint
from broker.exchange.sending import logout_answered_at
from broker.makelaar.browser_tickets import instead
from broker.makelaar.browser_tickets import ticket_here
from broker.makelaar.browser_tickets import version_for
from broker.makelaar.context import Makelaar
from broker.makelaar.logouts import Logout
from broker.makelaar.logouts import Stage
from broker.makelaar.outcomes import LOGOUT
from broker.makelaar.outcomes import LOGOUT_NOTHING
from broker.makelaar.outcomes import LOGOUT_UNKNOWN
from broker.makelaar.outcomes import of_test
from broker.makelaar.sessions import AtAd
from broker.makelaar.sso import lost
from broker.makelaar.sso import record_dead_end
from broker.ports import Role
from broker.ports.audit import AuditRecord
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.errors import UnknownPartner
from broker.saml.logout import LogoutRequest
from broker.saml.logout import LogoutResponse
from broker.saml.logout import read_logout_request
from broker.saml.logout import read_logout_response
from broker.saml.logout import require_not_lapsed
from broker.saml.logout import write_logout_request
from broker.saml.logout import write_logout_response
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.status import SUCCESS
from broker.saml.status import responder_failed
from broker.screens import current_language
from broker.screens import show_moment

log = structlog.get_logger()

_NOT_ENDED = responder_failed(
    "De sessie bij de authenticatiedienst is niet beëindigd.", "uitloggen-niet-mogelijk"
)


def single_logout(hm: Makelaar) -> Response:
    """Take a LogoutRequest and send it on, or say what the person can do."""
    ticket = ticket_here(hm)
    try:
        received = incoming("SAMLRequest")
        partner, wish = _receive(hm, received, instead(hm, ticket))
    except (SamlError, PartnerUnavailable) as error:
        return _refused(hm, error.code if isinstance(error, SamlError) else "bericht-ongeldig", str(error))
    logout = Logout(
        id=hm.logouts.new_id(),
        reference=new_reference(secrets.token_bytes(5)),
        dienstverlener=partner.entity_id,
        request_id=wish.id,
        relay_state=received.relay_state,
        stage=Stage.UNKNOWN,
        in_test=version_for(ticket, partner.entity_id),
    )
    at = hm.sessions.find(request, partner.entity_id, wish.name_id, wish.session_indexes, logout.in_test)
    if at is not None:
        return _send_on(hm, logout, at, partner) or _show(hm, logout)
    if any(service.sso_support for service in partner.catalogue.values()):
        return _show(hm, logout)
    # None of its services has joined single sign-on, so nothing was kept anywhere.
    logout = replace(logout, stage=Stage.NOTHING)
    return _show(hm, logout) if logout_answered_at(partner) is None else _answer(hm, logout, partner)


def answered(hm: Makelaar) -> Response:
    """The authenticatiedienst says what became of a logout; on to the dienstverlener that waits for it."""
    try:
        received = incoming("SAMLResponse")
    except SamlError as error:
        return _refused(hm, error.code, str(error))
    logout_id = received.relay_state or ""
    if not hm.binder.is_bound(request, logout_id):
        return lost("cookie-ontbreekt", "an answer to a logout of another browser", 403)
    logout = hm.logouts.take(logout_id)
    if logout is None or logout.stage is not Stage.AT_AD:
        return lost("al-afgerond", "an answer to a logout that has ended")
    try:
        _believe(hm, received, logout)
    except (SamlError, PartnerUnavailable) as error:
        log.warning("logout_answer_refused", reference=logout.reference, reason=str(error))
        return _show(hm, replace(logout, stage=Stage.UNKNOWN))
    return _answer(hm, logout, _dienstverlener(hm, logout))


def show(hm: Makelaar, logout_id: str) -> Response:
    """How a logout ended. Without its cookie too, since cookies that were lost are why it ends here."""
    logout = hm.logouts.find(logout_id)
    if logout is None:
        return lost("al-afgerond", "no such logout")
    language = current_language()
    partner = _dienstverlener(hm, logout)
    may_go_back = logout_answered_at(partner) is not None and hm.binder.is_bound(request, logout_id)
    page = render_template(
        "logout.html",
        kind="nothing" if logout.stage is Stage.NOTHING else "unknown",
        dv_name=partner.organisation_name(language),
        may_go_back=may_go_back,
        action=_address(logout),
        token=hm.binder.token(request, logout_id),
        reference=logout.reference,
        code=None,
        time=show_moment(system_clock(), language),
    )
    return make_response(page)


def act(hm: Makelaar, logout_id: str) -> Response:
    """Back to the dienstverlener, with an answer that says the logout was not complete."""
    if not hm.binder.accepts(request, logout_id):
        return lost("cookie-ontbreekt", "the form is not of this browser", 403)
    logout = hm.logouts.take(logout_id)
    if logout is None:
        return lost("al-afgerond", "a logout that was answered")
    partner = _dienstverlener(hm, logout)
    if logout_answered_at(partner) is None or logout.stage is Stage.AT_AD:
        hm.logouts.save(logout)
        return see_other(_address(logout))
    return _answer(hm, logout, partner)


def _dienstverlener(hm: Makelaar, logout: Logout) -> Partner:
    """Who asked for a logout, as it did. Raises ``UnknownPartner`` or ``NotInTest``."""
    if logout.in_test is None:
        return hm.station.partners.find(logout.dienstverlener, Role.DV)
    return hm.versions_in_test.to_end(logout.in_test, logout.dienstverlener)


def _receive(hm: Makelaar, received: Incoming, in_test: Instead | None) -> tuple[Partner, LogoutRequest]:
    """The request of a proven dienstverlener, for us, of this moment and new. Raises a ``SamlError``."""
    partner, verified = hm.station.receiver.request(received, Role.DV, instead=in_test)
    wish = read_logout_request(verified.element)
    require_destination(wish.destination, (hm.url(paths.HM_SLO),))
    hm.station.receiver.require_fresh(wish.id, wish.issue_instant, wish.issuer)
    require_not_lapsed(wish, hm.station.own.clock())
    return partner, wish


def _send_on(hm: Makelaar, logout: Logout, at: AtAd, partner: Partner) -> Response | None:
    """On to the authenticatiedienst; None when it is gone or takes no logouts.

    RelayState says that we wait for an answer: only when the dienstverlener does.
    """
    own = hm.station.own
    try:
        dienst = hm.station.partners.find(at.authenticatiedienst, Role.AD)
        endpoint = choose_endpoint(dienst.logout, FOR_LOGOUT)
    except (UnknownPartner, LookupError) as error:
        log.warning("logout_not_possible", partner=at.authenticatiedienst, reason=str(error))
        return None
    now = own.clock()
    wish = LogoutRequest(
        id=own.new_id(),
        issue_instant=now,
        issuer=hm.entity_id,
        destination=endpoint.location,
        name_id=at.name_id,
        name_qualifier=dienst.entity_id,
        session_indexes=() if at.session_index is None else (at.session_index,),
        not_on_or_after=now + LIFETIMES.request_window,
    )
    asked = replace(logout, stage=Stage.AT_AD, authenticatiedienst=dienst.entity_id, ad_request=wish.id)
    waits = logout_answered_at(partner) is not None
    if waits:
        hm.logouts.save(asked)
    _audit(hm, asked, LOGOUT)
    message = hm.station.sender.sign_for(endpoint, write_logout_request(wish))
    delivery = hm.station.sender.send(
        "SAMLRequest", message, endpoint, dienst.entity_id, asked.id if waits else None
    )
    response = deliver(delivery, dienst.display_name(current_language()))
    if waits:
        hm.binder.bind(request, response, asked.id)
    return response


def _believe(hm: Makelaar, received: Incoming, logout: Logout) -> None:
    """Raise a ``SamlError`` unless the authenticatiedienst that was asked says now that the session has ended."""
    verified = hm.station.receiver.logout_response(received, logout.authenticatiedienst or "", Role.AD)
    said = read_logout_response(verified.element)
    require_destination(said.destination, (hm.url(paths.HM_SLO_AD),))
    hm.station.receiver.require_fresh(said.id, said.issue_instant, said.issuer)
    if said.in_response_to != logout.ad_request:
        raise UnexpectedAnswer("the LogoutResponse answers another request")
    if not said.status.is_success:
        raise UnexpectedAnswer("the authenticatiedienst could not end the session")


def _answer(hm: Makelaar, logout: Logout, partner: Partner) -> Response:
    """Tell the dienstverlener that waits, at an address of its metadata."""
    endpoint = logout_answered_at(partner)
    if endpoint is None:  # its metadata changed meanwhile
        return _show(hm, logout)
    if logout.stage is Stage.NOTHING:
        _audit(hm, logout, LOGOUT_NOTHING)
    own = hm.station.own
    answer = LogoutResponse(
        id=own.new_id(),
        in_response_to=logout.request_id,
        issue_instant=own.clock(),
        issuer=hm.entity_id,
        destination=endpoint.location,
        status=_NOT_ENDED if logout.stage is Stage.UNKNOWN else SUCCESS,
    )
    message = hm.station.sender.sign_for(endpoint, write_logout_response(answer))
    delivery = hm.station.sender.send(
        "SAMLResponse", message, endpoint, partner.entity_id, logout.relay_state, in_test=logout.in_test
    )
    response = deliver(delivery, partner.organisation_name(current_language()))
    hm.binder.release(response, logout.id)
    return response


def _show(hm: Makelaar, logout: Logout) -> Response:
    """To the page that says how it ended."""
    hm.logouts.save(logout)
    _audit(hm, logout, LOGOUT_NOTHING if logout.stage is Stage.NOTHING else LOGOUT_UNKNOWN)
    response = see_other(_address(logout))
    hm.binder.bind(request, response, logout.id)
    return response


def _refused(hm: Makelaar, code: str, reason: str) -> Response:
    """The page for a logout nobody is proven to have asked for; the person still wants to be logged out."""
    reference = record_dead_end(hm, code)
    log.warning("refused", reference=reference, code=code, reason=reason)
    page = render_template(
        "logout.html",
        kind="refused",
        may_go_back=False,
        reference=reference,
        code=code,
        time=show_moment(system_clock(), current_language()),
    )
    return make_response(page, 400)


def _address(logout: Logout) -> str:
    return f"/logout/{logout.id}"


def _audit(hm: Makelaar, logout: Logout, outcome: str) -> None:
    hm.audit.write(
        AuditRecord(
            reference=logout.reference,
            at=hm.station.own.clock(),
            outcome=outcome if logout.in_test is None else of_test(outcome),
            dienstverlener=logout.dienstverlener,
            authenticatiedienst=logout.authenticatiedienst,
            request_id=logout.request_id,
        )
    )
    log.info("logout_outcome", reference=logout.reference, outcome=outcome, partner=logout.dienstverlener)
