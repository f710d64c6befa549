"""Which dienstbemiddelaars may take people to a service of a dienstaanbieder."""

from typing import Any

import pytest

from broker.domain.intermediation import find_intermediated
from broker.domain.intermediation import may_intermediate
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import Intermediation
from broker.domain.services import Service
from tests.domain.builders import GEMEENTE
from tests.domain.builders import WATERSCHAP
from tests.domain.builders import a_service

INTERMEDIARY = a_service(
    dienstverlener=WATERSCHAP, service_uuid="", instance_uuid="db-1", intermediated_service="da-1"
)
OWN = a_service(dienstverlener=WATERSCHAP, instance_uuid="db-2")


def allowed(*offered: Service, **provided: Any) -> bool:
    service = a_service(instance_uuid="da-1", dienstverlener=GEMEENTE, **provided)
    return may_intermediate(service, INTERMEDIARY, offered or (INTERMEDIARY,))


@pytest.mark.rule("1.9.02")
def test_nobody_may_where_the_catalogue_is_silent_or_says_so() -> None:
    assert not allowed()
    assert not allowed(OWN, intermediation=Intermediation.NONE)


@pytest.mark.rule("1.9.03")
def test_everybody_may_where_it_is_available_in_general() -> None:
    assert allowed(intermediation=Intermediation.GENERAL)


@pytest.mark.rule("1.9.04")
def test_only_who_offers_a_service_of_its_own_may_where_it_is_for_service_providers() -> None:
    assert allowed(INTERMEDIARY, OWN, intermediation=Intermediation.PROVIDERS)
    assert not allowed(INTERMEDIARY, intermediation=Intermediation.PROVIDERS)
    assert not allowed(INTERMEDIARY, a_service(), intermediation=Intermediation.PROVIDERS)


@pytest.mark.rule("1.9.05")
def test_only_who_is_listed_may_where_approval_is_required() -> None:
    required = Intermediation.APPROVAL
    assert allowed(intermediation=required, intermediaries=frozenset({WATERSCHAP}))
    assert not allowed(intermediation=required, intermediaries=frozenset({GEMEENTE}))
    assert not allowed(OWN, intermediation=required)


def test_a_list_means_nothing_where_it_is_not_asked_for() -> None:
    assert not allowed(intermediation=Intermediation.NONE, intermediaries=frozenset({WATERSCHAP}))


@pytest.mark.parametrize(
    "changes",
    [
        {"is_portal": True},
        {"classifiers": frozenset({EIDAS_INBOUND_CLASSIFIER})},
        {"intermediated_service": "elsewhere"},
    ],
    ids=["a portal", "eIDAS", "intermediated itself"],
)
def test_some_services_are_never_intermediated(changes: dict[str, Any]) -> None:
    assert not allowed(intermediation=Intermediation.GENERAL, **changes)


@pytest.mark.rule("1.9.01")
def test_the_service_is_found_by_the_uuid_of_its_instance_when_that_is_of_one_only() -> None:
    one, other = a_service(instance_uuid="AB-1"), a_service(instance_uuid="ab-2")
    assert find_intermediated("ab-1", (one, other)) is one
    assert find_intermediated(one.service_uuid, (one, other)) is None
    assert find_intermediated("ab-2", (one, other, other)) is None
