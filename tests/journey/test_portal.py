"""A login at a portal: which answers of registers are believed, and which services are left."""

from dataclasses import replace
from typing import Any

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Reason
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import Service
from broker.journey.authorization import Authorized
from broker.journey.authorization import named_by_both
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.journey.table import State
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import SERVICE_ID
from broker.saml.response import OpenedResponse
from tests.domain.builders import a_service
from tests.journey.builders import chain_answer
from tests.journey.builders import confirmation
from tests.journey.builders import mr_answer
from tests.journey.judging import Answer
from tests.journey.judging import Judge
from tests.journey.judging import confirmed
from tests.journey.judging import every_register
from tests.journey.judging import judged
from tests.journey.test_begin import a_dienstverlener
from tests.journey.test_begin import begun


def behind(number: int, **changes: Any) -> Service:
    return a_service(service_id=f"urn:etoegang:DV:00000099000000004000:services:{number}", **changes)


PORTAL = behind(0, is_portal=True)
ONE, TWO = behind(1), behind(2)
VESTIGING = "000090000011"
NAMED: dict[str, Any] = {"service_id": ONE.service_id, "other_services": (TWO.service_id,)}
ONLY_ONE: dict[str, Any] = {"service_id": ONE.service_id, "other_services": ()}


def at_portal(judge: Judge, answer: Any, *services: Service, **changes: Any) -> Authorized:
    offered = {"offered": (ONE.service_id, TWO.service_id)} if judge is confirmed else {}
    return judge(answer, service=PORTAL, behind=services or (ONE, TWO), **(offered | changes))


@pytest.mark.rule("1.4.04", "3.4.02")
@every_register
def test_an_answer_may_name_several_services(judge: Judge, answer: Answer, success: Event) -> None:
    outcome = at_portal(judge, answer(**NAMED))

    assert outcome.event is success
    assert outcome.assertion is not None
    assert outcome.assertion.service_ids == (ONE.service_id, TWO.service_id)


@every_register
@pytest.mark.parametrize(
    "named",
    [
        {"service_id": ONE.service_id, "other_services": (behind(3).service_id,)},
        {"service_id": PORTAL.service_id, "other_services": ()},
        {"service_id": ONE.service_id, "other_services": (ONE.service_id,)},
    ],
    ids=["of somebody else", "the portal itself", "twice"],
)
def test_an_answer_that_names_another_service_is_not_believed(
    judge: Judge, answer: Answer, success: Event, named: dict[str, Any]
) -> None:
    with pytest.raises(UnexpectedAnswer):
        at_portal(judge, answer(**named))


@every_register
def test_a_service_for_which_the_login_is_too_weak_is_another_one(
    judge: Judge, answer: Answer, success: Event
) -> None:
    with pytest.raises(UnexpectedAnswer):
        at_portal(judge, answer(**NAMED), ONE)


@every_register
def test_a_service_that_is_no_portal_has_one_service_id(judge: Judge, answer: Answer, success: Event) -> None:
    with pytest.raises(UnexpectedAnswer):
        judge(answer(**NAMED), service=ONE)


@pytest.mark.parametrize("named", [ONLY_ONE, {"service_id": PORTAL.service_id}])
def test_a_register_that_says_no_may_name_the_portal(named: dict[str, Any]) -> None:
    outcome = at_portal(judged, mr_answer(decision="Deny", **named))

    assert outcome == Authorized(Event.NOT_AUTHORISED, Reason.NO_MACHTIGING)


@every_register
def test_a_vestiging_must_be_accepted_by_every_service_that_is_named(
    judge: Judge, answer: Answer, success: Event
) -> None:
    accepting = replace(ONE, restrictions_allowed=frozenset({VESTIGING_RESTRICTION}))

    assert at_portal(judge, answer(vestiging=VESTIGING, **ONLY_ONE), accepting, TWO).event is success
    refused = at_portal(judge, answer(vestiging=VESTIGING, **NAMED), accepting, TWO)
    assert refused == Authorized(Event.NOT_AUTHORISED, Reason.VESTIGING_NOT_ACCEPTED)


def test_a_chain_must_be_accepted_by_every_service_that_is_named() -> None:
    refusing = replace(TWO, classifiers=frozenset({NO_CHAIN_CLASSIFIER}))

    assert at_portal(judged, chain_answer(**ONLY_ONE), ONE, refusing).event is Event.CHAIN_FOUND
    refused = at_portal(judged, chain_answer(**NAMED), ONE, refusing)
    assert refused == Authorized(Event.NOT_AUTHORISED, Reason.CHAIN_NOT_ACCEPTED)


def test_in_a_chain_only_what_both_registers_name_is_left() -> None:
    first = at_portal(judged, chain_answer(**NAMED)).assertion
    second = at_portal(confirmed, confirmation(**ONLY_ONE)).assertion

    assert first is not None
    assert second is not None
    assert named_by_both(first, second) == (ONE.service_id,)
    assert named_by_both(first, None) == (ONE.service_id, TWO.service_id)


def test_when_that_is_nothing_the_chain_is_for_another_service() -> None:
    outcome = at_portal(confirmed, confirmation(**ONLY_ONE), offered=(TWO.service_id,))

    assert outcome == Authorized(Event.NOT_AUTHORISED, Reason.CHAIN_OTHER_SERVICE)


def test_a_restriction_counts_only_for_the_services_that_are_left() -> None:
    accepting = replace(ONE, restrictions_allowed=frozenset({VESTIGING_RESTRICTION}))
    answer = confirmation(vestiging=VESTIGING, **NAMED)

    outcome = at_portal(confirmed, answer, accepting, TWO, offered=(ONE.service_id,))

    assert outcome.event is Event.CONFIRMED


def rejected_for(portal: Service, *others: Service) -> Journey:
    return begun(partner=a_dienstverlener(portal, *others), level=LevelOfAssurance.LOA2)


def test_a_portal_begins_a_login_when_it_stands_for_something() -> None:
    assert rejected_for(PORTAL, ONE).state is State.CHOOSING
    assert rejected_for(PORTAL).code == "dienst-onbekend"


def without_service(answer: OpenedResponse) -> OpenedResponse:
    """The same answer, that names no service."""
    assert answer.assertion is not None
    for attribute in list(answer.assertion.element.iter("{*}Attribute")):
        if attribute.get("AttributeId") == SERVICE_ID:
            parent = attribute.getparent()
            assert parent is not None
            parent.remove(attribute)
    return answer


@pytest.mark.parametrize(
    "answer",
    [confirmation(decision="Deny", **ONLY_ONE), without_service(confirmation())],
    ids=["no", "yes to nothing"],
)
def test_a_second_register_that_grants_nothing_does_not_grant_another_service(answer: OpenedResponse) -> None:
    outcome = at_portal(confirmed, answer, offered=(TWO.service_id,))

    assert outcome == Authorized(Event.NOT_AUTHORISED, Reason.CHAIN_NO_MACHTIGING)
