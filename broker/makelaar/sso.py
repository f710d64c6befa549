"""Where dienstverleners send people: the SingleSignOnService, by POST, Redirect or artifact."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import structlog
from flask import Response
from flask import request

from broker.assembly import paths
from broker.assembly.web import error_page
from broker.assembly.web import incoming
from broker.assembly.web import see_other
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.references import new_reference
from broker.exchange.http import PartnerUnavailable
from broker.exchange.receiving import require_destination
from broker.journey.begin import begin
from broker.journey.begin import rejected
from broker.journey.record import Journey
from broker.journey.table import State
from broker.makelaar import asking
from broker.makelaar import eidas
from broker.makelaar import pages
from broker.makelaar import rehearsing
from broker.makelaar.answering import audit
from broker.makelaar.browser_tickets import instead
from broker.makelaar.browser_tickets import ticket_here
from broker.makelaar.browser_tickets import version_for
from broker.makelaar.context import Makelaar
from broker.onboarding.tickets import Ticket
from broker.ports import Role
from broker.ports.audit import AuditRecord
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.deviations import request_deviations
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import Replayed
from broker.saml.errors import SamlError
from broker.saml.errors import WrongDestination
from broker.saml.names import BINDING_POST
from broker.saml.policy import FRONT
from broker.saml.post import decode_posted_request
from broker.screens import current_language

log = structlog.get_logger()

SERVED: Final[Mapping[str, frozenset[Profile]]] = {
    paths.HM_SSO: frozenset({Profile.V1_13, Profile.SAML}),
    paths.HM_SSO_1_11: frozenset({Profile.V1_11}),
}
"""Who sends people where: one address serves one version of the interface (Interface specifications web)."""


def single_sign_on(hm: Makelaar, path: str) -> Response:
    """Take an AuthnRequest at one of the addresses in ``SERVED`` and begin a login, or say why not."""
    ticket = ticket_here(hm)
    try:
        journey, wanted = _begin(hm, path, ticket)
    except (SamlError, PartnerUnavailable) as error:
        code = error.code if isinstance(error, SamlError) else "bericht-ongeldig"
        return dead_end(hm, code, str(error))
    return go(hm, rehearsing.marked(hm, journey, ticket), wanted)


def go(hm: Makelaar, journey: Journey, wanted: tuple[str, ...] = ()) -> Response:
    """Start a login that has begun, and bind it to this browser; ``wanted`` see ``_begin``."""
    hm.journeys.start(journey)
    response = _first_response(hm, journey, wanted)
    hm.binder.bind(request, response, journey.id)
    return response


def dead_end(hm: Makelaar, code: str, reason: str) -> Response:
    """Refuse a request nobody is proven to have sent: a page, an audit record, and no message to anyone."""
    return refused_page(code, reason, record_dead_end(hm, code), 400)


def record_dead_end(hm: Makelaar, code: str) -> str:
    """Note a request nobody is proven to have sent, within bounds; its reference."""
    reference = new_reference(secrets.token_bytes(5))
    if _may_be_recorded(hm, "dead-ends"):
        hm.audit.write(AuditRecord(reference=reference, at=hm.station.own.clock(), outcome=code))
    return reference


def _may_be_recorded(hm: Makelaar, what: str) -> bool:
    minute = f"{hm.station.own.clock():%Y%m%d%H%M}"
    return hm.station.state.count(f"{what}:{minute}", 120) <= FRONT.recorded_a_minute


def lost(code: str, reason: str, status: int = 410) -> Response:
    """The page for a browser that is in no login of ours (any more). Anyone can ask for it, so it is only logged."""
    return refused_page(code, reason, new_reference(secrets.token_bytes(5)), status)


def unbound(journey: Journey, reason: str) -> Response:
    """The page for a browser without the cookie of this login: it let go of it at the end, or never had it."""
    if journey.state is State.ANSWERED:
        return lost("al-afgerond", "a login that has ended")
    return lost("cookie-ontbreekt", reason, 403)


def refused_page(code: str, reason: str, reference: str, status: int) -> Response:
    """A logged dead end."""
    log.warning("refused", reference=reference, code=code, reason=reason)
    return error_page(status, code, reference)


def _begin(hm: Makelaar, path: str, ticket: Ticket | None) -> tuple[Journey, tuple[str, ...]]:
    """The new login and the authenticatiediensten its dienstverlener has chosen for the person.

    ``ticket`` is the test ticket of this browser: its dienstverlener counts by the version that it names.
    """
    received = incoming("SAMLRequest")
    partner, verified = hm.station.receiver.request(received, Role.DV, instead=instead(hm, ticket))
    authn_request = read_authn_request(verified.element)
    require_destination(authn_request.destination, (hm.url(path),))
    if partner.connection.profile not in SERVED[path]:
        raise WrongDestination("this address is for dienstverleners of another interface version")
    deviations = request_deviations(verified, received.relay_state, partner.connection.profile)
    if received.binding == BINDING_POST and decode_posted_request(received.value)[1]:
        deviations |= {Tolerance.DEFLATED_POST}
    journey = begin(
        authn_request,
        partner,
        makelaar=hm.oin,
        relay_state=received.relay_state,
        language=current_language(),
        randomness=secrets.token_bytes(24),
        deviations=deviations,
        lowest=hm.assembled.settings.lowest_level,
        find_provided=hm.find_provided,
        berichtenservices=_berichtenservices(hm, authn_request),
    )
    journey = with_versions(hm, journey, version_for(ticket, partner.entity_id))
    hm.conformance.note(partner.entity_id, deviations, hm.station.own.clock(), journey.reference)
    code = _stale(hm, authn_request)
    if code is not None:
        journey = rejected(journey, code)
    # A stale request can be sent again by whoever once saw it, as often as they like.
    if journey.state is State.REJECTED and (code is None or _may_be_recorded(hm, "stale")):
        audit(hm, journey, journey.code or "")
    return journey, authn_request.idp_list


def with_versions(hm: Makelaar, journey: Journey, in_test: str | None) -> Journey:
    """A login that has just begun with the versions that it will end with; ``in_test`` is the one that it tries out.

    Raises ``NotInTest``.
    """
    known, entity_id = hm.station.partners, journey.dienstverlener
    return replace(
        journey,
        in_test=in_test,
        dienstverlener_version=known.content_hash(entity_id)
        if in_test is None
        else hm.versions_in_test.content_hash(in_test, entity_id),
        provider_version=known.content_hash(journey.provider) if journey.provider else None,
    )


def _berichtenservices(hm: Makelaar, authn_request: AuthnRequest) -> frozenset[str]:
    """The EBs we know; only looked up for a dienstverlener that chose somebody beforehand."""
    known = hm.station.partners.in_role(Role.EB) if authn_request.idp_list else ()
    return frozenset(each.entity_id for each in known)


def _stale(hm: Makelaar, authn_request: AuthnRequest) -> str | None:
    try:
        hm.station.receiver.require_fresh(authn_request.id, authn_request.issue_instant, authn_request.issuer)
    except (OutsideTimeWindow, Replayed) as error:
        return error.code
    return None


def _first_response(hm: Makelaar, journey: Journey, wanted: tuple[str, ...]) -> Response:
    """On to the one authenticatiedienst that was chosen beforehand, else to our own page; eIDAS has no page."""
    if journey.state is State.FORWARDING:
        return eidas.forward(hm, journey, wanted)
    if journey.state is State.CHOOSING:
        able = {dienst.entity_id for dienst in pages.able_diensten(hm, journey, journey.language)}
        # What somebody chose as themselves is not for a login as a test person.
        remembered = None if journey.in_test else hm.cookies.get(request, pages.REMEMBERED)
        # A choice made for the person is not remembered as theirs, nor does it take away the one that is.
        choice, remember = (wanted[0], None) if len(wanted) == 1 else (remembered, True)
        if choice in able and choice is not None:
            return asking.ask_ad(hm, journey, choice, remember=remember)
    return see_other(pages.action(journey))
