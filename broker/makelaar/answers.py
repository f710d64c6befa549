"""Where authenticatiediensten and registers answer: the makelaar's own AssertionConsumerServices.

An answer that is not believed is thrown away: the person may choose another authenticatiedienst or go back, and the
dienstverlener is told of a technical fault, never that the person cancelled.
"""

import hashlib
from functools import partial

import structlog
from flask import Response
from flask import request

from broker.assembly import paths
from broker.assembly.web import incoming
from broker.exchange.http import PartnerUnavailable
from broker.exchange.incoming import Incoming
from broker.journey.answer import IN_CLEAR
from broker.journey.answer import declare
from broker.journey.answer import declare_eidas
from broker.journey.answer import plain_subject
from broker.journey.authentication import judge_authentication
from broker.journey.authorization import Believed
from broker.journey.authorization import judge_authorization
from broker.journey.authorization import named_by_both
from broker.journey.authorization import used_level
from broker.journey.eidas import CANCELLED
from broker.journey.eidas import MOST_ASSERTIONS
from broker.journey.eidas import judge_eidas
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.journey.table import State
from broker.makelaar import asking
from broker.makelaar import pages
from broker.makelaar import rehearsing
from broker.makelaar.answering import audit
from broker.makelaar.answering import end_refused
from broker.makelaar.answering import finish
from broker.makelaar.answering import show_refused
from broker.makelaar.answering import without_answer
from broker.makelaar.browser_tickets import still_goes
from broker.makelaar.context import Makelaar
from broker.makelaar.login import see
from broker.makelaar.outcomes import GRANTED
from broker.makelaar.outcomes import LOST
from broker.makelaar.sessions import AtAd
from broker.makelaar.sessions import Given
from broker.makelaar.sso import dead_end
from broker.makelaar.sso import lost
from broker.makelaar.sso import unbound
from broker.ports import Role
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import Replayed
from broker.saml.errors import SamlError
from broker.saml.errors import SpentArtifact
from broker.saml.policy import LIFETIMES
from broker.saml.signature import Verified

log = structlog.get_logger()

_ONE_YEAR = 365 * 24 * 3600
_CANCELLED = {Event.CANCELLED_AT_AD: "cancelled_at_ad", Event.CANCELLED_AT_MR: "cancelled_at_mr"}
_MISTRUSTED = {
    State.AT_AD: Event.AD_FAILED,
    State.AT_MR: Event.MR_FAILED,
    State.CONFIRMING: Event.MR_FAILED,
    State.AT_EB: Event.EB_FAILED,
}
_ABSENT = {
    State.AT_AD: "authenticatiedienst-fout",
    State.AT_MR: "machtigingenregister-fout",
    State.CONFIRMING: "keten-niet-bevestigd",
    State.AT_EB: "berichtenservice-fout",
}


def from_ad(hm: Makelaar) -> Response:
    """The authenticatiedienst answers."""
    return _receive(hm, State.AT_AD)


def from_mr(hm: Makelaar) -> Response:
    """The machtigingenregister answers."""
    return _receive(hm, State.AT_MR)


def from_eb(hm: Makelaar) -> Response:
    """The eIDAS-berichtenservice answers."""
    return _receive(hm, State.AT_EB)


def _receive(hm: Makelaar, state: State) -> Response:
    try:
        received = incoming("SAMLResponse")
    except SamlError as error:
        return dead_end(hm, error.code, str(error))
    journey = hm.journeys.find(received.relay_state or "")
    if journey is None:
        return lost("sessie-verlopen", "an answer to a login that is not there")
    if not hm.binder.is_bound(request, journey.id):
        return unbound(journey, "an answer in another browser")
    if journey.state is not state:
        return see(journey)
    try:
        judge = {State.AT_AD: _authenticated, State.AT_MR: _authorised, State.AT_EB: _declared_by_eb}[state]
        return judge(hm, journey, received)
    except PartnerUnavailable as error:
        return _mistrust(hm, journey, _ABSENT[journey.state], str(error))
    except (SpentArtifact, Replayed) as error:
        # The browser brought one answer twice. Whichever came first is under way and must not be disturbed.
        log.info("answer_repeated", reference=journey.reference, reason=str(error), state=journey.state)
        return see(journey)
    except (SamlError, LookupError) as error:
        return _mistrust(hm, journey, "antwoord-ongeldig", str(error))


