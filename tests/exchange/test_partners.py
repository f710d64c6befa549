"""Partners as the registry has them at this moment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.exchange.partners import read_record
from broker.ports import Role
from broker.saml.artifact import source_id
from broker.saml.errors import UnknownPartner
from broker.saml.findings import DocumentRefused
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import OTHER_DV
from tests.exchange.builders import Network
from tests.exchange.builders import record_of
from tests.exchange.builders import service_of
from tests.keys import certificate
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import NOW


def test_a_partner_is_found_by_entity_id_and_role(network: Network) -> None:
    partner = network["hm"].partners.find(DV, Role.AD, Role.DV)

    assert partner.entity_id == DV
    assert [each.der for each in partner.signing] == [certificate("dv").der]
    assert partner.catalogue == {service_of("dv").service_id: service_of("dv")}


@pytest.mark.parametrize("role", [Role.AD, Role.MR, Role.HM])
def test_in_another_role_it_is_unknown(network: Network, role: Role) -> None:
    with pytest.raises(UnknownPartner, match="role"):
        network["hm"].partners.find(DV, role)


@pytest.mark.rule("7.2.03")
@pytest.mark.parametrize("entity_id", ["", "urn:nobody", DV + " ", DV.upper(), DV[:-1]])
def test_an_entity_id_counts_byte_for_byte(network: Network, entity_id: str) -> None:
    with pytest.raises(UnknownPartner):
        network["hm"].partners.find(entity_id, Role.DV)


def test_all_partners_in_a_role_stand_in_order(network: Network) -> None:
    assert [partner.entity_id for partner in network["hm"].partners.in_role(Role.DV)] == [DV, OTHER_DV]
    assert [partner.entity_id for partner in network["hm"].partners.in_role(Role.AD)] == [AD]
    assert network["hm"].partners.in_role(Role.HM) == ()


@pytest.mark.rule("3.1.05")
def test_the_source_id_of_an_artifact_leads_to_its_partner(network: Network) -> None:
    assert network["hm"].partners.by_source_id(source_id(DV), Role.DV).entity_id == DV


@pytest.mark.parametrize(
    ("entity_id", "role"), [("urn:nobody", Role.DV), (DV, Role.AD)], ids=["nobody", "other role"]
)
def test_or_to_nobody(network: Network, entity_id: str, role: Role) -> None:
    with pytest.raises(UnknownPartner):
        network["hm"].partners.by_source_id(source_id(entity_id), role)


def test_documents_are_read_once_for_as_long_as_they_stay_the_same(network: Network) -> None:
    registry, partners = network.registries["hm"], network["hm"].partners
    first = partners.find(DV, Role.DV)
    reads = registry.reads

    assert partners.find(DV, Role.DV) is first
    assert registry.reads == reads


def test_a_partner_that_changed_is_another_at_once(network: Network) -> None:
    partners = network["hm"].partners
    before = partners.find(DV, Role.DV)

    network.registries["hm"].save(record_of("dv", key="dv2"))

    after = partners.find(DV, Role.DV)
    assert [each.der for each in before.signing] == [certificate("dv").der]
    assert [each.der for each in after.signing] == [certificate("dv2").der]
    assert partners.in_role(Role.DV)[0] is after


def test_a_partner_that_changed_back_is_as_it_was(network: Network) -> None:
    partners, registry = network["hm"].partners, network.registries["hm"]
    before = partners.find(DV, Role.DV)
    registry.save(record_of("dv", key="dv2"))
    partners.find(DV, Role.DV)

    registry.save(record_of("dv"))

    assert partners.find(DV, Role.DV) == before


def test_a_partner_that_was_removed_is_gone_at_once(network: Network) -> None:
    partners = network["hm"].partners
    partners.find(DV, Role.DV)

    network.registries["hm"].remove(DV)

    with pytest.raises(UnknownPartner):
        partners.find(DV, Role.DV)
    assert [partner.entity_id for partner in partners.in_role(Role.DV)] == [OTHER_DV]


def test_a_partner_that_changes_while_it_is_read_is_not_mixed_up(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = network.registries["hm"]
    monkeypatch.setattr(registry, "content_hash", lambda _: "0" * 64)

    with pytest.raises(UnknownPartner, match="changed"):
        network["hm"].partners.find(DV, Role.DV)


def test_one_that_can_no_longer_be_read_is_unknown_and_takes_nobody_along(network: Network) -> None:
    network.registries["hm"].save(replace(record_of("dv"), metadata=b"<a/>", content_hash="0" * 64))

    with pytest.raises(UnknownPartner, match="no longer good"):
        network["hm"].partners.find(DV, Role.DV)
    assert [partner.entity_id for partner in network["hm"].partners.in_role(Role.DV)] == [OTHER_DV]


def test_nor_does_one_that_changes_while_the_list_is_made(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = [(DV, "0" * 64), (OTHER_DV, record_of("dv2").content_hash)]
    monkeypatch.setattr(network.registries["hm"], "content_hashes", lambda _: hashes)

    assert [partner.entity_id for partner in network["hm"].partners.in_role(Role.DV)] == [OTHER_DV]


def test_reading_a_record_gives_partner_and_warnings() -> None:
    partner, findings = read_record(record_of("dv"), MAKELAAR_OIN, NOW)

    assert partner.catalogue
    assert findings == ()


def test_reading_says_what_is_wrong_with_either_document() -> None:
    record = record_of("dv")

    with pytest.raises(DocumentRefused) as metadata:
        read_record(replace(record, metadata=record.metadata + b"x"), MAKELAAR_OIN, NOW)
    with pytest.raises(DocumentRefused) as catalogue:
        read_record(replace(record, catalogue=b"<a/>"), MAKELAAR_OIN, NOW)
    with pytest.raises(DocumentRefused) as makelaar:
        read_record(record, "00000099000000009000", NOW + timedelta(days=1))

    assert {finding.document for finding in metadata.value.findings} == {"metadata"}
    assert {finding.document for finding in catalogue.value.findings} == {"catalogue"}
    assert "HerkenningsmakelaarId" in str(makelaar.value)
