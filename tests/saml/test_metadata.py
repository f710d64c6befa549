"""What is wrong with metadata, where it stands, and which rule says so."""

import re
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from lxml import etree

from broker.attacks.steps.wrapping import VARIANTS
from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.saml.build import instant
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from broker.saml.metadata import oin_of
from broker.saml.metadata import read_metadata
from broker.saml.metadata import service_id_parts
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.names import SAMLP
from broker.saml.partner import Partner
from tests.attacks.differential import verdicts
from tests.keys import certificate
from tests.saml.builders import DV
from tests.saml.builders import SERVICE_ID
from tests.saml.builders import signed
from tests.saml.documents import ACS
from tests.saml.documents import NOW
from tests.saml.documents import SERVICE
from tests.saml.documents import ad_metadata
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata
from tests.saml.documents import key_descriptor


def read(data: bytes, role: str = "DV") -> tuple[Partner, list[Finding]]:
    partner, report = read_metadata(data, role, NOW)
    return partner, report.findings


def refusal(data: bytes, role: str = "DV") -> list[tuple[int, str, str]]:
    """(line, reason, rule) of each error."""
    with pytest.raises(DocumentRefused) as caught:
        read_metadata(data, role, NOW)
    return [(f.line, f.reason, f.rule) for f in caught.value.findings if f.severity is Severity.ERROR]


@pytest.mark.rule("7.3.01", "7.3.03", "7.3.04", "7.3.05")
def test_a_signed_document_without_a_use_of_keys_is_read_without_a_word() -> None:
    partner, findings = read(signed(etree.fromstring(dv_metadata()), "dv", x509=True))
    assert findings == []
    assert (partner.entity_id, partner.oin, partner.display_name("en")) == (
        DV,
        "00000099000000004000",
        "Gemeente Voorbeeld",
    )
    assert partner.signing == partner.encryption == (certificate("dv"),)
    assert (partner.services, partner.default_service) == ({7: SERVICE_ID}, SERVICE_ID)
    assert [(each.binding, each.location, each.index) for each in partner.assertion_consumers] == [
        (BINDING_ARTIFACT, "https://dv.example.nl/acs", 1)
    ]


@pytest.mark.rule("7.3.01", "7.3.02", "7.3.08")
def test_what_a_document_needs_us_to_tolerate_is_said() -> None:
    _, findings = read(
        dv_metadata(
            flags="",
            before="<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>",
        )
    )
    assert all(finding.severity is Severity.WARNING for finding in findings)
    assert [(finding.line, finding.reason.split()[0]) for finding in findings] == [
        (1, "the"),
        (2, "AuthnRequestsSigned"),
        (2, "WantAssertionsSigned"),
        (4, "NameIDFormat"),
    ]
    assert (
        str(findings[0])
        == "warning: metadata, line 1: the metadata is not signed [Afsprakenstelsel, Digital signature]"
    )


def test_an_entity_inside_entities_is_found() -> None:
    inside = dv_metadata().decode().split("\n", 1)
    wrapped = f'<md:EntitiesDescriptor xmlns:md="{MD}">{inside[0]}\n{inside[1]}</md:EntitiesDescriptor>'
    assert read(wrapped.encode())[0].entity_id == DV


@pytest.mark.rule("7.3.03", "9.21")
def test_keys_are_told_apart_by_use() -> None:
    keys = (
        key_descriptor("dv", "signing")
        + key_descriptor("next", "signing")
        + key_descriptor("mr", "encryption")
    )
    partner, _ = read(dv_metadata(keys=keys))
    assert partner.signing == (certificate("dv"), certificate("next"))
    assert partner.recipient(datetime.now(UTC)).certificate == certificate("mr")


@pytest.mark.rule("7.3.03")
def test_a_signing_key_is_never_encrypted_for() -> None:
    partner, _ = read(dv_metadata(keys=key_descriptor("dv", "signing")))
    with pytest.raises(NobodyToEncryptFor):
        partner.recipient(datetime.now(UTC))


_EXPIRED = 'validUntil="2025-03-03T00:00:00Z"'
_TWO = SERVICE + SERVICE.replace("services:7", "services:8")


