"""What is known of other dienstverleners, on SQLite and PostgreSQL: each question is one look-up."""

from datetime import UTC
from datetime import datetime

import pytest
from sqlalchemy import Engine

from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.neighbours import KnownService
from broker.ports.neighbours import Neighbours
from broker.ports.partner_index import IndexedCertificate
from broker.ports.partner_index import IndexedService
from broker.ports.partner_index import PartnerIndex
from broker.storage.neighbours import SqlNeighbours
from broker.storage.registry import SqlRegistry
from tests.keys import certificate

NOW = datetime(2026, 11, 22, 13, 0, 0, tzinfo=UTC)
ONE, TWO = "urn:etoegang:DV:1:entities:0001", "urn:etoegang:DV:2:entities:0001"
OIN = "00000099000000004000"


@pytest.fixture
def neighbours(engine: Engine) -> Neighbours:
    """Two dienstverleners with one OIN, one certificate and one definition between them."""
    registry, shared = SqlRegistry(engine), certificate("dv")
    for number, entity_id in ((1, ONE), (2, TWO)):
        record = PartnerRecord(entity_id, Role.DV, b"<md/>", b"<esc/>", str(number) * 64, NOW)
        service = IndexedService(f"urn:services:{number}", f"abc-{number}", "def", OIN)
        signing = IndexedCertificate(shared.key_name, "", shared.der)
        registry.save(record, PartnerIndex("Gemeente", (service,), (), (signing,)))
    return SqlNeighbours(engine)


def test_services_are_found_by_either_uuid_however_it_is_written(neighbours: Neighbours) -> None:
    one, two = (
        KnownService(entity_id, f"urn:services:{number}", "def", f"abc-{number}")
        for number, entity_id in ((1, ONE), (2, TWO))
    )

    assert neighbours.with_uuid("ABC-1") == [one]
    assert neighbours.with_uuid("DEF") == [one, two]
    assert neighbours.with_uuid("ghi") == []


def test_a_service_an_oin_and_a_certificate_are_found(neighbours: Neighbours) -> None:
    assert [each.entity_id for each in neighbours.with_service_id("urn:services:2")] == [TWO]
    assert neighbours.with_service_id("urn:services:3") == []
    assert list(neighbours.with_oin(OIN)) == [ONE, TWO]
    assert list(neighbours.with_oin("0" * 20)) == []
    assert list(neighbours.with_certificate(certificate("dv").key_name)) == [ONE, TWO]
    assert list(neighbours.with_certificate("0" * 64)) == []


def test_the_keys_of_a_party_are_known_unless_somebody_vouches(
    neighbours: Neighbours, engine: Engine
) -> None:
    assert len(neighbours.keys_of(ONE)) == 1
    assert neighbours.keys_of(ONE) == neighbours.keys_of(TWO)
    assert neighbours.keys_of("urn:nobody") == frozenset()
    assert SqlNeighbours(engine, new_keys=True).keys_of(ONE) == frozenset()
