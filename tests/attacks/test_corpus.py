"""The corpus itself: every case fits its schema, every threat has one, and every step is of use."""

import json

from broker.attacks.case import FOLDER
from broker.attacks.case import Case
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
