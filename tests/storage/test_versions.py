"""The contract of ``VersionStore``, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from broker.domain.connection import Connection
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.changes import Change
from broker.ports.versions import Approval
from broker.ports.versions import Origin
from broker.ports.versions import Overtaken
from broker.ports.versions import Standing
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.storage.changes import SqlChangeLog
from broker.storage.overview import SqlOverview
from broker.storage.registry import SqlRegistry
from broker.storage.versions import SqlVersions
from tests.storage.test_registry import GEMEENTE as RECORD

WHEN = RECORD.added_at
CHANGE = Change(WHEN, "anna", "version-submitted", RECORD.entity_id, "waarom")


def a_version(name: str, **changes: object) -> Version:
    values: dict[str, object] = {
        "id": name,
        "entity_id": RECORD.entity_id,
        "number": 0,
        "role": Role.DV,
        "metadata": b"<a/>\x00\xff",
        "catalogue": b"<b/>",
        "content_hash": name * 8,
        "state": VersionState.CONCEPT,
        "origin": Origin.FILE,
        "created_at": WHEN,
        "created_by": "anna",
        "reason": "waarom",
        "connection": Connection(mutual_tls=True),
        "report": "{}",
        "difference": None,
    }
    return Version(**(values | changes))  # type: ignore[arg-type]  # names of the fields


def record_of(version: Version) -> PartnerRecord:
    return replace(
        RECORD, metadata=version.metadata, content_hash=version.content_hash, version=version.number
    )


@pytest.fixture
def store(engine: Engine) -> SqlVersions:
    return SqlVersions(engine)


def activated(store: SqlVersions, version: Version, before: PartnerRecord | None = None) -> Version:
    return store.activate(version, record_of(version), before, replace(CHANGE, what="version-activated"))


def test_finds_a_version_exactly_as_it_was_added(store: SqlVersions) -> None:
    added = store.add(a_version("een"), CHANGE)

    assert added == a_version("een", number=1)
    assert store.find("een") == store.numbered(RECORD.entity_id, 1) == added
    assert store.of(RECORD.entity_id) == [added]
    assert store.find("twee") is store.numbered(RECORD.entity_id, 2) is store.active(RECORD.entity_id) is None


def test_two_who_add_at_once_get_different_numbers(store: SqlVersions) -> None:
    names = [f"v{number}" for number in range(6)]
    start = Barrier(3)

    def add(name: str) -> int:
        start.wait(20)
        return store.add(a_version(name), CHANGE).number

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(add, names)) == [1, 2, 3, 4, 5, 6]


def test_of_two_who_activate_at_once_one_wins(engine: Engine, store: SqlVersions) -> None:
    first = activated(store, store.add(a_version("een"), CHANGE))
    before = record_of(first)
    rivals = [store.add(a_version(name), CHANGE) for name in ("twee", "drie")]
    start = Barrier(2)

    def activate(version: Version) -> bool:
        start.wait(20)
        try:
            activated(store, version, before)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(activate, rivals))

    assert sorted(won) == [False, True]
    winner = rivals[won.index(True)]
    assert [each.id for each in store.of(RECORD.entity_id) if each.state is VersionState.ACTIVE] == [
        winner.id
    ]
    assert SqlRegistry(engine).content_hash(RECORD.entity_id) == winner.content_hash
    assert [each.what for each in SqlChangeLog(engine).of(RECORD.entity_id)].count("version-activated") == 2


def test_of_two_who_connect_a_new_partner_at_once_one_wins(engine: Engine, store: SqlVersions) -> None:
    rivals = [store.add(a_version(name), CHANGE) for name in ("twee", "drie")]
    start = Barrier(2)

    def activate(version: Version) -> bool:
        start.wait(20)
        try:
            activated(store, version)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(activate, rivals))

    assert sorted(won) == [False, True]
    record = SqlRegistry(engine).find(RECORD.entity_id)
    assert record is not None
    assert record.version == rivals[won.index(True)].number


def test_what_was_in_force_is_found_by_its_content(engine: Engine, store: SqlVersions) -> None:
    first = activated(store, store.add(a_version("een"), CHANGE))
    activated(store, store.add(a_version("twee"), CHANGE), record_of(first))
    registry = SqlRegistry(engine)

    older = registry.find_version(RECORD.entity_id, first.content_hash)

    assert older is not None
    assert (older.metadata, older.connection, older.version) == (first.metadata, first.connection, 1)
    assert registry.find_version(RECORD.entity_id, "?") is None
    ended = store.find("een")
    assert ended is not None
    assert (ended.state, ended.ended_at) == (VersionState.ENDED, WHEN)


def test_a_version_that_moved_meanwhile_is_not_moved(engine: Engine, store: SqlVersions) -> None:
    version = store.add(a_version("een"), CHANGE)
    later = WHEN + timedelta(days=1)
    scheduled = store.move(version, VersionState.SCHEDULED, CHANGE, activate_at=later)
    assert store.find("een") == scheduled
    assert store.in_state(VersionState.SCHEDULED, VersionState.WAITING) == [scheduled]

    with pytest.raises(Overtaken):
        store.move(version, VersionState.WITHDRAWN, CHANGE)

    assert store.find("een") == scheduled
    assert len(SqlChangeLog(engine).of(RECORD.entity_id)) == 2


def test_the_last_word_of_an_approver_counts(store: SqlVersions) -> None:
    yes = Approval("een", "bram", WHEN, True, "goed")
    no = Approval("een", "bram", WHEN + timedelta(hours=1), False, "toch niet")
    store.approve(yes, CHANGE)
    store.approve(replace(yes, operator="dirk"), CHANGE)

    store.approve(no, CHANGE)

    assert store.approvals("een") == [replace(yes, operator="dirk"), no]
    assert store.approvals("twee") == []


def test_a_suspended_partner_is_unknown_to_logins_until_it_is_resumed(
    engine: Engine, store: SqlVersions
) -> None:
    version = activated(store, store.add(a_version("een"), CHANGE))
    registry = SqlRegistry(engine)

    assert store.suspend(RECORD.entity_id, WHEN, CHANGE)
    assert not store.suspend(RECORD.entity_id, WHEN, CHANGE)

    assert registry.content_hash(RECORD.entity_id) is None
    assert registry.content_hashes(Role.DV) == []
    assert registry.content_hashes(Role.DV, suspended=True) == [(RECORD.entity_id, version.content_hash)]
    registry.save(record_of(version))
    activated(store, store.add(a_version("twee"), CHANGE), record_of(version))
    record = registry.find(RECORD.entity_id)
    assert record is not None
    assert record.suspended_at == WHEN

    assert store.suspend(RECORD.entity_id, None, CHANGE)
    assert registry.content_hash(RECORD.entity_id) == record.content_hash
    assert not store.suspend("urn:unknown", None, CHANGE)


def test_a_list_shows_a_page_and_finds_a_part_of_a_name(engine: Engine, store: SqlVersions) -> None:
    registry = SqlRegistry(engine)
    for entity_id in ("urn:a_a", "urn:b", "urn:c"):
        registry.save(replace(RECORD, entity_id=entity_id))
    store.add(a_version("een", entity_id="urn:nieuw"), CHANGE)
    store.add(a_version("twee", entity_id="urn:b"), CHANGE)
    overview = SqlOverview(engine)

    assert [line.entity_id for line in overview.lines(limit=2)] == ["urn:a_a", "urn:b"]
    assert [line.entity_id for line in overview.lines(after="urn:b")] == ["urn:c"]
    assert [line.entity_id for line in overview.lines("A_")] == ["urn:a_a"]
    assert overview.lines(role=Role.AD) == []
    (newcomer,) = overview.newcomers()
    assert (newcomer.entity_id, newcomer.state, newcomer.version) == ("urn:nieuw", VersionState.CONCEPT, 1)


def test_where_a_version_stands_is_told_without_its_documents(store: SqlVersions) -> None:
    version = store.add(a_version("een"), CHANGE)
    told = Standing(
        version.entity_id, version.number, version.role, version.content_hash, version.state, False
    )
    assert store.standing(version.id) == told
    assert store.standing("nothing") is None

    activated(store, version)
    store.suspend(version.entity_id, WHEN, CHANGE)
    assert store.standing(version.id) == replace(told, state=VersionState.ACTIVE, is_suspended=True)
