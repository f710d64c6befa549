"""Which services a portal stands for, and which an answer about it may name."""

from typing import Any

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.domain.portals import services_behind
from broker.domain.portals import services_in_answer
from broker.domain.portals import within_reach
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import Service
from tests.domain.builders import GEMEENTE
from tests.domain.builders import WATERSCHAP
from tests.domain.builders import a_service


def service(number: int, **changes: Any) -> Service:
    oin = changes.get("dienstverlener", GEMEENTE)
    return a_service(
        **{
            "service_id": f"urn:etoegang:DV:{oin}:services:{number}",
            "instance_uuid": f"instance-{number}",
            **changes,
        }
    )


PORTAL = service(0, is_portal=True)
ONE, TWO = service(1), service(2)
NEVER = (
    service(3, is_portal=True),
    service(4, classifiers=frozenset({EIDAS_INBOUND_CLASSIFIER})),
    service(5, intermediated_service="elsewhere"),
    service(1, dienstverlener=WATERSCHAP),
)
ALL = (PORTAL, ONE, *NEVER, TWO)


@pytest.mark.rule("1.4.01")
def test_a_portal_that_lists_nothing_stands_for_all_other_services_of_its_dienstverlener() -> None:
    assert services_behind(PORTAL, ALL) == (ONE, TWO)


@pytest.mark.rule("1.4.02")
@pytest.mark.parametrize("listed", [TWO.instance_uuid, TWO.service_id], ids=["by UUID", "by ServiceID"])
def test_a_portal_that_lists_services_stands_for_those(listed: str) -> None:
    assert services_behind(service(0, is_portal=True, portal_for=(listed, "unknown")), ALL) == (TWO,)


def test_listing_them_brings_in_no_other_portal_eidas_service_or_service_of_somebody_else() -> None:
    listed = tuple(each.instance_uuid for each in NEVER) + tuple(each.service_id for each in NEVER)
    greedy = service(0, is_portal=True, portal_for=tuple(set(listed) - {ONE.instance_uuid}))
    assert services_behind(greedy, ALL) == ()


def test_another_service_stands_for_itself_only() -> None:
    assert services_behind(ONE, ALL) == ()


def test_a_login_reaches_the_services_up_to_its_own_level() -> None:
    levels = {level: service(10, level=level) for level in LevelOfAssurance}
    reached = within_reach(levels.values(), LevelOfAssurance.LOA2PLUS)
    assert [each.level.short for each in reached] == ["loa1", "loa2", "loa2plus"]


@pytest.mark.rule("1.4.04")
def test_an_answer_about_a_portal_names_services_behind_it_and_nothing_else() -> None:
    behind = (ONE, TWO)
    assert services_in_answer(PORTAL, behind, (TWO.service_id, ONE.service_id)) == (TWO, ONE)
    assert services_in_answer(PORTAL, behind, ()) == ()
    for wrong in (PORTAL, NEVER[0]):
        assert services_in_answer(PORTAL, behind, (ONE.service_id, wrong.service_id)) is None
    assert services_in_answer(PORTAL, behind, (ONE.service_id, ONE.service_id)) is None


def test_an_answer_about_another_service_names_that_service_once() -> None:
    assert services_in_answer(ONE, (), (ONE.service_id,)) == (ONE,)
    for wrong in ((), (TWO.service_id,), (ONE.service_id, TWO.service_id), (ONE.service_id, ONE.service_id)):
        assert services_in_answer(ONE, (), wrong) is None
