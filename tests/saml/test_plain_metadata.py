"""Metadata of software that knows SAML but not eHerkenning (profile ``saml``), and the profile that is proposed."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.metadata import read_metadata
from broker.saml.names import BINDING_POST
from broker.saml.names import MD
from broker.saml.partner import Partner
from broker.saml.policy import AES256_CBC
from broker.saml.policy import AES256_GCM
from broker.saml.proposal import propose_profile
from tests.keys import certificate
from tests.saml.builders import SERVICE_ID
from tests.saml.documents import ACS
from tests.saml.documents import NOW
from tests.saml.documents import SERVICE
from tests.saml.documents import dv_metadata
from tests.saml.documents import key_descriptor

POST = (
    '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
    'Location="https://app.example/acs" index="0"/>'
)
REQUESTED = (
    '<md:AttributeConsumingService index="1"><md:ServiceName xml:lang="en">App</md:ServiceName>'
    '<md:RequestedAttribute Name="urn:oid:0.9.2342.19200300.100.1.3"/></md:AttributeConsumingService>'
)
URL = "https://app.example/saml/metadata"
VERSION = 'xmlns:eme="urn:etoegang:{0}:metadata-extension" eme:version="{0}"'
NEWEST = VERSION.format("1.13").replace('version="1.13"', 'version="newest"')


def read(data: bytes, profile: Profile = Profile.SAML) -> tuple[Partner, list[Finding]]:
    partner, report = read_metadata(data, "DV", NOW, profile)
    return partner, report.findings


def app(**changes: str) -> bytes:
    values = {"entity_id": URL, "consumers": POST, "services": "", **changes}
    return dv_metadata(**values)


def around(entity: bytes) -> bytes:
    """The entity in a document that could hold more of them."""
    return b'<md:EntitiesDescriptor xmlns:md="%s">%s</md:EntitiesDescriptor>' % (MD.encode(), entity)


def encrypting(*algorithms: str) -> str:
    methods = "".join(f'<md:EncryptionMethod Algorithm="{each}"/>' for each in algorithms)
    asking = key_descriptor("dv", "encryption").replace(
        "</md:KeyDescriptor>", f"{methods}</md:KeyDescriptor>"
    )
    return key_descriptor("dv", "signing") + asking


def test_ordinary_metadata_needs_nothing_of_the_afsprakenstelsel() -> None:
    name_id = "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>"
    partner, findings = read(app(before=name_id, services=REQUESTED))

    assert [each.reason for each in findings] == ["the metadata is not signed"]
    assert partner.entity_id == URL
    assert (partner.services, partner.default_service) == ({}, None)
    assert [each.binding for each in partner.assertion_consumers] == [BINDING_POST]
    assert partner.signing == partner.encryption == (certificate("dv"),)


def test_a_service_that_it_does_name_counts() -> None:
    assert read(app(services=SERVICE + REQUESTED))[0].services == {7: SERVICE_ID}


def test_a_consumer_for_post_or_artifacts_is_needed() -> None:
    paos = POST.replace("HTTP-POST", "PAOS")
    with pytest.raises(DocumentRefused, match="HTTP-POST or HTTP-Artifact"):
        read(app(consumers=paos))
    assert read(app(consumers=ACS))[0].assertion_consumers


def test_unsigned_requests_are_foretold() -> None:
    (_, findings) = read(app(flags='AuthnRequestsSigned="0"'))

    assert any("only signed requests are taken" in each.reason for each in findings)


def test_two_days_of_validity_count_when_it_is_handed_over_and_not_at_a_login() -> None:
    until = NOW + timedelta(days=2)
    partner, findings = read(app(attributes=f'validUntil="{until:%Y-%m-%dT%H:%M:%SZ}"'))

    assert any("validUntil counts now" in each.reason for each in findings)
    later = until + timedelta(days=30)
    assert connected(partner).holds_at(later)
    assert not partner.holds_at(later)
    with pytest.raises(DocumentRefused, match="validUntil has passed"):
        read_metadata(app(attributes=f'validUntil="{until:%Y-%m-%dT%H:%M:%SZ}"'), "DV", later, Profile.SAML)


def connected(partner: Partner, connection: Connection | None = None) -> Partner:
    return replace(partner, connection=connection or Connection(profile=Profile.SAML))


@pytest.mark.parametrize(
    ("keys", "algorithm"),
    [
        (encrypting(), AES256_CBC),
        (encrypting(AES256_GCM), AES256_GCM),
        (encrypting("http://www.w3.org/2001/04/xmlenc#aes128-cbc", AES256_GCM, AES256_CBC), AES256_GCM),
        (encrypting("http://www.w3.org/2001/04/xmlenc#tripledes-cbc"), AES256_CBC),
        (key_descriptor("dv"), AES256_CBC),
    ],
    ids=["asks nothing", "GCM", "first of ours", "none of ours", "one key for both"],
)
def test_the_assertion_is_encrypted_by_what_the_metadata_asks(keys: str, algorithm: str) -> None:
    sealing = connected(read(app(keys=keys))[0]).sealing(datetime.now(UTC))

    assert sealing is not None
    assert (sealing.algorithm, sealing.recipient.entity_id) == (algorithm, URL)


def test_it_is_not_encrypted_without_a_key_by_wish_or_in_another_profile() -> None:
    without = read(app(keys=key_descriptor("dv", "signing")))[0]
    partner = read(app())[0]

    assert connected(without).sealing(datetime.now(UTC)) is None
    assert (
        connected(partner, Connection(profile=Profile.SAML, encrypt_assertion=False)).sealing(
            datetime.now(UTC)
        )
        is None
    )
    assert connected(partner, Connection(profile=Profile.V1_11)).sealing(datetime.now(UTC)) is None
    assert partner.sealing(datetime.now(UTC)) is None


def test_registers_encrypt_for_its_only_key_when_it_has_none_for_that() -> None:
    without = read(app(keys=key_descriptor("dv", "signing")))[0]

    assert connected(without).recipient(datetime.now(UTC)).certificate == certificate("dv")
    with pytest.raises(NobodyToEncryptFor):
        without.recipient(datetime.now(UTC))


@pytest.mark.parametrize(
    ("document", "profile", "reason"),
    [
        (dv_metadata(attributes=VERSION.format("1.13")), Profile.V1_13, "version 1.13"),
        (dv_metadata(attributes=VERSION.format("1.11")), Profile.V1_11, "version 1.11"),
        (dv_metadata(attributes=VERSION.format("1.9")), Profile.V1_11, "version 1.9"),
        (dv_metadata(attributes=NEWEST), Profile.V1_13, "ServiceID"),
        (dv_metadata(attributes='xmlns:x="urn:x" x:version="1.9"'), Profile.V1_13, "ServiceID"),
        (around(dv_metadata(attributes=VERSION.format("1.11"))), Profile.V1_11, "version 1.11"),
        (dv_metadata(), Profile.V1_13, "ServiceID"),
        (dv_metadata(services=""), Profile.V1_13, "entityID"),
        (dv_metadata(entity_id=URL), Profile.V1_13, "ServiceID"),
        (dv_metadata(entity_id=URL, services=""), Profile.SAML, "neither"),
        (dv_metadata(entity_id=URL, services=REQUESTED), Profile.SAML, "neither"),
        (dv_metadata(consumers=POST), Profile.SAML, "artifacts"),
        (app(), Profile.SAML, "artifacts"),
    ],
    ids=[
        "1.13",
        "1.11",
        "1.9",
        "a version that is none",
        "a version of something else",
        "in a group",
        "a service",
        "a name",
        "a URL that asks",
        "a URL",
        "attributes",
        "no artifacts",
        "app",
    ],
)
def test_the_profile_that_fits_is_proposed_with_its_reason(
    document: bytes, profile: Profile, reason: str
) -> None:
    proposal = propose_profile(document)

    assert proposal.profile is profile
    assert reason in proposal.reason


def test_of_what_is_no_metadata_nothing_is_proposed() -> None:
    with pytest.raises(DocumentRefused):
        propose_profile(b"<a/>")
