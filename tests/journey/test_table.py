"""Every state with every event, and what the table as a whole must and must never allow."""

from itertools import product

import pytest

from broker.journey.table import FINAL
from broker.journey.table import INITIAL
from broker.journey.table import MEANING
from broker.journey.table import TRANSITIONS
from broker.journey.table import Event
from broker.journey.table import ImpossibleEvent
from broker.journey.table import State
from broker.journey.table import step
from tests.journey.builders import a_journey

IMPOSSIBLE = [pair for pair in product(State, Event) if pair not in TRANSITIONS]
SUCCEEDS = {Event.AUTHORISED, Event.CONFIRMED, Event.DECLARED_BY_EB}


def reachable(start: State, without: frozenset[Event] = frozenset()) -> set[State]:
    """Where a login that stands in ``start`` can get, when some events never happen."""
    found, new = {start}, {start}
    while new:
        new = {
            transition.to
            for (state, event), transition in TRANSITIONS.items()
            if state in new and event not in without
        } - found
        found |= new
    return found


@pytest.mark.parametrize(("state", "event"), sorted(TRANSITIONS))
def test_an_event_in_the_table_leads_where_the_table_says(state: State, event: Event) -> None:
    journey = a_journey(state=state)

    after = journey.after(event, code="storing")

    assert after.state is step(state, event) is TRANSITIONS[state, event].to
    assert after.code == "storing"
    assert journey == a_journey(state=state)


@pytest.mark.parametrize(("state", "event"), IMPOSSIBLE)
def test_any_other_event_is_impossible_and_changes_nothing(state: State, event: Event) -> None:
    journey = a_journey(state=state)

    with pytest.raises(ImpossibleEvent, match=f"{event} in state {state}"):
        journey.after(event, code="storing")

    assert journey == a_journey(state=state)


def test_every_pair_of_state_and_event_was_looked_at() -> None:
    assert len(IMPOSSIBLE) + len(TRANSITIONS) == len(State) * len(Event)


def test_every_event_can_happen_somewhere() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_every_state_can_be_reached() -> None:
    assert set.union(*(reachable(state) for state in INITIAL)) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_login_can_come_to_an_end(state: State) -> None:
    assert reachable(state) & FINAL


def test_a_login_that_has_ended_cannot_go_on() -> None:
    assert not {state for state, _ in TRANSITIONS} & FINAL


def test_every_state_says_what_it_means() -> None:
    assert set(MEANING) == set(State)


def test_only_a_register_or_the_eidas_berichtenservice_can_make_a_login_succeed() -> None:
    succeeding = {
        (state, event)
        for (state, event), transition in TRANSITIONS.items()
        if "with assertion" in transition.sends
    }

    assert succeeding == {
        (State.AT_MR, Event.AUTHORISED),
        (State.CONFIRMING, Event.CONFIRMED),
        (State.AT_EB, Event.DECLARED_BY_EB),
    }


@pytest.mark.rule("1.2.06")
def test_no_login_reaches_a_register_without_having_been_authenticated() -> None:
    for start in INITIAL:
        assert not reachable(start, frozenset({Event.AUTHENTICATED})) & {State.AT_MR, State.CONFIRMING}


def test_a_login_at_eidas_never_comes_to_the_list_or_to_a_register() -> None:
    assert reachable(State.FORWARDING) == {
        State.FORWARDING,
        State.AT_EB,
        State.EIDAS_REFUSED,
        State.ANSWERED,
    }


def test_no_other_login_comes_to_the_eidas_berichtenservice() -> None:
    assert not reachable(State.CHOOSING) & {State.FORWARDING, State.AT_EB, State.EIDAS_REFUSED}


@pytest.mark.rule("1.3.09", "1.3.14")
def test_a_chain_is_never_answered_before_the_second_register_confirmed() -> None:
    assert [event for state, event in TRANSITIONS if state is State.CONFIRMING and event in SUCCEEDS] == [
        Event.CONFIRMED
    ]
    assert {event for (_, event), to in TRANSITIONS.items() if to.to is State.CONFIRMING} == {
        Event.CHAIN_FOUND
    }


def test_a_request_that_was_rejected_can_only_be_sent_back() -> None:
    assert reachable(State.REJECTED) == {State.REJECTED, State.ANSWERED}


def test_every_end_tells_the_dienstverlener() -> None:
    assert all(to.sends.endswith("to the DV") for to in TRANSITIONS.values() if to.to in FINAL)
