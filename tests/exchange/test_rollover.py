"""A planned change of a partner: the clock moves past it, nothing restarts, and the new keys are in use."""

from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import pytest
from lxml import etree

from broker.domain.connection import Connection
from broker.exchange.overlap import VersionBefore
from broker.exchange.partners import Partners
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MetadataNotInForce
from broker.saml.errors import UnknownPartner
from broker.saml.keys import Certificate
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.names import tag
from broker.settings import MAKELAAR
from tests.exchange.builders import Network
from tests.exchange.builders import metadata_of
from tests.exchange.builders import record_of
from tests.exchange.test_receiving import a_failure
from tests.exchange.test_receiving import posted
from tests.keys import certificate
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import NOW

SWITCH = NOW + timedelta(days=3)
END = NOW + timedelta(days=10)


def limited(name: str, key: str, start: datetime | None, end: datetime | None) -> etree._Element:
    """The descriptor of a party with these keys that holds for a while; unsigned, its signature would not hold."""
    element = etree.fromstring(metadata_of(name, key))
    element.remove(element[0])
    if start:
        element.set(tag(METADATA_EXTENSION, "validFrom"), start.isoformat())
    if end:
        element.set("validUntil", end.isoformat())
    return element


def changing(name: str, next_key: str) -> PartnerRecord:
    """A record of two descriptors: the one of today, and one with another key from the switch on."""
    both = etree.Element(tag(MD, "EntitiesDescriptor"))
    both.append(limited(name, name, None, END))
    both.append(limited(name, next_key, SWITCH, None))
    return replace(record_of(name), metadata=etree.tostring(both), content_hash="2" * 64)


@pytest.mark.rule("7.5.11")
def test_past_the_switch_the_new_keys_are_used_without_a_restart(network: Network) -> None:
    hm, registry = network["hm"], network.registries["hm"]
    registry.save(changing("ad", "mallory"))
    assert [each.der for each in hm.partners.find(AD, Role.AD).signing] == [certificate("ad").der]
    reads = registry.reads
    hm.receiver.response(posted(a_failure()), AD, Role.AD)
    with pytest.raises(InvalidSignature):
        hm.receiver.response(posted(a_failure(key="mallory")), AD, Role.AD)

    network.clock.forward(SWITCH - NOW)

    assert [each.der for each in hm.partners.find(AD, Role.AD).signing] == [certificate("mallory").der]
    hm.receiver.response(posted(a_failure(key="mallory")), AD, Role.AD)
    with pytest.raises(InvalidSignature):
        hm.receiver.response(posted(a_failure()), AD, Role.AD)
    assert registry.reads == reads


@pytest.mark.rule("7.5.03")
def test_a_partner_whose_metadata_expires_is_unknown_from_that_moment(network: Network) -> None:
    partners = network["hm"].partners
    expiring = etree.tostring(limited("ad", "ad", None, SWITCH))
    network.registries["hm"].save(replace(record_of("ad"), metadata=expiring, content_hash="3" * 64))
    assert [each.entity_id for each in partners.in_role(Role.AD)] == [AD]

    network.clock.forward(SWITCH - NOW)

    with pytest.raises(MetadataNotInForce, match="has expired") as caught:
        partners.find(AD, Role.AD)
    assert isinstance(caught.value, UnknownPartner)
    assert caught.value.code == "metadata-verlopen"
    assert partners.in_role(Role.AD) == ()
    assert len(partners.versions_in_role(Role.AD)) == 1


@pytest.mark.rule("7.5.03")
def test_a_partner_that_is_announced_is_unknown_until_that_moment(network: Network) -> None:
    partners = network["hm"].partners
    announced = etree.tostring(limited("ad", "ad", SWITCH, None))
    network.registries["hm"].save(replace(record_of("ad"), metadata=announced, content_hash="4" * 64))

    with pytest.raises(MetadataNotInForce, match="come in force"):
        partners.find(AD, Role.AD)
    network.clock.forward(SWITCH - NOW)
    assert partners.find(AD, Role.AD).entity_id == AD


