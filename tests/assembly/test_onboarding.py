"""Registering partners: what is refused changes nothing, and what is let in is kept as it was handed over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.assembly.onboarding import make_record
from broker.assembly.onboarding import register
from broker.exchange.partners import Partners
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from broker.saml.partner import Partner
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import MemoryRegistry
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.keys import certificate
from tests.saml import documents
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import NOW
from tests.saml.builders import SERVICE_ID

BROKEN = b"<broken"


def registered(
    registry: MemoryRegistry,
    metadata: bytes | None = None,
    catalogue: bytes | None = None,
    role: Role = Role.DV,
    makelaar_oin: str = MAKELAAR_OIN,
) -> tuple[Partner, tuple[Finding, ...]]:
    return register(
        registry,
        role,
        metadata or metadata_of("dv"),
        catalogue or (catalogue_of("dv") if role is Role.DV else None),
        makelaar_oin=makelaar_oin,
        now=NOW,
    )


def brought_again(registry: MemoryRegistry, metadata: bytes, role: Role = Role.AD) -> None:
    register(registry, role, metadata, None, makelaar_oin=MAKELAAR_OIN, now=NOW, new_keys=False)


def test_who_is_known_comes_with_a_key_that_is_known() -> None:
    registry = MemoryRegistry()
    registered(registry, metadata_of("ad"), role=Role.AD)

    brought_again(registry, metadata_of("ad"))
    with pytest.raises(DocumentRefused, match="--new-keys"):
        brought_again(registry, metadata_of("ad", "mr"))

    record = registry.find(AD)
    assert record is not None
    assert record.metadata == metadata_of("ad")


def test_what_can_no_longer_be_read_vouches_for_no_key() -> None:
    registry = MemoryRegistry()
    registered(registry, metadata_of("ad"), role=Role.AD)
    record = registry.find(AD)
    assert record is not None
    registry.save(replace(record, metadata=BROKEN))

    with pytest.raises(DocumentRefused, match="--new-keys"):
        brought_again(registry, metadata_of("ad"))


def test_a_dienstverlener_is_kept_as_it_was_handed_over() -> None:
    registry = MemoryRegistry()

    partner, findings = registered(registry)

    record = registry.find(DV)
    assert record is not None
    assert (record.role, record.metadata, record.catalogue) == (
        Role.DV,
        metadata_of("dv"),
        catalogue_of("dv"),
    )
    assert record.added_at == NOW
    assert partner == Partners(registry, MAKELAAR_OIN).find(DV, Role.DV)
    assert findings == ()


def test_other_roles_need_no_catalogue() -> None:
    registry = MemoryRegistry()

    partner, _ = registered(registry, metadata_of("ad"), role=Role.AD)

    assert partner.entity_id == AD
    assert registry.content_hashes(Role.AD)


def test_a_dienstverlener_without_a_catalogue_is_refused() -> None:
    registry = MemoryRegistry()

    with pytest.raises(DocumentRefused, match="needs a dienstencatalogus"):
        register(registry, Role.DV, metadata_of("dv"), None, makelaar_oin=MAKELAAR_OIN, now=NOW)

    assert registry.find(DV) is None


@pytest.mark.parametrize(
    ("metadata", "catalogue", "role", "makelaar_oin"),
    [
        (BROKEN, None, Role.DV, MAKELAAR_OIN),
        (None, BROKEN, Role.DV, MAKELAAR_OIN),
        (None, catalogue_of("dv2"), Role.DV, MAKELAAR_OIN),
        (None, None, Role.DV, "00000099000000009000"),
        (metadata_of("dv"), None, Role.AD, MAKELAAR_OIN),
    ],
    ids=["metadata", "catalogue", "catalogue of another", "catalogue for another makelaar", "another role"],
)
def test_what_is_refused_leaves_in_force_what_was_there(
    metadata: bytes | None, catalogue: bytes | None, role: Role, makelaar_oin: str
) -> None:
    registry = MemoryRegistry()
    registered(registry)
    before = registry.find(DV)

    with pytest.raises(DocumentRefused) as refused:
        registered(registry, metadata, catalogue, role, makelaar_oin)

    assert any(finding.severity is Severity.ERROR for finding in refused.value.findings)
    assert registry.find(DV) == before
    assert registry.content_hashes(Role.AD) == []


def test_adding_again_replaces_what_was_there() -> None:
    registry = MemoryRegistry()
    registered(registry)

    partner, _ = registered(registry, metadata_of("dv", "dv2"), catalogue_of("dv", "dv2"))

    assert [each.der for each in partner.signing] == [certificate("dv2").der]
    assert Partners(registry, MAKELAAR_OIN).find(DV, Role.DV) == partner
    assert len(registry.content_hashes(Role.DV)) == 1


def test_adding_the_same_again_keeps_the_first_record() -> None:
    registry = MemoryRegistry()
    registered(registry)

    register(
        registry,
        Role.DV,
        metadata_of("dv"),
        catalogue_of("dv"),
        makelaar_oin=MAKELAAR_OIN,
        now=NOW + timedelta(days=1),
    )

    record = registry.find(DV)
    assert record is not None
    assert record.added_at == NOW


def test_the_hash_is_over_both_documents_and_where_they_meet() -> None:
    metadata, catalogue = metadata_of("dv"), catalogue_of("dv")
    space = metadata + b"\n"

    pairs = ((metadata, catalogue), (metadata, None), (space, catalogue), (metadata, b"\n" + catalogue))
    hashes = [make_record(Role.DV, first, second, NOW).content_hash for first, second in pairs]

    assert len(set(hashes)) == 4
    assert make_record(Role.DV, metadata, catalogue, NOW + timedelta(days=1)).content_hash == hashes[0]


def test_a_service_that_another_dienstverlener_has_is_refused() -> None:
    registry = MemoryRegistry()
    registered(registry, documents.dv_metadata(), documents.catalogue())
    thief = documents.dv_metadata(entity_id="https://other.example/saml")

    with pytest.raises(DocumentRefused, match="registered by another dienstverlener"):
        registered(registry, thief, documents.catalogue())

    assert registry.find("https://other.example/saml") is None
    registered(registry, documents.dv_metadata(attributes='cacheDuration="P1D"'), documents.catalogue())


def test_two_that_would_get_the_same_pseudonyms_are_pointed_out() -> None:
    registry = MemoryRegistry()
    registered(registry, documents.dv_metadata(), documents.catalogue())
    number = f"{SERVICE_ID}8"
    second = documents.dv_metadata(entity_id=f"{DV}2").replace(SERVICE_ID.encode(), number.encode())

    _, findings = registered(registry, second, documents.catalogue(instances=documents.instance(number)))

    assert any("same pseudonym" in finding.reason and DV in finding.reason for finding in findings)
