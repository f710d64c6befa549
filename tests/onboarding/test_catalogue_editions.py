"""The catalogue that the makelaar publishes keeps up with changes, and is made once for each."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine
from sqlalchemy import update

from broker.assembly.partner_index import index_of
from broker.exchange.own import Own
from broker.exchange.partners import Partners
from broker.onboarding import catalogue_editions
from broker.onboarding.catalogue_editions import CatalogueEditions
from broker.onboarding.catalogue_editions import CatalogueTooLarge
from broker.ports import PartnerRecord
from broker.ports.editions import Edition
from broker.ports.editions import EditionMade
from broker.saml.catalogue import make_network_catalogue
from broker.saml.catalogue import read_network_catalogue
from broker.saml.keys import Certificate
from broker.saml.names import CATALOGUE
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from broker.storage.editions import SqlEditionStore
from broker.storage.registry import SqlRegistry
from broker.storage.tables import partner
from tests.exchange.builders import ENTITY_IDS
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import Network
from tests.exchange.builders import Wall
from tests.exchange.builders import record_of
from tests.exchange.test_rollover import SWITCH
from tests.exchange.test_rollover import changing
from tests.exchange.test_rollover import limited
from tests.exchange.test_rollover import unsigned
from tests.keys import certificate
from tests.saml.builders import NOW


@pytest.fixture(autouse=True)
def keys_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the tests were made today, and the clock of this network stands earlier."""
    monkeypatch.setattr(Certificate, "is_in_force", lambda *_: True)
    monkeypatch.setattr(
        catalogue_editions,
        "_moments",
        lambda versions: filter(
            None, (each for one in versions for each in (one.valid_from, one.valid_until))
        ),
    )


@dataclass
class Publisher:
    """One process of a makelaar, and what its database holds."""

    engine: Engine
    registry: SqlRegistry
    network: Network

    def __post_init__(self) -> None:
        self.store = SqlEditionStore(self.engine)
        self.editions = self.another()

    @property
    def own(self) -> Own:
        return self.network["hm"].own

    @property
    def clock(self) -> Wall:
        return self.network.clock

    def another(self) -> CatalogueEditions:
        """Another process on the same database."""
        partners = Partners(self.registry, MAKELAAR_OIN, clock=self.own.clock)
        return CatalogueEditions(self.store, self.registry, partners, self.own)

    def current(self, oin: str = "") -> Edition:
        edition = self.editions.current(oin)
        assert edition is not None
        return edition

    def document(self, oin: str = "") -> bytes:
        return self.editions.document(self.current(oin))

    def save(self, record: PartnerRecord) -> None:
        """As an operator would do it now: a moment later than all before."""
        self.clock.forward(timedelta(seconds=1))
        self.registry.save(replace(record, added_at=self.clock()), index_of(record, MAKELAAR_OIN))


@pytest.fixture
def publisher(engine: Engine, registry: SqlRegistry) -> Publisher:
    return Publisher(engine, registry, Network())


def oins(document: bytes) -> list[str | None]:
    providers = etree.fromstring(document).iterfind(tag(CATALOGUE, "ServiceProvider"))
    return [each.findtext(tag(CATALOGUE, "ServiceProviderID")) for each in providers]


def oin(name: str) -> str:
    return ENTITY_IDS[name].split(":")[3]


def without_certificate(catalogue: bytes) -> bytes:
    root = etree.fromstring(catalogue)
    for holder in list(root.iter(tag(CATALOGUE, "ServiceCertificate"))):
        parent = holder.getparent()
        assert parent is not None
        parent.remove(holder)
    return etree.tostring(root)


def test_all_processes_serve_the_same_bytes_for_as_long_as_nothing_changes(publisher: Publisher) -> None:
    first = publisher.current()
    another = publisher.another()

    assert publisher.current() is first
    assert another.current() == first
    assert another.document(first) == publisher.document()
    assert oins(publisher.document()) == [oin("dv"), oin("dv2")]


def test_it_says_its_number_and_bears_our_signature(publisher: Publisher) -> None:
    document = publisher.document()

    services, _ = read_network_catalogue(document, [certificate("hm")], publisher.own.entity_id)

    assert len(services) == 2
    assert b'Version="urn:etoegang:1.13:service-catalogue:T:1"' in document


def test_a_makelaar_in_production_says_so(publisher: Publisher) -> None:
    own = replace(publisher.own, entity_id="urn:etoegang:HM:00000003900000010000:entities:0001")
    editions = replace(publisher.editions, own=own)

    assert editions.version(publisher.current()) == "urn:etoegang:1.13:service-catalogue:P:1"


def test_each_change_makes_one_edition_and_those_before_stay(publisher: Publisher) -> None:
    first, before = publisher.current(), publisher.document()

    publisher.save(replace(record_of("dv"), content_hash="1" * 64))

    assert publisher.current().sequence == publisher.current().sequence == 2
    assert publisher.document() != before
    assert publisher.editions.find("", 1) == first
    assert publisher.editions.document(first) == before


def test_what_was_so_before_and_is_so_again_gets_a_number_of_its_own(publisher: Publisher) -> None:
    record = record_of("dv")
    numbers = []
    for content_hash in (record.content_hash, "1" * 64, record.content_hash):
        publisher.save(replace(record, content_hash=content_hash))
        numbers.append(publisher.current().sequence)

    assert numbers == [1, 2, 3]