def _mistrust(hm: Makelaar, journey: Journey, code: str, reason: str) -> Response:
    """Throw an answer away, and show what can be done now."""
    log.warning("answer_refused", reference=journey.reference, code=code, reason=reason, state=journey.state)
    # A chain that was being confirmed has been saved in that state meanwhile.
    current = hm.journeys.find(journey.id) or journey
    event = _MISTRUSTED.get(current.state)
    if event is None:
        return see(current)
    if current.state is State.CONFIRMING:
        code = _ABSENT[State.CONFIRMING]
    return see(show_refused(hm, current, event, code))


def _authenticated(hm: Makelaar, journey: Journey, received: Incoming) -> Response:
    expected = journey.authenticatiedienst or ""
    opened = hm.station.receiver.response(received, expected, Role.AD)
    outcome = judge_authentication(
        journey,
        opened,
        certified=hm.station.partners.find(expected, Role.AD).level,
        makelaar=hm.entity_id,
        service=asking.require_service(hm, journey),
        acs=hm.url(paths.HM_ACS_AD),
        now=hm.station.own.clock(),
        continues=partial(hm.sessions.continues, request, expected),
    )
    if outcome.assertion is None or opened.assertion is None:
        return _refused(hm, journey, outcome.event, outcome.code)
    believed = _believe(hm, opened.assertion, outcome.assertion.frame.id)
    return asking.ask_mr(hm, journey, outcome.assertion, believed)


def _authorised(hm: Makelaar, journey: Journey, received: Incoming) -> Response:
    opened = hm.station.receiver.response(received, journey.register or "", Role.MR)
    authentication = asking.kept_authentication(journey)
    outcome = judge_authorization(
        journey,
        opened,
        link=Believed(
            authentication.frame.id, journey.authentication_signature or "", journey.authentication or b""
        ),
        makelaar=hm.entity_id,
        service=asking.require_service(hm, journey),
        acs=hm.url(paths.HM_ACS_MR),
        now=hm.station.own.clock(),
        behind=hm.behind(journey, authentication.level),
    )
    if outcome.assertion is None or opened.assertion is None:
        return _refused(hm, journey, outcome.event, outcome.code)
    believed = _believe(hm, opened.assertion, outcome.assertion.frame.id)
    if outcome.event is Event.CHAIN_FOUND:
        return _confirm(hm, journey, authentication, outcome.assertion, believed)
    advice = (journey.authentication or b"", believed.raw)
    return _grant(hm, journey, Event.AUTHORISED, authentication, outcome.assertion, None, advice)


def _confirm(
    hm: Makelaar,
    journey: Journey,
    authentication: AuthenticationAssertion,
    first: AuthorizationAssertion,
    believed: Believed,
) -> Response:
    confirming = hm.journeys.advance(
        journey,
        journey.after(Event.CHAIN_FOUND, second_register=first.confirm_at),
    )
    outcome, second = asking.ask_second_register(hm, confirming, authentication, first, believed)
    if outcome.assertion is None or second is None:
        return _refused(hm, confirming, outcome.event, outcome.code)
    advice: tuple[bytes, ...] = (journey.authentication or b"",)
    if hm.assembled.settings.advice_in_chain:
        advice = (*advice, believed.raw, second)
    return _grant(hm, confirming, Event.CONFIRMED, authentication, first, outcome.assertion, advice)


def _declared_by_eb(hm: Makelaar, journey: Journey, received: Incoming) -> Response:
    """Authenticatiedienst and register in one; what is remembered of other logins stays as it is."""
    expected = journey.authenticatiedienst or ""
    opened = hm.station.receiver.response(received, expected, Role.EB, most=MOST_ASSERTIONS)
    service = asking.require_service(hm, journey)
    own = hm.station.own
    outcome = judge_eidas(
        journey,
        opened,
        certified=hm.station.partners.find(expected, Role.EB).level,
        makelaar=hm.entity_id,
        service=service,
        acs=hm.url(paths.HM_ACS_EB),
        now=own.clock(),
    )
    if outcome.event is Event.CANCELLED_AT_EB:
        return end_refused(hm, journey, outcome.event, CANCELLED)
    if outcome.proven is None:
        return _refused(hm, journey, outcome.event, outcome.code)
    for verified in outcome.proven.assertions:
        _believe(hm, verified, verified.element.get("ID", ""))
    ended = hm.journeys.advance(journey, journey.after(outcome.event))
    message = declare_eidas(
        ended,
        outcome.proven,
        service_uuid=service.service_uuid,
        makelaar=hm.entity_id,
        key=own.key,
        now=own.clock(),
        new_id=own.new_id,
    )
    if ended.rehearsal is not None:
        return rehearsing.end(hm, ended, message, None, outcome.proven.level.short)
    if not still_goes(hm, ended):
        return without_answer(hm, ended, LOST, outcome.proven.level.short)
    audit(hm, ended, GRANTED, outcome.proven.level.short)
    return finish(hm, ended, message)


