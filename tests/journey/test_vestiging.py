"""A machtiging for one vestiging only: where it may be used, and what it must look like."""

import pytest

from broker.domain.machtigingen import Reason
from broker.domain.services import Service
from broker.journey.authorization import Authorized
from broker.journey.table import Event
from broker.saml.errors import UnexpectedAnswer
from tests.domain.builders import a_service
from tests.journey.judging import Answer
from tests.journey.judging import Judge
from tests.journey.judging import every_register

VESTIGING = "000090000011"


@pytest.mark.rule("6.4.15")
@every_register
def test_a_vestiging_where_the_service_knows_none_is_refused(
    judge: Judge, answer: Answer, success: Event
) -> None:
    outcome = judge(answer(vestiging=VESTIGING))

    assert outcome == Authorized(Event.NOT_AUTHORISED, Reason.VESTIGING_NOT_ACCEPTED)


@every_register
def test_a_vestiging_where_the_service_allows_it_is_passed_on(
    judge: Judge, answer: Answer, success: Event
) -> None:
    service: Service = a_service(accepts_vestiging=True)

    outcome = judge(answer(vestiging=VESTIGING), service=service)

    assert outcome.event is success
    assert outcome.assertion is not None
    assert outcome.assertion.vestiging == VESTIGING


@pytest.mark.rule("3.4.13", "15.10")
@every_register
@pytest.mark.parametrize("number", ["90000011", "00009000001x", "0000900000111", " "])
def test_a_vestiging_that_is_no_vestigingsnummer_is_not_believed(
    judge: Judge, answer: Answer, success: Event, number: str
) -> None:
    with pytest.raises(UnexpectedAnswer):
        judge(answer(vestiging=number), service=a_service(accepts_vestiging=True))
