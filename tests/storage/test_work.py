"""The contracts of ``LeaseStore`` and ``Outbox``, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from broker.ports.work import LeaseStore
from broker.ports.work import Mail
from broker.ports.work import Outbox
from broker.storage.leases import SqlLeases
from broker.storage.outbox import SqlOutbox

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
LATE = NOW + timedelta(minutes=10)
MAIL = Mail("source:een", "Iets nieuws", "Kijk ernaar.")


@pytest.fixture
def leases(engine: Engine) -> LeaseStore:
    return SqlLeases(engine)


@pytest.fixture
def outbox(engine: Engine) -> Outbox:
    return SqlOutbox(engine)


def test_of_all_who_want_a_turn_one_has_it(leases: LeaseStore) -> None:
    start = Barrier(4)

    def take(holder: str) -> bool:
        start.wait(20)
        return leases.take("fetch", 7, holder, NOW, LATE)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, "abcd")) == [False, False, False, True]


def test_a_turn_is_carried_out_once_and_the_next_begins_when_it_is_over(leases: LeaseStore) -> None:
    assert leases.take("fetch", 7, "a", NOW, LATE)
    assert not leases.take("fetch", 8, "b", NOW, LATE)

    leases.done("fetch", 7, "a", NOW)

    assert not leases.take("fetch", 7, "b", NOW, LATE)
    assert leases.take("fetch", 8, "b", NOW, LATE)
    assert leases.take("mail", 8, "a", NOW, LATE)
    assert [(each.name, each.holder, each.tick) for each in leases.every()] == [
        ("fetch", "b", 8),
        ("mail", "a", 8),
    ]


def test_who_died_over_its_turn_is_waited_for_no_longer_than_was_said(leases: LeaseStore) -> None:
    assert leases.take("fetch", 7, "a", NOW, LATE)

    assert not leases.take("fetch", 8, "b", LATE - timedelta(seconds=1), LATE)
    assert leases.take("fetch", 8, "b", LATE, LATE + timedelta(minutes=10))

    leases.done("fetch", 7, "a", LATE)
    assert not leases.take("fetch", 9, "c", LATE, LATE + timedelta(minutes=10))


def test_a_mail_is_put_in_once(outbox: Outbox) -> None:
    assert outbox.put(MAIL, NOW)
    assert not outbox.put(MAIL, NOW)

    (waiting,) = outbox.due(NOW)
    assert (waiting.mail, waiting.created_at, waiting.attempts, waiting.sent_at) == (MAIL, NOW, 0, None)
    assert list(outbox.due(NOW - timedelta(seconds=1))) == []


def test_a_mail_that_did_not_go_waits_and_one_that_went_is_gone(outbox: Outbox) -> None:
    outbox.put(MAIL, NOW)
    (waiting,) = outbox.due(NOW)

    outbox.failed(waiting.id, LATE, "x" * 500)
    assert list(outbox.due(NOW)) == []
    (waiting,) = outbox.due(LATE)
    assert (waiting.attempts, waiting.last_error) == (1, "x" * 200)

    outbox.sent(waiting.id, LATE)
    assert list(outbox.due(LATE)) == []
    assert [each.sent_at for each in outbox.latest()] == [LATE]
    assert not outbox.put(MAIL, LATE)
