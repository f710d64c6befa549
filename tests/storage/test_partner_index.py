"""The contract of ``PartnerIndexes``, on SQLite and PostgreSQL: what is indexed of a partner goes where it goes."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy import select
from sqlalchemy import update

from broker.ports import PartnerRecord
from broker.ports import Registry
from broker.ports import Role
from broker.ports.partner_index import IndexedCertificate
from broker.ports.partner_index import IndexedExpiry
from broker.ports.partner_index import IndexedService
from broker.ports.partner_index import PartnerIndex
from broker.ports.partner_index import ServiceTaken
from broker.storage.registry import SqlRegistry
from broker.storage.registry import save_partner
from broker.storage.tables import expiry
from broker.storage.tables import partner

NOW = datetime(2026, 11, 22, 13, 0, 0, tzinfo=UTC)
ONE, TWO = "urn:etoegang:DV:1:entities:0001", "urn:etoegang:DV:2:entities:0001"


def a_record(entity_id: str, content_hash: str = "a" * 64, role: Role = Role.DV) -> PartnerRecord:
    return PartnerRecord(entity_id, role, b"<md/>", b"<esc/>", content_hash, NOW)


def an_index(number: int, name: str = "Gemeente") -> PartnerIndex:
    return PartnerIndex(
        name,
        (IndexedService(f"urn:services:{number}", f"abc-{number}", "def", f"{number:020}"),),
        (IndexedExpiry("signing", "f" * 64, "key", NOW + timedelta(days=number)),),
        (IndexedCertificate(f"{number:064}", f"authority {number}", b"der"),),
    )


@pytest.fixture
def registry(engine: Engine) -> Registry:
    registry = SqlRegistry(engine)
    registry.save(a_record(ONE), an_index(1))
    registry.save(a_record(TWO), an_index(2))
    return registry


def test_a_service_is_found_by_each_of_its_names(registry: Registry) -> None:
    assert registry.owners(["urn:services:2", "urn:services:3"]) == {"urn:services:2": TWO}
    assert registry.owners([]) == {}
    assert registry.with_instance("ABC-1") == [("urn:services:1", ONE)]
    assert registry.with_instance("abc-3") == []
    assert registry.with_definition("DEF") == ("urn:services:1", ONE)
    assert registry.with_definition("abc-1") is None
    oins = [f"{number:020}" for number in (1, 2)]
    assert registry.sharing_oin(oins, ONE, 9) == [TWO]
    assert registry.sharing_oin(oins, "urn:other", 1) == [ONE]


def test_certificates_are_given_once_and_without_those_of_an_authority_that_is_known(
    registry: Registry,
) -> None:
    assert registry.certificates([]) == [(ONE, b"der"), (TWO, b"der")]
    assert registry.certificates(["authority 1"]) == [(TWO, b"der")]
    shared = an_index(1).signing
    registry.save(a_record(TWO), replace(an_index(2), signing=shared))
    assert registry.certificates([]) == [(ONE, b"der")]


def test_saving_again_replaces_the_index(registry: Registry) -> None:
    registry.save(a_record(ONE, "b" * 64), an_index(3))
    assert registry.owners(["urn:services:1", "urn:services:3"]) == {"urn:services:3": ONE}
    assert registry.unindexed() == []
    registry.save(a_record(ONE, "c" * 64))
    assert registry.owners(["urn:services:1", "urn:services:3"]) == {}
    assert registry.unindexed() == [ONE]


def test_who_is_removed_leaves_nothing_behind(engine: Engine, registry: Registry) -> None:
    registry.remove(ONE)
    assert registry.owners(["urn:services:1"]) == {}
    with engine.connect() as connection:
        assert connection.execute(select(expiry.c.entity_id)).scalars().all() == [TWO]


def test_a_service_of_somebody_else_changes_nothing(registry: Registry) -> None:
    with pytest.raises(ServiceTaken):
        registry.save(a_record(ONE, "b" * 64), replace(an_index(1), services=an_index(2).services))
    assert registry.content_hash(ONE) == "a" * 64
    assert registry.owners(["urn:services:1", "urn:services:2"]) == {
        "urn:services:1": ONE,
        "urn:services:2": TWO,
    }


def test_a_change_that_fails_takes_the_partner_along(engine: Engine, registry: Registry) -> None:
    def fail() -> None:
        with engine.begin() as connection:
            save_partner(connection, a_record(ONE, "b" * 64), an_index(3))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert registry.content_hash(ONE) == "a" * 64
    assert registry.owners(["urn:services:3"]) == {}


def test_what_the_version_before_wrote_is_indexed_afterwards(engine: Engine, registry: Registry) -> None:
    with engine.begin() as connection:
        connection.execute(update(partner).where(partner.c.entity_id == ONE).values(content_hash="b" * 64))
    assert registry.unindexed() == [ONE]

    registry.reindex(ONE, "a" * 64, an_index(3))
    assert registry.unindexed() == [ONE], "it changed since that index was made"
    registry.reindex(ONE, "b" * 64, an_index(3))
    assert registry.unindexed() == []
    assert registry.owners(["urn:services:1", "urn:services:3"]) == {"urn:services:3": ONE}


def test_names_and_labels_that_are_too_long_to_show_are_cut(engine: Engine, registry: Registry) -> None:
    end = IndexedExpiry("signing", "0" * 64, "k" * 400, NOW)
    registry.save(a_record(ONE), PartnerIndex("n" * 400, expiries=(end,)))
    with engine.connect() as connection:
        shown = connection.execute(select(partner.c.name).where(partner.c.entity_id == ONE)).scalar_one()
        label = connection.execute(select(expiry.c.label).where(expiry.c.entity_id == ONE)).scalar_one()
    assert (shown, label) == ("n" * 200, "k" * 300)


def test_an_edition_grows_with_each_change_of_its_role(registry: Registry) -> None:
    before, others = registry.edition(Role.DV), registry.edition(Role.AD, Role.MR)
    registry.save(a_record(ONE), an_index(1))
    registry.remove(TWO)
    registry.save(a_record(ONE, role=Role.AD), an_index(1))
    assert registry.edition(Role.DV) == before + 3
    assert registry.edition(Role.AD, Role.MR) == others + 1
    assert registry.edition(*Role) == before + others + 4
