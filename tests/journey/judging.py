"""Judging an answer of a register with everything that is not under test in order."""

from collections.abc import Callable
from typing import Any

import pytest

from broker.journey.authorization import Authorized
from broker.journey.authorization import judge_authorization
from broker.journey.authorization import judge_confirmation
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.saml.response import OpenedResponse
from tests.domain.builders import a_service
from tests.journey.builders import ACS_FOR_MR
from tests.journey.builders import LINK
from tests.journey.builders import SECOND_LINK
from tests.journey.builders import a_journey
from tests.journey.builders import chain_answer
from tests.journey.builders import confirmation
from tests.journey.builders import mr_answer
from tests.saml.builders import HM
from tests.saml.builders import NOW

SERVICE = a_service()
Judge = Callable[..., Authorized]
Answer = Callable[..., OpenedResponse]


def judged(answer: OpenedResponse, journey: Journey | None = None, **changes: Any) -> Authorized:
    values: dict[str, Any] = {"link": LINK, "makelaar": HM, "service": SERVICE, "acs": ACS_FOR_MR, "now": NOW}
    return judge_authorization(journey or a_journey(), answer, **(values | changes))


def confirmed(answer: OpenedResponse, journey: Journey | None = None, **changes: Any) -> Authorized:
    values: dict[str, Any] = {
        "link": SECOND_LINK,
        "makelaar": HM,
        "service": SERVICE,
        "query_id": "_hm2mr2",
        "now": NOW,
    }
    return judge_confirmation(journey or a_journey(), answer, **(values | changes))


THREE = [
    pytest.param(judged, mr_answer, Event.AUTHORISED, id="only register"),
    pytest.param(judged, chain_answer, Event.CHAIN_FOUND, id="first of a chain"),
    pytest.param(confirmed, confirmation, Event.CONFIRMED, id="second of a chain"),
]
every_register = pytest.mark.parametrize(("judge", "answer", "success"), THREE)
