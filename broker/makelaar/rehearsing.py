"""Behaviour tests in a running login: which login is one, and how it ends.

Only a browser with a test ticket takes part, only at the dienstverlener of that ticket, and once: whatever is not
certain makes a login an ordinary one at its beginning, and ends it without any answer afterwards.
"""

import hashlib
from base64 import b64decode
from base64 import b64encode
from dataclasses import replace

import structlog
from flask import Response
from flask import request

from broker.assembly.party import Assembled
from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.journey.answer import IN_CLEAR
from broker.journey.record import Journey
from broker.journey.refusals import refusal
from broker.journey.table import State
from broker.makelaar import looking
from broker.makelaar.answering import audit
from broker.makelaar.answering import send_answer
from broker.makelaar.answering import without_answer
from broker.makelaar.browser_tickets import BROWSER
from broker.makelaar.browser_tickets import COOKIE
from broker.makelaar.browser_tickets import tickets
from broker.makelaar.context import Makelaar
from broker.makelaar.outcomes import IMPOSSIBLE
from broker.makelaar.outcomes import LOST
from broker.makelaar.outcomes import SENT
from broker.makelaar.outcomes import SENT_AGAIN
from broker.makelaar.outcomes import SHOWN
from broker.onboarding.in_test import VersionsInTest
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.tickets import LASTS_SECONDS
from broker.onboarding.tickets import Ticket
from broker.ports.rehearsals import RehearsalStore
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.kinds import Kind
from broker.rehearsals.making import CannotBeMade
from broker.rehearsals.making import Making
from broker.rehearsals.making import remake
from broker.saml.encrypted_assertion import Sealing
from broker.saml.names import INTERMEDIATE_KVKNR
from broker.saml.names import RESTRICTION_VESTIGING
from broker.storage.rehearsals import SqlRehearsals

log = structlog.get_logger()

_NAMES_OF_THE_STELSEL = {"Vestigingsnr": RESTRICTION_VESTIGING, "IntermediateKvKnr": INTERMEDIATE_KVKNR}


def store(hm: Makelaar) -> RehearsalStore:
    """Where tests are kept."""
    return SqlRehearsals(hm.assembled.engine)


def note_fetches(assembled: Assembled) -> None:
    """Have answers of tests fetched by the version that they are of, and noted when they are."""
    kept, clock = SqlRehearsals(assembled.engine), assembled.station.own.clock
    assembled.station.artifacts.on_taken = lambda rehearsal: kept.resolved(rehearsal, clock())
    assembled.station.artifacts.tested = VersionsInTest(assembled).for_artifacts


def marked(hm: Makelaar, journey: Journey, ticket: Ticket | None) -> Journey:
    """A login that has just begun, marked when it belongs to the test of this browser, whose ticket this is."""
    if ticket is None or not _is_for(ticket, journey) or journey.state is State.REJECTED:
        return journey
    if ticket.answered:
        store(hm).asked_again(ticket.rehearsal, hm.station.own.clock())
        return journey
    if ticket.kind == LOOK:
        # The makelaar asks that question itself, so this is not it.
        return journey
    return replace(journey, rehearsal=ticket.rehearsal, rehearsal_kind=ticket.kind)


def _is_for(ticket: Ticket, journey: Journey) -> bool:
    return (
        ticket.entity_id == journey.dienstverlener
        and ticket.version_id == journey.in_test
        and ticket.service_id in {None, journey.service_id}
    )


def end(hm: Makelaar, journey: Journey, true: bytes, sealing: Sealing | None, level: str) -> Response:
    """End a marked login that would have succeeded: with the answer of the test, or without any.

    ``true`` is the answer it would have had, with its assertion in clear; ``sealing`` how it would have been encrypted.
    """
    secret = hm.cookies.get(request, COOKIE) or ""
    ticket = tickets(hm).find(secret)
    if (
        ticket is None
        or ticket.answered
        or ticket.rehearsal != journey.rehearsal
        or not _is_for(ticket, journey)
    ):
        return without_answer(hm, journey, LOST, level)
    if tickets(hm).answer(secret, ticket) is None:
        return without_answer(hm, journey, LOST, level)
    if ticket.kind == LOOK:
        audit(hm, journey, SHOWN, level)
        store(hm).answered(ticket.rehearsal, journey.reference, hm.station.own.clock())
        return looking.show(hm, journey, true)
    kind = KINDS[ticket.kind]
    try:
        answer = remake(kind, true, journey.relay_state, _making(hm, journey, kind, sealing))
    except CannotBeMade as error:
        log.warning("rehearsal_impossible", reference=journey.reference, reason=str(error))
        return without_answer(hm, journey, IMPOSSIBLE, level)
    audit(hm, journey, SENT, level)
    store(hm).answered(ticket.rehearsal, journey.reference, hm.station.own.clock())
    if kind.twice and (again := _again(hm, ticket)) is not None:
        kept = journey.to_bytes() + b"\n" + b64encode(answer.message)
        hm.assembled.state.put(again, kept, LASTS_SECONDS)
    return _send(hm, journey, answer.message, answer.relay_state)


def send_again(hm: Makelaar, ticket: Ticket) -> Response | None:
    """Send the answer of a test once more, as it was; None when there is none, or it was sent twice already.

    To the browser that had it the first time only: it is a true answer, about whoever logged in there.
    """
    again = _again(hm, ticket)
    kept = None if again is None else hm.assembled.state.take(again)
    if kept is None:
        return None
    record, _, message = kept.partition(b"\n")
    journey = Journey.from_bytes(record)
    audit(hm, journey, SENT_AGAIN)
    return _send(hm, journey, b64decode(message), journey.relay_state)


def can_send_again(hm: Makelaar, ticket: Ticket) -> bool:
    """Whether the answer of a test waits to be sent to this browser a second time."""
    again = _again(hm, ticket)
    return again is not None and hm.assembled.state.get(again) is not None


def _again(hm: Makelaar, ticket: Ticket) -> str | None:
    """Where the answer waits that this browser may have again; None for one that never opened the page of a ticket."""
    browser = hm.cookies.get(request, BROWSER)
    if not browser:
        return None
    return f"test-again:{ticket.rehearsal}:{hashlib.sha256(browser.encode('utf-8')).hexdigest()}"


def _send(hm: Makelaar, journey: Journey, message: bytes, relay_state: str | None) -> Response:
    return send_answer(hm, journey, message, relay_state, note=journey.rehearsal or "")


def _making(hm: Makelaar, journey: Journey, kind: Kind, sealing: Sealing | None) -> Making:
    own, dienstverlener = hm.station.own, hm.dienstverlener(journey)
    connection = dienstverlener.connection
    lower = max(
        (level for level in LevelOfAssurance if level < journey.required_level), default=LevelOfAssurance.LOA1
    )
    in_clear = connection.profile in IN_CLEAR
    plain = connection.profile is Profile.SAML
    return Making(
        own=own.key,
        following=Rehearsals(hm.assembled).following() if kind.id == "next-key" else None,
        now=own.clock(),
        new_id=own.new_id,
        lower=lower,
        lower_class=next((uri for uri, level in connection.contexts.items() if level is lower), lower.urn),
        recipient=None if in_clear else dienstverlener.recipient(own.clock()),
        sealing=sealing,
        status=None if kind.refusal is None else refusal(kind.refusal).status(journey.reference, "test"),
        names=connection.attribute_names if plain else _NAMES_OF_THE_STELSEL,
    )
