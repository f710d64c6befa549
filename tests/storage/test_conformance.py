"""The contract of ``ConformanceLog``, on SQLite and PostgreSQL."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from broker.ports import ConformanceLog
from broker.ports import Deviation
from broker.storage.conformance import SqlConformanceLog

FIRST = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
DV = "urn:etoegang:DV:00000099000000004000:entities:9001"


@pytest.fixture
def log(engine: Engine) -> ConformanceLog:
    return SqlConformanceLog(engine)


def test_nothing_is_known_of_who_did_not_deviate(log: ConformanceLog) -> None:
    assert log.of(DV) == []


def test_a_sighting_counts_on_from_the_first(log: ConformanceLog) -> None:
    log.note(DV, "acs-url", FIRST, "EH-1111-1111")
    log.note(DV, "acs-url", FIRST + timedelta(hours=2), "EH-2222-2222")
    assert log.of(DV) == [
        Deviation(DV, "acs-url", FIRST, FIRST + timedelta(hours=2), 2, "EH-2222-2222"),
    ]


def test_two_processes_that_see_it_in_one_hour_count_it_once(log: ConformanceLog) -> None:
    later = FIRST + timedelta(minutes=59)
    log.note(DV, "acs-url", FIRST, "EH-1111-1111")
    log.note(DV, "acs-url", later, "EH-2222-2222")
    assert log.of(DV) == [Deviation(DV, "acs-url", FIRST, later, 1, "EH-2222-2222")]

    log.note(DV, "acs-url", FIRST + timedelta(minutes=60), None)
    assert [each.times for each in log.of(DV)] == [2]


def test_partners_and_tolerances_are_kept_apart(log: ConformanceLog) -> None:
    log.note(DV, "tijdzone", FIRST, None)
    log.note(DV, "acs-url", FIRST, None)
    log.note("urn:other", "acs-url", FIRST, None)
    assert [(each.tolerance, each.times) for each in log.of(DV)] == [("acs-url", 1), ("tijdzone", 1)]
