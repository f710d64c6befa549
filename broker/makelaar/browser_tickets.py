"""The test ticket of a browser: whether it has one, and whose requests are read by another version for it."""

from functools import partial

from flask import request

from broker.exchange.partners import Instead
from broker.journey.record import Journey
from broker.makelaar.context import Makelaar
from broker.onboarding.tickets import Ticket
from broker.onboarding.tickets import Tickets

COOKIE = "hm-test"
"""The cookie with the value of the ticket of this browser."""

BROWSER = "hm-test-browser"
"""The cookie by which one browser with a ticket differs from another: whoever made the ticket knows its value."""


def tickets(hm: Makelaar) -> Tickets:
    """The tickets that are out."""
    return Tickets(hm.assembled.state)


def ticket_here(hm: Makelaar) -> Ticket | None:
    """The ticket of this browser. Without the cookie, that is in every ordinary login, nothing is looked up."""
    secret = hm.cookies.get(request, COOKIE)
    return None if secret is None else tickets(hm).find(secret)


def instead(hm: Makelaar, ticket: Ticket | None) -> Instead | None:
    """Who counts by a version in test in this browser; None when nobody does.

    What it finds raises ``NotInTest``, and only when that dienstverlener is asked for: others go on as always.
    """
    if ticket is None or ticket.version_id is None:
        return None
    find = partial(hm.versions_in_test.to_begin, ticket.version_id, ticket.entity_id)
    return Instead(ticket.entity_id, find)


def version_for(ticket: Ticket | None, entity_id: str) -> str | None:
    """The id of the version by which what this dienstverlener asks in this browser was read; None: what is in force."""
    return ticket.version_id if ticket is not None and ticket.entity_id == entity_id else None


def still_goes(hm: Makelaar, journey: Journey) -> bool:
    """Whether nothing stands in the way of an answer: of a test login its browser still has a ticket of its version.

    That the version may still be tried is seen to wherever its dienstverlener is looked up.
    """
    if journey.in_test is None:
        return True
    return version_for(ticket_here(hm), journey.dienstverlener) == journey.in_test
