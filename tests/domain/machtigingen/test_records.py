"""What can be recorded, and which services a scope covers."""

from datetime import timedelta
from datetime import timezone
from typing import Any

import pytest

from broker.domain.machtigingen import Scope
from tests.domain.builders import ACCOUNTANT
from tests.domain.builders import GEMEENTE
from tests.domain.builders import HIGH_STREET
from tests.domain.builders import NOW
from tests.domain.builders import PERMITS
from tests.domain.builders import SECOND
from tests.domain.builders import TAXES
from tests.domain.builders import WATERSCHAP
from tests.domain.builders import a_ketenmachtiging
from tests.domain.builders import a_machtiging
from tests.domain.builders import a_service


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), True),
        (Scope(service_uuid=PERMITS), True),
        (Scope(service_uuid=TAXES), False),
        (Scope(dienstverlener=GEMEENTE), True),
        (Scope(dienstverlener=WATERSCHAP), False),
        (Scope(service_uuid=PERMITS, dienstverlener=GEMEENTE), True),
        (Scope(service_uuid=PERMITS, dienstverlener=WATERSCHAP), False),
        (Scope(service_uuid=TAXES, dienstverlener=GEMEENTE), False),
    ],
)
def test_a_scope_covers_a_service_when_each_of_its_fields_fits(scope: Scope, covered: bool) -> None:
    assert scope.covers(a_service()) is covered


@pytest.mark.rule("7.1.09")
def test_a_definition_that_dienstverleners_share_shares_its_machtigingen() -> None:
    assert Scope(service_uuid=PERMITS).covers(a_service(dienstverlener=WATERSCHAP))


@pytest.mark.rule("6.3.19", "7.1.10")
def test_an_instance_uuid_is_not_what_machtigingen_are_registered_on() -> None:
    service = a_service()
    assert not Scope(service_uuid=service.instance_uuid).covers(service)


@pytest.mark.parametrize("build", [a_machtiging, a_ketenmachtiging])
@pytest.mark.parametrize("field", ["valid_from", "valid_until", "revoked_at"])
def test_a_time_without_a_zone_is_refused(build: Any, field: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        build(**{field: NOW.replace(tzinfo=None)})


@pytest.mark.parametrize("build", [a_machtiging, a_ketenmachtiging])
@pytest.mark.parametrize("length", [timedelta(0), -SECOND])
def test_an_empty_period_is_refused(build: Any, length: timedelta) -> None:
    with pytest.raises(ValueError, match="ends before"):
        build(valid_from=NOW, valid_until=NOW + length)


@pytest.mark.parametrize("build", [a_machtiging, a_ketenmachtiging])
def test_the_shortest_period_and_another_zone_are_fine(build: Any) -> None:
    amsterdam = timezone(timedelta(hours=1))
    record = build(valid_from=NOW.astimezone(amsterdam), valid_until=NOW + timedelta(microseconds=1))
    assert record.valid_from == NOW


def test_a_company_is_not_its_own_intermediary() -> None:
    with pytest.raises(ValueError, match="same company"):
        a_ketenmachtiging(client=ACCOUNTANT, intermediary=ACCOUNTANT)


def test_a_record_does_not_show_whose_it_is() -> None:
    machtiging = a_machtiging(vestiging=HIGH_STREET)
    shown = repr(machtiging)
    for hidden in (machtiging.subject, machtiging.company, HIGH_STREET):
        assert hidden.reveal() not in shown