@pytest.mark.rule("7.3.03", "7.3.04", "7.3.07")
@pytest.mark.parametrize(
    ("data", "line", "reason", "rule"),
    [
        (b"<a", 1, "not well-formed", "well-formed XML"),
        (b"\n\n<a></b>", 3, "not well-formed", "well-formed XML"),
        (b"<!DOCTYPE a><a/>", 0, "document type", "well-formed XML"),
        (dv_metadata(attributes='x="1"'), 1, "attribute 'x'", "XML schema"),
        (dv_metadata(consumers=ACS.replace('index="1"', 'index="x"')), 5, "'x' is not a valid", "XML schema"),
        (dv_metadata(attributes=_EXPIRED), 1, "validUntil has passed", "SAML metadata 2.3.2"),
        (dv_metadata(attributes='validUntil="2030-01-01T00:00:00"'), 1, "time zone", "SAML core 1.3.3"),
        (dv_metadata(attributes='validUntil="9999-12-31T23:59:59-14:00"'), 1, "dateTime", "SAML core 1.3.3"),
        (dv_metadata(entity_id=f" {DV}"), 1, "white space", "SAML metadata 2.2.1"),
        (dv_metadata(entity_id=DV.replace("e", "\u0435")), 1, "no ASCII", "SAML metadata 2.2.1"),
        (dv_metadata(entity_id=f"{DV}\u200b"), 1, "no ASCII", "SAML metadata 2.2.1"),
        (dv_metadata(entity_id=DV.replace("DV", "AD")), 1, "not one of a DV", "Afsprakenstelsel, EntityID"),
        (dv_metadata(keys=""), 2, "no certificate to verify", "DV metadata for HM"),
        (dv_metadata(keys=key_descriptor("dv", "encryption")), 2, "no certificate to verify", "DV metadata for HM"),
        (
            dv_metadata(keys=key_descriptor().replace("<ds:X509Certificate>M", "<ds:X509Certificate>A")),
            3, "not an X.509 certificate", "Digital signature",
        ),
                (dv_metadata(consumers=ACS.replace("HTTP-Artifact", "HTTP-POST")), 2, "HTTP-Artifact", "Bindings"),
        (dv_metadata(consumers=ACS + ACS), 2, "share an index", "SAML metadata 2.2.3"),
        (dv_metadata(services=_TWO), 6, "index 7", "SAML metadata 2.4.4.1"),
        (dv_metadata(services=SERVICE.replace(SERVICE_ID, "urn:x")), 6, "must be its ServiceID", "DV metadata for HM"),
    ],
    ids=range(19),
)  # fmt: skip
def test_a_fault_is_refused_with_its_line_and_rule(data: bytes, line: int, reason: str, rule: str) -> None:
    errors = refusal(data)
    assert any(found[0] == line and reason in found[1] and rule in found[2] for found in errors), errors


@pytest.mark.rule("9.13")
@pytest.mark.parametrize(
    "location",
    [
        "http://dv.example.nl/acs",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:secret@dv.example.nl/acs",
        "https://",
        "/acs",
        "https://dv.example.nl/a b",
        "https://dv.example.nl/'",
        "https://dv.exämple.nl/acs",
        "https://[::1",
        "https://localhost.evil.example\\@x",
        "https://169.254.169.254/ars",
        "https://[fe80::1]/ars",
        "https://[::ffff:169.254.169.254]/ars",
        "https://0.0.0.0/ars",
        "https://224.0.0.1/ars",
        "ftp://localhost/acs",
    ],
)
def test_a_location_nobody_should_be_sent_to_is_refused(location: str) -> None:
    errors = refusal(dv_metadata(consumers=ACS.replace("https://dv.example.nl/acs", location)))
    assert any(line in (5, 0) and "Location" in reason for line, reason, _ in errors), errors


@pytest.mark.rule("9.13")
@pytest.mark.parametrize(
    "location", ["http://localhost:8000/acs", "http://127.0.0.1/acs", "https://dv.example.nl:8443/a?b=c"]
)
def test_https_is_asked_except_on_this_machine(location: str) -> None:
    read(dv_metadata(consumers=ACS.replace("https://dv.example.nl/acs", location)))


def test_all_faults_are_reported_together() -> None:
    errors = refusal(dv_metadata(attributes=_EXPIRED, keys="", consumers=ACS + ACS))
    assert len(errors) == 3


@pytest.mark.rule("7.3.06")
def test_two_services_without_a_default_are_let_through_with_a_warning() -> None:
    both = (SERVICE + SERVICE.replace("services:7", "services:8").replace('index="7"', 'index="8"')).replace(
        ' isDefault="1"', ""
    )
    partner, findings = read(dv_metadata(services=both))
    assert partner.default_service is None
    assert any("isDefault" in finding.reason and finding.line == 6 for finding in findings)


