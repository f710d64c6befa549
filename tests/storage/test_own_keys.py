"""The contract of ``OwnKeyStore``, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from broker.domain.own_keys import OwnKey
from broker.ports.changes import Change
from broker.ports.own_keys import KeysChanged
from broker.ports.own_keys import OwnKeyStore
from broker.storage.changes import SqlChangeLog
from broker.storage.own_keys import SqlOwnKeyStore

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
FIRST = OwnKey("signing", "0" * 64, b"\x30\x00", NOW, active_at=NOW)
SECOND = OwnKey("signing-2027", "1" * 64, b"\x30\x01", NOW + timedelta(days=1))
CHANGE = Change(NOW, "cli:beheer", "key-announced", "signing")


@pytest.fixture
def store(engine: Engine) -> OwnKeyStore:
    return SqlOwnKeyStore(engine)


def test_finds_keys_as_they_were_added_by_name(store: OwnKeyStore) -> None:
    assert store.add(SECOND, CHANGE)
    assert store.add(FIRST, CHANGE)

    assert list(store.all()) == [FIRST, SECOND]


def test_a_name_that_is_taken_stays_as_it_is_and_nothing_is_told(store: OwnKeyStore, engine: Engine) -> None:
    store.add(FIRST, CHANGE)

    assert not store.add(replace(SECOND, name=FIRST.name), CHANGE)
    assert list(store.all()) == [FIRST]
    assert len(SqlChangeLog(engine).latest()) == 1


def test_moments_change_together_with_a_line_in_the_history(store: OwnKeyStore, engine: Engine) -> None:
    store.add(FIRST, CHANGE)
    store.add(SECOND, CHANGE)
    at = NOW + timedelta(days=20)
    old, new = replace(FIRST, retiring_at=at), replace(SECOND, active_at=at)
    activated = replace(CHANGE, what="key-activated", subject=SECOND.name, detail={"at": at.isoformat()})

    store.replace([(SECOND, new), (FIRST, old)], activated)

    assert list(store.all()) == [old, new]
    assert list(SqlChangeLog(engine).of(SECOND.name)) == [activated]


def test_nothing_changes_when_one_is_no_longer_as_it_was_read(store: OwnKeyStore, engine: Engine) -> None:
    store.add(FIRST, CHANGE)
    store.add(SECOND, CHANGE)
    read = replace(FIRST, retiring_at=NOW)

    with pytest.raises(KeysChanged):
        store.replace([(SECOND, replace(SECOND, active_at=NOW)), (read, FIRST)], CHANGE)

    assert list(store.all()) == [FIRST, SECOND]
    assert len(SqlChangeLog(engine).latest()) == 2
