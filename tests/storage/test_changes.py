"""The contract of ``ChangeLog``, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from broker.ports.changes import Change
from broker.ports.changes import ChangeLog
from broker.ports.changes import OperatorRole
from broker.storage.changes import SqlChangeLog

ACTIVATED = Change(
    at=datetime(2026, 11, 22, 13, 0, tzinfo=UTC),
    who="cli:beheer",
    what="version-activated",
    subject="urn:etoegang:DV:00000001234567890000:entities:0001",
    why="nieuwe sleutel",
    detail={"number": 2, "before": None},
)


@pytest.fixture
def log(engine: Engine) -> ChangeLog:
    return SqlChangeLog(engine)


def test_finds_a_change_as_it_was_written(log: ChangeLog) -> None:
    log.write(ACTIVATED)
    assert list(log.of(ACTIVATED.subject)) == [ACTIVATED]


def test_shows_the_newest_first_and_no_more_than_was_asked(log: ChangeLog) -> None:
    changes = [replace(ACTIVATED, at=ACTIVATED.at + timedelta(minutes=each)) for each in range(4)]
    for change in changes:
        log.write(change)
    assert list(log.latest(3)) == list(reversed(changes))[:3]


def test_shows_the_changes_of_one_subject_alone(log: ChangeLog) -> None:
    log.write(ACTIVATED)
    log.write(replace(ACTIVATED, subject="another"))
    assert [each.subject for each in log.of("another")] == ["another"]
    assert len(log.latest()) == 2


def test_a_role_may_do_what_those_before_it_may() -> None:
    assert OperatorRole.APPROVER.covers(OperatorRole.VIEWER)
    assert OperatorRole.OPERATOR.covers(OperatorRole.OPERATOR)
    assert not OperatorRole.VIEWER.covers(OperatorRole.OPERATOR)
    assert not OperatorRole.OPERATOR.covers(OperatorRole.APPROVER)