@pytest.mark.rule("7.3.05")
def test_without_a_list_of_services_a_document_is_let_through_with_a_warning() -> None:
    partner, findings = read(dv_metadata(services=""))
    assert (partner.services, partner.default_service) == ({}, None)
    assert any("AttributeConsumingService" in finding.reason and finding.line == 2 for finding in findings)


@pytest.mark.rule("2.34")
def test_the_only_service_is_the_default() -> None:
    assert read(dv_metadata(services=SERVICE.replace(' isDefault="1"', "")))[0].default_service == SERVICE_ID


@pytest.mark.parametrize("data", [b'<a xmlns="urn:x"/>', dv_metadata() + dv_metadata()])
def test_what_is_no_metadata_is_refused(data: bytes) -> None:
    assert refusal(data)


@pytest.mark.parametrize("count", [0, 2])
def test_one_entity_is_wanted(count: int) -> None:
    inside = "".join(dv_metadata(attributes="").decode().replace("_md", f"_md{n}") for n in range(count))
    document = f'<md:EntitiesDescriptor xmlns:md="{MD}">{inside}</md:EntitiesDescriptor>'
    assert refusal(document.encode())


def test_the_descriptor_of_the_role_is_wanted() -> None:
    assert "IDPSSODescriptor" in refusal(dv_metadata(), "AD")[0][1]
    assert "SPSSODescriptor" in refusal(ad_metadata(), "DV")[0][1]


def test_an_authenticatiedienst_says_which_level_it_delivers() -> None:
    assert read(ad_metadata("loa2plus"), "AD")[0].level is LevelOfAssurance.LOA2PLUS
    for level in (None, "loa9"):
        assert any("assurance-certification" in reason for _, reason, _ in refusal(ad_metadata(level), "AD"))


def test_an_authenticatiedienst_without_a_place_to_log_in_is_refused() -> None:
    assert refusal(ad_metadata(sign_on=False), "AD")


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("urn:etoegang:core:assurance-class:loa3", LevelOfAssurance.LOA3),
        ("http://eidas.europa.eu/LoA/high", LevelOfAssurance.LOA4),
    ],
)
def test_an_eidas_berichtenservice_says_it_in_either_words(told: str, level: LevelOfAssurance) -> None:
    data = ad_metadata("loa3").replace(b"urn:etoegang:core:assurance-class:loa3", told.encode())
    partner, _ = read(data.replace(b"urn:etoegang:AD:", b"urn:etoegang:EB:"), "EB")
    assert partner.level is level
    assert partner.can_be_asked


@pytest.mark.rule("7.5.09")
def test_an_eidas_berichtenservice_is_no_authenticatiedienst() -> None:
    data = ad_metadata().replace(b"urn:etoegang:AD:", b"urn:etoegang:EB:")
    assert any("not one of a AD" in reason for _, reason, _ in refusal(data, "AD"))
    assert refusal(ad_metadata(None).replace(b"urn:etoegang:AD:", b"urn:etoegang:EB:"), "EB")


# Signatures over metadata


@pytest.mark.rule("7.3.01", "9.07")
def test_metadata_signed_with_a_key_it_does_not_hold_is_refused() -> None:
    errors = refusal(signed(etree.fromstring(dv_metadata()), "mallory", x509=True))
    assert [(line, rule) for line, _, rule in errors] == [(1, "Afsprakenstelsel, Digital signature")]


