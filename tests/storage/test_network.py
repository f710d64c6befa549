"""The contract of ``NetworkStore``, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from broker.ports import EditionTaken
from broker.ports import NetworkStore
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports import Source
from broker.ports import TakenEdition
from broker.storage.network import SqlNetworkStore
from broker.storage.registry import SqlRegistry

NOW = datetime(2026, 11, 22, 13, 0, 0, 123456, tzinfo=UTC)
FIRST = TakenEdition("urn:etoegang:1.13:metadata:T:7", 7, "a" * 64, NOW, NOW + timedelta(days=7), None)
SECOND = TakenEdition("urn:etoegang:1.13:metadata:T:8", 8, "b" * 64, NOW, None, NOW + timedelta(days=9))


def a_record(number: int, source: Source = Source.NETWORK, **changes: object) -> PartnerRecord:
    values: dict[str, object] = {
        "entity_id": f"urn:etoegang:AD:{number:020}:entities:0001",
        "role": Role.AD,
        "metadata": b"<EntitiesDescriptor/>",
        "catalogue": None,
        "content_hash": f"{number:064}",
        "added_at": NOW,
        "source": source,
    }
    return PartnerRecord(**(values | changes))  # type: ignore[arg-type]  # values by name


@pytest.fixture
def store(engine: Engine) -> NetworkStore:
    return SqlNetworkStore(engine)


def test_before_the_first_edition_there_is_nobody(store: NetworkStore) -> None:
    assert store.last() is None
    assert list(store.partners()) == []
    assert store.own(["urn:a"]) == frozenset()


def test_an_edition_and_who_came_with_it_are_kept_exactly(store: NetworkStore) -> None:
    store.take(FIRST, None, [a_record(2), a_record(1)], [])

    assert store.last() == FIRST
    assert list(store.partners()) == [a_record(1), a_record(2)]


def test_the_next_one_takes_its_place(store: NetworkStore) -> None:
    store.take(FIRST, None, [a_record(1), a_record(2)], [])
    renewed = a_record(1, content_hash="c" * 64, role=Role.MR)

    store.take(SECOND, FIRST, [renewed, a_record(3)], [a_record(2).entity_id])

    assert store.last() == SECOND
    assert list(store.partners()) == [renewed, a_record(3)]


def test_what_an_operator_registered_is_neither_replaced_nor_removed(
    engine: Engine, store: NetworkStore
) -> None:
    own = a_record(1, Source.OPERATOR)
    SqlRegistry(engine).save(own)
    assert store.own([a_record(2).entity_id, own.entity_id]) == {own.entity_id}
    assert store.own([a_record(2).entity_id]) == frozenset()

    store.take(FIRST, None, [a_record(1, content_hash="c" * 64)], [])
    store.take(SECOND, FIRST, [], [own.entity_id])

    assert SqlRegistry(engine).find(own.entity_id) == own
    assert list(store.partners()) == []


@pytest.mark.parametrize("before", [None, SECOND])
def test_who_comes_second_changes_nothing(store: NetworkStore, before: TakenEdition | None) -> None:
    store.take(FIRST, None, [a_record(1)], [])

    with pytest.raises(EditionTaken):
        store.take(replace(SECOND, content_hash="d" * 64), before, [a_record(2)], [a_record(1).entity_id])
    assert store.last() == FIRST
    assert list(store.partners()) == [a_record(1)]


def test_forgetting_leaves_what_an_operator_registered(engine: Engine, store: NetworkStore) -> None:
    own = a_record(1, Source.OPERATOR)
    SqlRegistry(engine).save(own)
    store.take(FIRST, None, [a_record(2), a_record(3)], [])

    assert store.forget() == 2
    assert store.last() is None
    assert SqlRegistry(engine).find(own.entity_id) == own
    assert store.forget() == 0