def test_who_is_removed_or_cannot_be_read_is_gone_and_the_others_stay(publisher: Publisher) -> None:
    publisher.save(replace(record_of("dv"), metadata=b"<no/>", content_hash="1" * 64))
    assert oins(publisher.document()) == [oin("dv2")]

    publisher.registry.remove(ENTITY_IDS["dv"])

    assert publisher.current().sequence == 2
    assert oins(publisher.document()) == [oin("dv2")]


def test_a_dienstverlener_that_was_announced_appears_at_that_moment(publisher: Publisher) -> None:
    announced = etree.tostring(limited("dv", "dv", SWITCH, None))
    publisher.save(replace(record_of("dv"), metadata=announced, content_hash="4" * 64))
    assert oins(publisher.document()) == [oin("dv2")]
    assert publisher.current().until == SWITCH

    publisher.clock.forward(SWITCH - NOW)

    assert oins(publisher.document()) == [oin("dv"), oin("dv2")]
    assert publisher.current().sequence == 2


def test_past_the_switch_registers_encrypt_for_the_new_key(publisher: Publisher) -> None:
    record = changing("dv", "mallory")
    catalogue = without_certificate(unsigned(record))
    publisher.save(replace(record, catalogue=catalogue, content_hash="5" * 64))
    old, new = certificate("dv").base64().encode(), certificate("mallory").base64().encode()
    before = publisher.document()
    assert old in before
    assert new not in before

    publisher.clock.forward(SWITCH - NOW)

    after = publisher.document()
    assert new in after
    assert old not in after


def test_asking_again_reads_no_partner_and_no_document(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publisher.current()

    def never(*_: object) -> None:
        raise AssertionError("this grows with the number of dienstverleners")

    for name in ("content_hashes", "find", "content_hash"):
        monkeypatch.setattr(SqlRegistry, name, never)

    assert publisher.current() is first


def test_a_mark_is_another_after_each_change(publisher: Publisher) -> None:
    marks = [publisher.store.mark()]

    def changed(**values: object) -> None:
        with publisher.engine.begin() as connection:
            connection.execute(
                update(partner).where(partner.c.entity_id == ENTITY_IDS["dv"]).values(**values)
            )
        marks.append(publisher.store.mark())

    changed(version=1)
    changed(suspended_at=NOW)
    changed(suspended_at=None)
    changed(version=2)
    changed(added_at=NOW + timedelta(days=1))
    publisher.registry.remove(ENTITY_IDS["dv"])
    marks.append(publisher.store.mark())

    assert len(set(marks)) == len(marks) - 1  # resumed: as before it was suspended
    assert marks[1] == marks[3]


def test_each_dienstverlener_has_a_catalogue_of_its_own(publisher: Publisher) -> None:
    assert publisher.editions.current("00000099000000000009") is None

    assert oins(publisher.document(oin("dv"))) == [oin("dv")]
    publisher.save(replace(record_of("dv2"), content_hash="1" * 64))
    assert publisher.current(oin("dv")).sequence == 1
    publisher.save(replace(record_of("dv"), content_hash="1" * 64))
    assert publisher.current(oin("dv")).sequence == 2


def test_of_two_processes_that_make_an_edition_at_once_one_does(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = publisher.another()
    add = SqlEditionStore.add

    def raced(store: SqlEditionStore, edition: Edition, document: bytes, keep: int) -> None:
        monkeypatch.setattr(SqlEditionStore, "add", add)
        assert another.current() is not None
        add(store, edition, document, keep)

    monkeypatch.setattr(SqlEditionStore, "add", raced)

    assert publisher.current() == another.current()
    assert publisher.current().sequence == 1


def test_a_number_that_is_taken_is_not_taken_again(publisher: Publisher) -> None:
    edition = publisher.current()

    with pytest.raises(EditionMade):
        publisher.store.add(edition, b"another", 5)


def test_the_newest_are_kept_and_older_ones_go(publisher: Publisher) -> None:
    made = [Edition("", number, "h", NOW) for number in (1, 2, 3, 4)]
    for edition in made:
        publisher.store.add(edition, b"%d" % edition.sequence, keep=2)

    assert publisher.store.listed("", 9) == tuple(reversed(made[2:]))
    assert publisher.editions.document(made[3]) == b"4"
    with pytest.raises(LookupError):
        publisher.editions.document(made[0])


def test_what_is_too_large_for_one_document_is_not_made_and_each_part_is(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = publisher.store.size()
    monkeypatch.setattr(catalogue_editions, "LIMITS", replace(LIMITS, network_catalogue_bytes=both))
    assert oins(publisher.document()) == [oin("dv"), oin("dv2")]

    publisher.save(replace(record_of("dv"), content_hash="1" * 64))
    monkeypatch.setattr(catalogue_editions, "LIMITS", replace(LIMITS, network_catalogue_bytes=both - 1))
    with pytest.raises(CatalogueTooLarge):
        publisher.current()

    assert oins(publisher.document(oin("dv"))) == [oin("dv")]


def test_while_one_thread_makes_an_edition_others_go_on_with_the_one_before(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, made = publisher.current(), Event()
    publisher.save(replace(record_of("dv"), content_hash="1" * 64))
    slow = Event()

    def slowly(*given: Any, **named: Any) -> bytes:
        made.set()
        assert slow.wait(30)
        return make_network_catalogue(*given, **named)

    monkeypatch.setattr(catalogue_editions, "make_network_catalogue", slowly)
    with ThreadPoolExecutor(1) as other:
        making = other.submit(publisher.current)
        assert made.wait(30)
        meanwhile = [publisher.current(), publisher.another().store.latest("")]
        slow.set()
        assert making.result(30).sequence == 2

    assert meanwhile == [first, first]
    assert publisher.current().sequence == 2
