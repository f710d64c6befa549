"""Ending a login: the audit record first, then the artifact, then the browser goes back to the dienstverlener."""

from dataclasses import replace

import structlog
from flask import Response

from broker.assembly.web import deliver
from broker.journey.answer import refuse
from broker.journey.record import Journey
from broker.journey.refusals import REFUSALS
from broker.journey.refusals import refusal
from broker.journey.table import Event
from broker.makelaar import looking
from broker.makelaar.browser_tickets import still_goes
from broker.makelaar.context import Makelaar
from broker.makelaar.outcomes import LOST
from broker.makelaar.outcomes import of_rehearsal
from broker.makelaar.outcomes import of_test
from broker.makelaar.pages import dienstverlener_name
from broker.ports.audit import AuditRecord
from broker.rehearsals.kinds import LOOK
from broker.saml.partner import Endpoint

log = structlog.get_logger()


def audit(hm: Makelaar, journey: Journey, outcome: str, level: str | None = None) -> None:
    """Record an outcome, durably; that of a test as one. Raises when it cannot: then nothing may leave.

    ``rehearsal:`` is before that of a login whose answer is that of a test, ``test:`` before that of any other login by
    a version in test.
    """
    row = REFUSALS.get(outcome)
    if journey.rehearsal is not None:
        outcome = of_rehearsal(journey.rehearsal_kind or "", outcome)
    elif journey.in_test is not None:
        outcome = of_test(outcome)
    registers = tuple(each for each in (journey.register, journey.second_register) if each)
    hm.audit.write(
        AuditRecord(
            reference=journey.reference,
            at=hm.station.own.clock(),
            outcome=outcome,
            dienstverlener=journey.dienstverlener,
            service_id=journey.service_id or None,
            authenticatiedienst=journey.authenticatiedienst,
            registers=registers,
            level=level,
            request_id=journey.request_id,
        )
    )
    getattr(log, row.log_level if row else "info")(
        "login_outcome",
        reference=journey.reference,
        outcome=outcome,
        partner=journey.dienstverlener,
        service_id=journey.service_id or None,
        loa=level,
    )


def finish(hm: Makelaar, journey: Journey, message: bytes) -> Response:
    """Send the Response of an ended, audited login to the proven ACS of the dienstverlener, by its binding."""
    return send_answer(hm, journey, message, journey.relay_state)


def send_answer(
    hm: Makelaar, journey: Journey, message: bytes, relay_state: str | None, note: str = ""
) -> Response:
    """The same with this RelayState; ``note`` is for who wants to know when it was fetched."""
    delivery = hm.station.sender.send(
        "SAMLResponse",
        message,
        Endpoint(journey.acs_binding, journey.acs),
        journey.dienstverlener,
        relay_state,
        version=journey.dienstverlener_version,
        note=note,
        in_test=journey.in_test,
    )
    response = deliver(delivery, dienstverlener_name(hm, journey, journey.language))
    hm.binder.release(response, journey.id)
    return response


def end_refused(hm: Makelaar, journey: Journey, event: Event, code: str) -> Response:
    """End a login without success: cancelled at our screen, or going back after a refusal."""
    ended = hm.journeys.advance(journey, journey.after(event, code=code))
    if not still_goes(hm, ended):
        return without_answer(hm, ended, LOST)
    audit(hm, ended, code)
    own = hm.station.own
    message = refuse(
        ended,
        refusal(code),
        makelaar=hm.entity_id,
        key=own.key,
        now=own.clock(),
        new_id=own.new_id,
    )
    if ended.rehearsal_kind == LOOK:
        return looking.show(hm, ended, message)
    return finish(hm, ended, message)


def without_answer(hm: Makelaar, journey: Journey, outcome: str, level: str | None = None) -> Response:
    """End a login of a test of which no answer may leave."""
    audit(hm, journey, outcome, level)
    return looking.over(hm, journey, outcome)


def show_refused(hm: Makelaar, journey: Journey, event: Event, code: str) -> Journey:
    """Note a refusal of which the page still has to be shown, and audit it."""
    noted = hm.journeys.advance(journey, journey.after(event, code=code))
    audit(hm, noted, code)
    return noted


def forget_answers(journey: Journey) -> Journey:
    """The same login before anybody was asked, for another try."""
    return replace(
        journey,
        code=None,
        ad_request=None,
        ad_asked_at=None,
        ad_forced=False,
        register=None,
        mr_request=None,
        second_register=None,
        authentication=None,
        authentication_signature=None,
    )
