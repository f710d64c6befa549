"""All states of a login, all events, and every transition between them. There are no others.

The diagram in ``docs/journey.md`` is drawn from this table, and every pair of state and event is tested.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a login stands."""

    CHOOSING = "choosing"
    AT_AD = "at-ad"
    AT_MR = "at-mr"
    CONFIRMING = "confirming"
    FORWARDING = "forwarding"
    AT_EB = "at-eb"
    EIDAS_REFUSED = "eidas-refused"
    REFUSED = "refused"
    REJECTED = "rejected"
    ANSWERED = "answered"


class Event(StrEnum):
    """What can happen to a login."""

    CHOSE_AD = "chose-ad"
    CANCELLED = "cancelled"
    AUTHENTICATED = "authenticated"
    CANCELLED_AT_AD = "cancelled-at-ad"
    AD_FAILED = "ad-failed"
    LEVEL_TOO_LOW = "level-too-low"
    ATTRIBUTE_WITHHELD = "attribute-withheld"
    AUTHORISED = "authorised"
    CHAIN_FOUND = "chain-found"
    CANCELLED_AT_MR = "cancelled-at-mr"
    NOT_AUTHORISED = "not-authorised"
    MR_FAILED = "mr-failed"
    CONFIRMED = "confirmed"
    ASKED_EB = "asked-eb"
    DECLARED_BY_EB = "declared-by-eb"
    CANCELLED_AT_EB = "cancelled-at-eb"
    EB_REFUSED = "eb-refused"
    EB_FAILED = "eb-failed"
    CHOOSES_OTHER = "chooses-other"
    RETURNS = "returns"


MEANING: Final[Mapping[State, str]] = {
    State.CHOOSING: "the person chooses an authenticatiedienst",
    State.AT_AD: "the authenticatiedienst has been asked",
    State.AT_MR: "the machtigingenregister has been asked",
    State.CONFIRMING: "the second register of a chain is being asked",
    State.FORWARDING: "the service is for eIDAS: on to the eIDAS-berichtenservice, without a screen",
    State.AT_EB: "the eIDAS-berichtenservice has been asked",
    State.EIDAS_REFUSED: "a page explains the refusal; there is no list to choose another way from",
    State.REFUSED: "a page explains the refusal; another way to log in may be tried",
    State.REJECTED: "a page explains why this request cannot be served",
    State.ANSWERED: "the dienstverlener has its answer; nothing more can happen",
}

FINAL: Final = frozenset({State.ANSWERED})
INITIAL: Final = frozenset({State.CHOOSING, State.FORWARDING, State.REJECTED})


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event leads to, and what is sent on the way, in words for the diagram."""

    to: State
    sends: str = ""


_S = State
_E = Event
_ASK_AD = Transition(_S.AT_AD, "AuthnRequest to the AD")
_ASK_EB = Transition(_S.AT_EB, "AuthnRequest to the EB")
_CANCEL = Transition(_S.ANSWERED, "Response AuthnFailed to the DV")
_SUCCESS = Transition(_S.ANSWERED, "Response with assertion to the DV")

TRANSITIONS: Final[Mapping[tuple[State, Event], Transition]] = {
    (_S.CHOOSING, _E.CHOSE_AD): _ASK_AD,
    (_S.CHOOSING, _E.CANCELLED): _CANCEL,
    # The back button leads from AD or register to our list again: a new choice replaces the pending question.
    (_S.AT_AD, _E.CHOSE_AD): _ASK_AD,
    (_S.AT_AD, _E.CANCELLED): _CANCEL,
    (_S.AT_AD, _E.AUTHENTICATED): Transition(_S.AT_MR, "XACMLAuthzDecisionQuery to the MR"),
    (_S.AT_AD, _E.CANCELLED_AT_AD): Transition(_S.CHOOSING),
    (_S.AT_AD, _E.LEVEL_TOO_LOW): Transition(_S.REFUSED),
    (_S.AT_AD, _E.ATTRIBUTE_WITHHELD): Transition(_S.REFUSED),
    (_S.AT_AD, _E.AD_FAILED): Transition(_S.REFUSED),
    (_S.AT_MR, _E.CHOSE_AD): _ASK_AD,
    (_S.AT_MR, _E.CANCELLED): _CANCEL,
    (_S.AT_MR, _E.AUTHORISED): _SUCCESS,
    (_S.AT_MR, _E.CHAIN_FOUND): Transition(_S.CONFIRMING, "XACMLAuthzDecisionQuery to the second MR"),
    (_S.AT_MR, _E.CANCELLED_AT_MR): Transition(_S.CHOOSING),
    (_S.AT_MR, _E.NOT_AUTHORISED): Transition(_S.REFUSED),
    (_S.AT_MR, _E.LEVEL_TOO_LOW): Transition(_S.REFUSED),
    (_S.AT_MR, _E.MR_FAILED): Transition(_S.REFUSED),
    (_S.CONFIRMING, _E.CONFIRMED): _SUCCESS,
    (_S.CONFIRMING, _E.NOT_AUTHORISED): Transition(_S.REFUSED),
    (_S.CONFIRMING, _E.LEVEL_TOO_LOW): Transition(_S.REFUSED),
    (_S.CONFIRMING, _E.MR_FAILED): Transition(_S.REFUSED),
    (_S.FORWARDING, _E.ASKED_EB): _ASK_EB,
    (_S.FORWARDING, _E.CANCELLED): _CANCEL,
    (_S.FORWARDING, _E.EB_FAILED): Transition(_S.EIDAS_REFUSED),
    # The person came back by themselves, without an answer: a new question replaces the pending one.
    (_S.AT_EB, _E.ASKED_EB): _ASK_EB,
    (_S.AT_EB, _E.CANCELLED): _CANCEL,
    (_S.AT_EB, _E.DECLARED_BY_EB): _SUCCESS,
    (_S.AT_EB, _E.CANCELLED_AT_EB): _CANCEL,
    (_S.AT_EB, _E.LEVEL_TOO_LOW): Transition(_S.EIDAS_REFUSED),
    (_S.AT_EB, _E.EB_REFUSED): Transition(_S.EIDAS_REFUSED),
    (_S.AT_EB, _E.EB_FAILED): Transition(_S.EIDAS_REFUSED),
    (_S.EIDAS_REFUSED, _E.ASKED_EB): _ASK_EB,
    (_S.EIDAS_REFUSED, _E.EB_FAILED): Transition(_S.EIDAS_REFUSED),
    (_S.EIDAS_REFUSED, _E.RETURNS): Transition(_S.ANSWERED, "Response with the refusal to the DV"),
    (_S.REFUSED, _E.CHOOSES_OTHER): Transition(_S.CHOOSING),
    (_S.REFUSED, _E.RETURNS): Transition(_S.ANSWERED, "Response with the refusal to the DV"),
    (_S.REJECTED, _E.RETURNS): Transition(_S.ANSWERED, "Response with the refusal to the DV"),
}


class ImpossibleEvent(Exception):
    """This event cannot happen in this state: a stale page, a spent login, or a message out of turn."""


def step(state: State, event: Event) -> State:
    """The state after ``event``. Raises ``ImpossibleEvent``."""
    transition = TRANSITIONS.get((state, event))
    if transition is None:
        raise ImpossibleEvent(f"{event} in state {state}")
    return transition.to