@pytest.mark.rule("7.3.01", "9.07")
def test_metadata_changed_after_signing_is_refused() -> None:
    data = signed(etree.fromstring(dv_metadata()), "dv", x509=True)
    assert refusal(data.replace(b"https://dv.example.nl/acs", b"https://evil.example/acs"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_wrapped_metadata_is_refused_or_read_without_trust(variant: str) -> None:
    original = etree.fromstring(signed(etree.fromstring(dv_metadata()), "dv", x509=True))
    wrapped = etree.tostring(VARIANTS[variant](original, "FORGED"))
    with pytest.raises(DocumentRefused):
        read_metadata(wrapped, "DV", NOW)


def test_judges_accept_the_metadata_we_sign() -> None:
    data = signed(etree.fromstring(dv_metadata()), "dv", x509=True)
    assert all(verdicts(data, [certificate("dv")]).values())


# Identifiers


@pytest.mark.rule("7.2.01")
@pytest.mark.parametrize(
    ("text", "oin"), [(DV, "00000099000000004000"), (DV + " ", None), ("https://x", None), (DV.upper(), None)]
)
def test_the_oin_stands_in_an_entity_id_of_the_stelsel_only(text: str, oin: str | None) -> None:
    assert oin_of(text) == oin


@pytest.mark.rule("7.2.05", "7.2.06")
def test_a_service_id_falls_into_oin_and_number() -> None:
    assert service_id_parts(SERVICE_ID) == ("00000099000000004000", "7")
    assert service_id_parts(SERVICE_ID[:-1] + "9052") == ("00000099000000004000", "9052")
    assert service_id_parts(SERVICE_ID + "\n") is None


def test_white_space_within_an_entity_id_is_refused_as_well() -> None:
    with pytest.raises(DocumentRefused, match="white space"):
        read_metadata(dv_metadata(entity_id=f"{DV}&#10;x"), "DV", NOW)


@pytest.mark.rule("7.3.09")
@pytest.mark.parametrize("version", ["1.11", "1.13"])
def test_the_version_of_the_interface_may_stand_in_the_metadata(version: str) -> None:
    attribute = f'xmlns:eme="urn:etoegang:{version}:metadata-extension" eme:version="{version}"'
    data = signed(etree.fromstring(dv_metadata(attributes=attribute)), "dv", x509=True)
    partner, findings = read(data)
    assert (partner.entity_id, findings) == (DV, [])


@pytest.mark.rule("7.4.15")
@pytest.mark.parametrize(
    "name", ["AA:BB:0C", "3f0c" * 16, "8b0c1e0a-4f0a-4a0e-a1de-0c5a3c2b9d10", "sleutel 1"]
)
def test_a_key_name_is_kept_as_it_is(name: str) -> None:
    keys = key_descriptor().replace(certificate("dv").key_name, name)
    partner, _ = read(dv_metadata(keys=keys))
    assert [key.key_name for key in (*partner.signing, *partner.encryption)] == [name, name]


@pytest.mark.rule("2.40", "7.2.03")
@pytest.mark.parametrize("entity_id", ["https://dv.example.nl/saml", "https://dv.example.nl/saml/"])
def test_an_entity_id_that_is_a_url_is_kept_as_it_is_with_a_warning(entity_id: str) -> None:
    partner, findings = read(dv_metadata(entity_id=entity_id))
    assert (partner.entity_id, partner.oin) == (entity_id, None)
    assert any("not of the form urn:etoegang" in finding.reason for finding in findings)
    assert {finding.severity for finding in findings} == {Severity.WARNING}


_SLO = (
    '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
    'Location="https://dv.example.nl/slo" ResponseLocation="{}"/>'
)


def test_where_a_logout_is_answered_may_be_another_address() -> None:
    partner, _ = read(dv_metadata(before=_SLO.format("https://dv.example.nl/slo/answer")))
    (endpoint,) = partner.logout
    assert endpoint.location == "https://dv.example.nl/slo"
    assert endpoint.for_responses.location == "https://dv.example.nl/slo/answer"
    assert replace(endpoint, response_location=None).for_responses.location == endpoint.location


def test_that_address_must_be_good_as_well() -> None:
    errors = refusal(dv_metadata(before=_SLO.format("http://dv.example.nl/answer")))
    assert any("SingleLogoutService Location must be https" in reason for _, reason, _ in errors), errors


def two_services(second: str = "") -> str:
    """The service of the document twice, as index 7 and 8, the second with other flags."""
    other = SERVICE.replace('index="7"', 'index="8"').replace('services:7"', 'services:8"')
    return SERVICE.replace(' isDefault="1"', "") + other.replace(' isDefault="1"', second)


def test_one_service_is_the_default_without_saying_so_and_of_two_one_must_say_it() -> None:
    alone = read_metadata(dv_metadata(services=SERVICE.replace(' isDefault="1"', "")), "DV", NOW)
    several = read_metadata(dv_metadata(services=two_services()), "DV", NOW)
    chosen = read_metadata(dv_metadata(services=two_services(' isDefault="1"')), "DV", NOW)
    assert ["must be isDefault" in str(report.findings) for _, report in (alone, several, chosen)] == [
        False,
        True,
        False,
    ]
    assert [partner.default_service for partner, _ in (alone, several, chosen)] == [
        SERVICE_ID,
        None,
        SERVICE_ID[:-1] + "8",
    ]


def test_metadata_that_comes_in_force_this_second_is_not_remarked_on() -> None:
    for off, ahead in ((timedelta(0), False), (timedelta(seconds=1), True)):
        text = instant(NOW + off)
        attribute = f'xmlns:eme="{METADATA_EXTENSION}" eme:validFrom="{text}"'
        partner, report = read_metadata(dv_metadata(attributes=attribute), "DV", NOW)
        assert partner.valid_from == NOW + off
        assert ("validFrom lies ahead" in str(report.findings)) == ahead


def test_a_service_that_asks_for_nothing_has_no_service_id() -> None:
    bare = re.sub("<md:RequestedAttribute[^>]*/>", "", SERVICE)
    with pytest.raises(DocumentRefused):
        read_metadata(dv_metadata(services=bare), "DV", NOW)


def test_a_key_for_signing_says_nothing_of_encryption() -> None:
    gcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
    method = f'<md:EncryptionMethod Algorithm="{gcm}"/></md:KeyDescriptor>'
    encrypting = key_descriptor("dv", "encryption")
    signing = key_descriptor("dv", "signing")
    asking = [each.replace("</md:KeyDescriptor>", method) for each in (signing, encrypting)]
    told = [
        [key.asked for key in read_metadata(dv_metadata(keys=keys), "DV", NOW)[0].encryption]
        for keys in (signing + asking[1], encrypting + asking[0])
    ]
    assert told == [[gcm], [None]]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (dv_metadata().replace(b"md:EntityDescriptor", b"md:EntitiesDescriptor"), "EntitiesDescriptor"),
        (catalogue(), "ServiceCatalogue"),
    ],
)
def test_a_document_without_entity_is_refused_by_its_name(data: bytes, found: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_metadata(data, "DV", NOW)
    assert found in str(refused.value)


def test_metadata_in_a_message_is_no_metadata() -> None:
    message = (
        f'<samlp:LogoutResponse xmlns:samlp="{SAMLP}" ID="_r" Version="2.0" IssueInstant="2025-03-03T00:00:00Z">'
        f"<samlp:Extensions>{dv_metadata().decode()}</samlp:Extensions>"
        f'<samlp:Status><samlp:StatusCode Value="x"/></samlp:Status></samlp:LogoutResponse>'
    )
    assert any("one EntityDescriptor is needed" in reason for _, reason, _ in refusal(message.encode()))


def test_roles_of_other_protocols_are_left_out_for_nobody_but_a_plain_identity_provider() -> None:
    other = (
        '<md:RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="urn:fed" '
        'xsi:type="fed:Service" protocolSupportEnumeration="urn:fed"/><md:Organization>'
    )
    data = dv_metadata().replace(b"<md:Organization>", other.encode())
    assert {rule for _, _, rule in refusal(data)} == {"XML schema"}


def test_of_a_makelaar_with_both_roles_that_towards_its_partners_counts() -> None:
    provider = ad_metadata().partition(b"<md:IDPSSODescriptor")[2].partition(b"</md:IDPSSODescriptor>")[0]
    both = b"<md:IDPSSODescriptor%s</md:IDPSSODescriptor><md:Organization>" % provider
    data = dv_metadata(entity_id=DV.replace(":DV:", ":HM:")).replace(b"<md:Organization>", both)
    assert read(data, "HM")[0].signing == (certificate("dv"),)


def test_the_profile_of_a_dienstverlener_says_nothing_of_other_roles() -> None:
    assert read_metadata(ad_metadata(), "AD", NOW, Profile.SAML)[0].can_be_asked


def test_an_entity_id_of_another_form_is_remarked_on_for_a_participant_too() -> None:
    data = ad_metadata().replace(b"urn:etoegang:AD:00000099000000002000:entities:0001", b"urn:other")
    assert any("not of the form urn:etoegang" in each.reason for each in read(data, "AD")[1])


def test_a_finding_on_the_whole_names_no_line() -> None:
    whole = Finding(Severity.ERROR, "metadata", 0, "it is odd", "a rule")
    assert str(whole) == "error: metadata: it is odd [a rule]"


def test_a_participant_is_told_the_rules_of_participants() -> None:
    def rules(role: str, data: bytes) -> set[str]:
        with pytest.raises(DocumentRefused) as refused:
            read_metadata(data, role, NOW)
        return {each.rule for each in refused.value.findings if "Descriptor is needed" in each.reason}

    assert rules("AD", dv_metadata()) == {"Afsprakenstelsel, Metadata for participants"}
    assert rules("DV", ad_metadata()) == {"Afsprakenstelsel, DV metadata for HM"}
