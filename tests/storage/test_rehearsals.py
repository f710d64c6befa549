"""The contract of ``RehearsalStore``, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from broker.ports.rehearsals import Rehearsal
from broker.ports.rehearsals import RehearsalStore
from broker.storage.changes import SqlChangeLog
from broker.storage.rehearsals import SqlRehearsals

AT = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
STARTED = Rehearsal("id-1", "urn:dv", "expired", "cli:beheer", AT, service_id="urn:service")


@pytest.fixture
def store(engine: Engine) -> RehearsalStore:
    return SqlRehearsals(engine)


def test_keeps_what_happens_to_a_test(store: RehearsalStore) -> None:
    store.add(STARTED)
    assert store.find("id-1") == STARTED
    store.answered("id-1", "EH-TEST-0001", AT)
    store.resolved("id-1", AT + timedelta(seconds=1))
    store.asked_again("id-1", AT + timedelta(seconds=2))
    store.saw("id-1", "error-page", "link:dv", AT + timedelta(seconds=3))
    assert store.find("id-1") == replace(
        STARTED,
        reference="EH-TEST-0001",
        answered_at=AT,
        resolved_at=AT + timedelta(seconds=1),
        asked_again_at=AT + timedelta(seconds=2),
        seen="error-page",
        seen_by="link:dv",
        seen_at=AT + timedelta(seconds=3),
    )


def test_finds_those_of_one_dienstverlener_newest_first(store: RehearsalStore) -> None:
    later = replace(STARTED, id="id-2", started_at=AT + timedelta(minutes=1))
    for each in (STARTED, later, replace(STARTED, id="id-3", entity_id="urn:other")):
        store.add(each)
    assert list(store.of("urn:dv")) == [later, STARTED]
    assert store.find("id-4") is None


def test_a_start_stands_in_the_history(engine: Engine, store: RehearsalStore) -> None:
    store.add(STARTED)
    (change,) = SqlChangeLog(engine).of("urn:dv")
    assert (change.what, change.who, change.detail["kind"]) == ("rehearsal-started", "cli:beheer", "expired")
