"""A machtiging for one vestiging or one subdossier only: where it may be used, and what it must look like."""

from typing import Any

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.machtigingen import Reason
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.journey.authorization import Authorized
from broker.journey.authorization import limits_of
from broker.journey.table import Event
from broker.saml.errors import UnexpectedAnswer
from tests.domain.builders import a_service
from tests.journey.builders import chain_answer
from tests.journey.builders import confirmation
from tests.journey.judging import Answer
from tests.journey.judging import Judge
from tests.journey.judging import confirmed
from tests.journey.judging import every_register
from tests.journey.judging import judged

BOTH = frozenset({VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION})

every_kind = pytest.mark.parametrize(
    ("kind", "number", "restriction", "reason"),
    [
        ("vestiging", "000090000011", VESTIGING_RESTRICTION, Reason.VESTIGING_NOT_ACCEPTED),
        ("subdossier", "0001", SUBDOSSIER_RESTRICTION, Reason.SUBDOSSIER_NOT_ACCEPTED),
    ],
    ids=["vestiging", "subdossier"],
)


@pytest.mark.rule("6.4.15")
@every_kind
@every_register
def test_where_the_service_knows_no_such_restriction_it_is_refused(
    judge: Judge, answer: Answer, success: Event, kind: str, number: str, restriction: str, reason: Reason
) -> None:
    service = a_service(restrictions_allowed=BOTH - {restriction})

    outcome = judge(answer(**{kind: number}), service=service)

    assert outcome == Authorized(Event.NOT_AUTHORISED, reason)


@every_kind
@every_register
def test_where_the_service_allows_it_it_is_passed_on(
    judge: Judge, answer: Answer, success: Event, kind: str, number: str, restriction: str, reason: Reason
) -> None:
    service = a_service(restrictions_allowed=frozenset({restriction}))

    outcome = judge(answer(**{kind: number}), service=service)

    assert outcome.event is success
    assert getattr(outcome.assertion, kind) == number


@pytest.mark.rule("15.11")
@every_kind
@every_register
def test_where_no_kvk_number_can_stand_beside_it_it_is_refused(
    judge: Judge, answer: Answer, success: Event, kind: str, number: str, restriction: str, reason: Reason
) -> None:
    service = a_service(restrictions_allowed=BOTH, identifier_sets=((IdentifierType.RSIN,),))

    outcome = judge(answer(**{kind: number}), service=service)

    assert outcome == Authorized(Event.NOT_AUTHORISED, reason)


@pytest.mark.rule("3.4.13", "15.10", "15.12")
@every_register
@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *(("vestiging", number) for number in ("90000011", "00009000001x", "0000900000111", " ")),
        *(("subdossier", number) for number in ("1", "000x", "00001", " ")),
    ],
)
def test_what_is_no_such_number_is_not_believed(
    judge: Judge, answer: Answer, success: Event, kind: str, number: str
) -> None:
    with pytest.raises(UnexpectedAnswer):
        judge(answer(**{kind: number}), service=a_service(restrictions_allowed=BOTH))


@every_kind
def test_a_limit_that_the_first_register_of_a_chain_set_is_not_lost(
    kind: str, number: str, restriction: str, reason: Reason
) -> None:
    service = a_service(restrictions_allowed=frozenset({restriction}))
    limited: dict[str, Any] = {kind: number}
    first = judged(chain_answer(**limited), service=service).assertion
    assert first is not None
    limits = limits_of(first)

    with pytest.raises(UnexpectedAnswer, match="the second does not confirm"):
        confirmed(confirmation(), service=service, limits=limits)

    same = confirmed(confirmation(**limited), service=service, limits=limits)
    assert same.event is Event.CONFIRMED
    assert same.assertion is not None
    assert getattr(same.assertion, kind) == number