def _grant(
    hm: Makelaar,
    journey: Journey,
    event: Event,
    authentication: AuthenticationAssertion,
    first: AuthorizationAssertion,
    second: AuthorizationAssertion | None,
    advice: tuple[bytes, ...],
) -> Response:
    """End a login with success: once, on the record, and to the dienstverlener it was made for."""
    service = asking.require_service(hm, journey)
    dienstverlener = hm.dienstverlener(journey)
    connection = dienstverlener.connection
    subject = (
        plain_subject(first, second, service.identifier_sets) if connection.profile in IN_CLEAR else None
    )
    if connection.profile in IN_CLEAR and subject is None:
        return _refused(hm, journey, Event.NOT_AUTHORISED, "identificatie-niet-leverbaar")
    own = hm.station.own
    try:
        sealing = dienstverlener.sealing(own.clock())
    except NobodyToEncryptFor as error:
        log.error("nobody_to_encrypt_for", reference=journey.reference, reason=str(error))
        return _refused(hm, journey, Event.NOT_AUTHORISED, error.code)
    registers = (first,) if second is None else (first, second)
    ended = hm.journeys.advance(
        journey,
        journey.after(event, authentication=None),
    )
    session_index = own.new_id()
    message = declare(
        ended,
        authentication,
        first,
        second,
        service_uuid=service.service_uuid,
        session_index=session_index,
        advice=advice,
        makelaar=hm.entity_id,
        key=own.key,
        now=own.clock(),
        new_id=own.new_id,
        connection=connection,
        # A test spoils what is inside before it is encrypted.
        sealing=None if ended.rehearsal else sealing,
        subject=subject,
        service_ids=named_by_both(first, second) if journey.provider is None else (),
    )
    level = used_level(authentication.level, *registers).short
    if ended.rehearsal is not None:
        response = rehearsing.end(hm, ended, message, sealing, level)
    elif still_goes(hm, ended):
        audit(hm, ended, GRANTED, level)
        response = finish(hm, ended, message)
    else:
        return without_answer(hm, ended, LOST, level)
    if ended.rehearsal is None and ended.in_test is None:
        _remember_choice(hm, ended, response)
    if service.sso_support:
        frame = authentication.frame
        name = frame.name_id if subject is None else subject.pseudonym.reveal()
        hm.sessions.remember(
            request,
            response,
            Given(ended.dienstverlener, name, session_index, ended.in_test),
            AtAd(frame.issuer, frame.name_id, authentication.session_index),
            authentication.authn_instant,
        )
    return response


def _remember_choice(hm: Makelaar, journey: Journey, response: Response) -> None:
    """Keep or forget the authenticatiedienst in this browser, as the person said."""
    if journey.remember and journey.authenticatiedienst:
        hm.cookies.set(response, pages.REMEMBERED, journey.authenticatiedienst, _ONE_YEAR, cross_site=True)
    elif journey.remember is False:
        hm.cookies.delete(response, pages.REMEMBERED, cross_site=True)


def _refused(hm: Makelaar, journey: Journey, event: Event, code: str | None) -> Response:
    """A refusal page, or after a cancel elsewhere our list again."""
    if event in _CANCELLED:
        return see(hm.journeys.advance(journey, journey.after(event, notice=_CANCELLED[event])))
    return see(show_refused(hm, journey, event, code or "storing"))


def _believe(hm: Makelaar, verified: Verified, assertion_id: str) -> Believed:
    """Accept an assertion, once. Raises ``Replayed`` for one that was used before."""
    # Longer than any assertion is in force; the key is a hash, because IDs are chosen by others.
    digest = hashlib.sha256(f"{verified.signer} {assertion_id}".encode()).hexdigest()
    if not hm.station.state.claim(f"assertion:{digest}", 2 * int(LIFETIMES.journey.total_seconds())):
        raise Replayed("an assertion that was used before")
    hm.sightings.accepted(verified.signer, hm.station.own.clock())
    return Believed(assertion_id, verified.signature_value, verified.raw.reveal_bytes())
