"""The contract of ``Registry``, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from hashlib import sha1

import pytest
from sqlalchemy import Engine

from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.ports import PartnerRecord
from broker.ports import Registry
from broker.ports import Role
from broker.ports import Source
from broker.storage.registry import SqlRegistry

GEMEENTE = PartnerRecord(
    entity_id="urn:etoegang:DV:00000001234567890000:entities:0001",
    role=Role.DV,
    metadata=b'<?xml version="1.0"?>\r\n<EntityDescriptor/>\x00\xff',
    catalogue=b"<ServiceCatalogue/>",
    content_hash="a" * 64,
    added_at=datetime(2026, 11, 22, 13, 0, 0, 123456, tzinfo=UTC),
    connection=Connection(profile=Profile.V1_11, mutual_tls=True),
    source=Source.NETWORK,
)


@pytest.fixture
def registry(engine: Engine) -> Registry:
    return SqlRegistry(engine)


def test_finds_a_partner_exactly_as_it_was_saved(registry: Registry) -> None:
    registry.save(GEMEENTE)
    assert registry.find(GEMEENTE.entity_id) == GEMEENTE
    assert registry.content_hash(GEMEENTE.entity_id) == "a" * 64


def test_a_partner_need_not_have_a_catalogue(registry: Registry) -> None:
    registry.save(replace(GEMEENTE, catalogue=None))
    found = registry.find(GEMEENTE.entity_id)
    assert found is not None
    assert found.catalogue is None


def test_saving_again_replaces_everything(registry: Registry) -> None:
    registry.save(GEMEENTE)
    renewed = PartnerRecord(
        GEMEENTE.entity_id, Role.AD, b"<New/>", None, "b" * 64, GEMEENTE.added_at + timedelta(days=1)
    )
    registry.save(renewed)
    assert registry.find(GEMEENTE.entity_id) == renewed
    assert registry.content_hashes(Role.DV) == []


def test_an_unknown_partner_is_none(registry: Registry) -> None:
    assert registry.find("urn:unknown") is None
    assert registry.content_hash("urn:unknown") is None
    assert registry.entity_id_for_source(bytes(20)) is None


def test_an_entity_id_is_compared_exactly(registry: Registry) -> None:
    registry.save(GEMEENTE)
    assert registry.find(GEMEENTE.entity_id.upper()) is None
    assert registry.find(GEMEENTE.entity_id + " ") is None


def test_a_removed_partner_is_gone(registry: Registry) -> None:
    registry.save(GEMEENTE)
    assert registry.remove(GEMEENTE.entity_id)
    assert registry.find(GEMEENTE.entity_id) is None
    assert not registry.remove(GEMEENTE.entity_id)


def test_lists_the_partners_of_a_role_in_order(registry: Registry) -> None:
    for entity_id, role in (("urn:b", Role.AD), ("urn:C", Role.AD), ("urn:a", Role.AD), ("urn:d", Role.MR)):
        registry.save(replace(GEMEENTE, entity_id=entity_id, role=role, content_hash=entity_id))
    assert registry.content_hashes(Role.AD) == [("urn:C", "urn:C"), ("urn:a", "urn:a"), ("urn:b", "urn:b")]
    assert registry.content_hashes(Role.HM) == []


def test_finds_a_partner_by_the_source_id_of_its_artifacts(registry: Registry) -> None:
    registry.save(GEMEENTE)
    source_id = sha1(GEMEENTE.entity_id.encode(), usedforsecurity=False).digest()
    assert registry.entity_id_for_source(source_id) == GEMEENTE.entity_id


def test_another_process_sees_a_change_at_once(engine: Engine) -> None:
    here, there = SqlRegistry(engine), SqlRegistry(engine)
    here.save(GEMEENTE)
    assert there.content_hash(GEMEENTE.entity_id) == "a" * 64
    here.save(replace(GEMEENTE, content_hash="c" * 64))
    assert there.content_hash(GEMEENTE.entity_id) == "c" * 64


def test_a_moment_in_another_time_zone_is_the_same_moment(registry: Registry) -> None:
    amsterdam = GEMEENTE.added_at.astimezone(timezone(timedelta(hours=1)))
    registry.save(replace(GEMEENTE, added_at=amsterdam))
    found = registry.find(GEMEENTE.entity_id)
    assert found is not None
    assert (found.added_at, found.added_at.tzinfo) == (GEMEENTE.added_at, UTC)


def test_a_moment_without_time_zone_is_refused(registry: Registry) -> None:
    with pytest.raises(Exception, match="without time zone"):
        registry.save(replace(GEMEENTE, added_at=GEMEENTE.added_at.replace(tzinfo=None)))
    assert registry.find(GEMEENTE.entity_id) is None
