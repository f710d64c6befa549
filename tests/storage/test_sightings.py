"""The contract of ``SightingLog``, on SQLite and PostgreSQL."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy import update

from broker.ports import Role
from broker.ports.sightings import Seen
from broker.ports.sightings import Sighting
from broker.ports.sightings import SightingLog
from broker.storage.registry import SqlRegistry
from broker.storage.sightings import SqlSightingLog
from broker.storage.tables import partner
from tests.exchange.builders import record_of
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import MR

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
OLD, NEXT = "0" * 64, "1" * 64


@pytest.fixture
def log(engine: Engine) -> SightingLog:
    registry = SqlRegistry(engine)
    for name in ("ad", "mr", "dv"):
        registry.save(record_of(name))
    return SqlSightingLog(engine)


def unseen(log: SightingLog, limit: int = 10, after: str = "") -> list[str]:
    found = [each.entity_id for each in log.without(NEXT, limit=limit, after=after)]
    assert log.count_without(NEXT) >= len(found)
    return found


def test_keeps_when_somebody_was_seen_first_and_last(log: SightingLog) -> None:
    log.note([(AD, NEXT, Seen.FETCHED), (AD, NEXT, Seen.FETCHED)], NOW)
    log.note([(AD, NEXT, Seen.FETCHED), (AD, OLD, Seen.ACCEPTED)], LATER)

    assert list(log.of_partner(AD)) == [
        Sighting(AD, OLD, Seen.ACCEPTED, LATER, LATER),
        Sighting(AD, NEXT, Seen.FETCHED, NOW, LATER),
    ]
    assert log.counts() == {(OLD, Seen.ACCEPTED): 1, (NEXT, Seen.FETCHED): 1}


def test_nothing_seen_is_nothing_written(log: SightingLog) -> None:
    log.note([], NOW)

    assert log.counts() == {}


@pytest.mark.parametrize("how", [Seen.FETCHED, Seen.ACCEPTED, Seen.CONFIRMED])
def test_who_is_seen_with_a_key_would_not_break(log: SightingLog, how: Seen) -> None:
    assert unseen(log) == sorted([AD, DV, MR])
    log.note([(AD, NEXT, how), (DV, OLD, how)], NOW)

    assert unseen(log) == sorted([DV, MR])
    assert log.count_without(NEXT) == 2


def test_who_was_only_given_an_answer_may_break(log: SightingLog) -> None:
    log.note([(DV, NEXT, Seen.RECEIVED)], NOW)

    assert DV in unseen(log)


def test_who_would_break_is_told_in_pages_with_name_and_role(log: SightingLog) -> None:
    first, *rest = sorted([AD, DV, MR])

    assert unseen(log, limit=1) == [first]
    assert unseen(log, after=first) == rest
    assert {each.role for each in log.without(NEXT, limit=10)} == {Role.AD, Role.DV, Role.MR}
    assert all(each.name for each in log.without(NEXT, limit=10))


def test_who_is_suspended_has_nothing_to_break(log: SightingLog, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(partner).where(partner.c.entity_id == DV).values(suspended_at=NOW))

    assert unseen(log) == sorted([AD, MR])