def test_a_dienstverlener_keeps_its_services_past_the_switch(network: Network) -> None:
    partners = network["hm"].partners
    before = partners.find(DV, Role.DV).catalogue
    record = changing("dv", "dv2")
    network.registries["hm"].save(replace(record, catalogue=None))
    assert partners.find(DV, Role.DV).catalogue == {}
    network.registries["hm"].save(replace(record, content_hash="5" * 64, catalogue=unsigned(record)))

    network.clock.forward(SWITCH - NOW)

    after = partners.find(DV, Role.DV)
    assert [each.der for each in after.signing] == [certificate("dv2").der]
    assert after.catalogue == before


def unsigned(record: PartnerRecord) -> bytes:
    """Its catalogue without the signature of the key that is given up."""
    root = etree.fromstring(record.catalogue or b"")
    value = root.find(".//{*}SignatureValue")
    assert value is not None
    value.text = ""
    return etree.tostring(root)


@dataclass
class OldKeys:
    """Keys of before, until the switch; counts how often they are read."""

    reads: int = 0

    def days(self, chosen: int | None) -> int:
        return 1 if chosen is None else chosen

    def kept(self, entity_id: str, days: int) -> tuple[tuple[Certificate, ...], datetime] | None:
        self.reads += 1
        return ((certificate("ad"),), SWITCH) if entity_id == AD else None


def test_the_key_of_before_is_believed_beside_the_new_one_for_as_long_as_was_set(network: Network) -> None:
    registry, old = network.registries["hm"], OldKeys()
    partners = Partners(registry, MAKELAAR.oin, clock=network.clock, overlap=old)
    registry.save(replace(record_of("ad"), metadata=metadata_of("ad", "mallory"), content_hash="6" * 64))

    both = [certificate("mallory").der, certificate("ad").der]
    for _ in range(3):
        assert [each.der for each in partners.find(AD, Role.AD).signing] == both
    assert [each.der for each in partners.find(DV, Role.DV).signing] == [certificate("dv").der]
    assert old.reads == 2, "once for each version of a partner"

    network.clock.forward(SWITCH - NOW)
    assert [each.der for each in partners.find(AD, Role.AD).signing] == [certificate("mallory").der]


def test_what_is_kept_are_the_keys_of_the_version_before_from_its_end_on() -> None:
    before = VersionBefore(lambda _: (record_of("ad"), NOW), 7)
    unreadable = VersionBefore(lambda _: (replace(record_of("ad"), metadata=b"<x/>"), NOW), 7)

    assert before.kept(AD, 7) == ((certificate("ad"),), NOW + timedelta(days=7))
    assert unreadable.kept(AD, 7) is None
    assert VersionBefore(lambda _: None, 7).kept(AD, 7) is None


@pytest.mark.parametrize(
    ("standard", "chosen", "believed"), [(0, None, False), (0, 2, True), (7, None, True), (7, 0, False)]
)
def test_what_was_chosen_for_one_partner_goes_before_what_is_set_for_all(
    network: Network, standard: int, chosen: int | None, believed: bool
) -> None:
    registry, asked = network.registries["hm"], []

    def before(entity_id: str) -> tuple[PartnerRecord, datetime]:
        asked.append(entity_id)
        return record_of("ad"), NOW

    partners = Partners(registry, MAKELAAR.oin, clock=network.clock, overlap=VersionBefore(before, standard))
    record = replace(record_of("ad"), metadata=metadata_of("ad", "mallory"), content_hash="7" * 64)
    registry.save(replace(record, connection=Connection(key_overlap_days=chosen)))

    found = [each.der for each in partners.find(AD, Role.AD).signing]
    assert found == [certificate("mallory").der, *([certificate("ad").der] if believed else [])]
    assert asked == ([AD] if believed else [])
    network.clock.forward(timedelta(days=8))
    assert len(partners.find(AD, Role.AD).signing) == 1
