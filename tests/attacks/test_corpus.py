"""The corpus itself: every case fits its schema, no two are the same, and all that cases can say is said by one."""

import json
from collections import Counter

from broker.attacks.case import FOLDER
from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import Reaction
from broker.attacks.case import corpus
from broker.attacks.steps import known


def test_the_schema_beside_the_cases_is_that_of_the_code() -> None:
    written = json.loads((FOLDER / "schema.json").read_bytes())
    assert written == Case.model_json_schema(), "write it again: python -m tools.attacks schema"


def test_every_case_says_which_outcome_is_audited_where_one_must_be() -> None:
    silent = {Reaction.ACCEPTED, Reaction.NOTHING, Reaction.FAULT, Reaction.QUARANTINED, Reaction.PAGE}
    lacking = [case.id for case in corpus() if case.reaction not in silent and not case.audit]
    assert not lacking


def test_every_error_response_says_with_which_status() -> None:
    assert not [case.id for case in corpus() if case.reaction is Reaction.RESPONSE and not case.status]


def test_every_step_of_a_case_is_known() -> None:
    used = {step.do for case in corpus() for step in case.steps} - {"when-fetched"}
    assert used <= known().keys()


def test_every_step_is_taken_by_a_case() -> None:
    taken = {step.do for case in corpus() for step in (*case.steps, *case.login.request)}
    assert not known().keys() - taken


def test_there_is_a_case_at_every_hop_and_for_every_reaction() -> None:
    assert {case.hop for case in corpus()} == set(Hop)
    # "Try again later" takes a store that is down: tests/storage/test_state_faults.py, tests/journeys/test_audit.py.
    assert {case.reaction for case in corpus()} == set(Reaction) - {Reaction.CLOSED}


def test_no_two_cases_fire_the_same() -> None:
    fired = Counter(case.model_dump_json(include={"hop", "steps", "login", "needs"}) for case in corpus())
    assert not [steps for steps, count in fired.items() if count > 1]
