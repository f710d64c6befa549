"""The dienstencatalogus: what is read, what is published, and what is wrong with one, by line and rule."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from lxml import etree

from broker.domain.connection import Connection
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import Service
from broker.saml.catalogue import make_network_catalogue
from broker.saml.catalogue import read_catalogue
from broker.saml.catalogue import read_network_catalogue
from broker.saml.encryption import Recipient
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from broker.saml.metadata import read_metadata
from broker.saml.parsing import parse
from broker.saml.partner import Partner
from broker.saml.schema import list_faults
from tests.attacks.differential import assert_all_judges_agree
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import SERVICE_ID
from tests.saml.builders import SERVICE_UUID
from tests.saml.builders import signed
from tests.saml.documents import CONCERNED
from tests.saml.documents import INSTANCE
from tests.saml.documents import MAKELAAR
from tests.saml.documents import NOW
from tests.saml.documents import catalogue
from tests.saml.documents import definition
from tests.saml.documents import dv_metadata
from tests.saml.documents import instance
from tests.saml.documents import key_descriptor


def a_partner(**options: str) -> Partner:
    return read_metadata(dv_metadata(**options), "DV", NOW)[0]


def read(data: bytes, partner: Partner | None = None) -> tuple[dict[str, Service], list[Finding]]:
    services, report = read_catalogue(data, partner or a_partner(), MAKELAAR)
    return services, report.findings


def refusal(data: bytes, partner: Partner | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(DocumentRefused) as caught:
        read_catalogue(data, partner or a_partner(), MAKELAAR)
    return [(f.line, f.reason, f.rule) for f in caught.value.findings if f.severity is Severity.ERROR]


@pytest.mark.rule("7.1.01", "7.1.05", "7.1.06")
def test_an_instance_is_joined_with_its_definition() -> None:
    services, findings = read(signed(etree.fromstring(catalogue()), "dv", x509=True))
    assert findings == []
    service = services[SERVICE_ID]
    assert (service.service_uuid, service.instance_uuid, service.level) == (
        SERVICE_UUID,
        INSTANCE,
        LevelOfAssurance.LOA3,
    )
    assert (service.name("en"), service.dienstverlener_name("nl")) == ("Vergunning", "Gemeente Voorbeeld")
    assert {oin.value for oin in service.makelaars} == {MAKELAAR}
    assert not service.is_portal
    assert service.accepts_ketenmachtiging
    assert not service.accepts_vestiging


@pytest.mark.rule("7.1.12", "7.1.13")
def test_identifier_sets_stand_in_the_order_of_their_numbers() -> None:
    services, _ = read(catalogue())
    kvk, rsin = IdentifierType.KVKNR, IdentifierType.RSIN
    assert services[SERVICE_ID].identifier_sets == ((rsin, kvk), (kvk,))


@pytest.mark.rule("7.1.12")
def test_a_set_with_an_identifier_that_we_cannot_deliver_is_left_out_whole() -> None:
    bsn = CONCERNED.replace("EntityConcernedID:RSIN", "EntityConcernedID:BSN")
    services, _ = read(catalogue(definitions=definition(concerned=bsn)))
    assert services[SERVICE_ID].deliverable_sets == ((IdentifierType.KVKNR,),)


def test_restrictions_classifiers_and_portal_are_read() -> None:
    restriction = f"<esc:ServiceRestrictionsAllowed>{VESTIGING_RESTRICTION}</esc:ServiceRestrictionsAllowed>"
    classifier = f"<esc:Classifiers><esc:Classifier>{NO_CHAIN_CLASSIFIER}</esc:Classifier></esc:Classifiers>"
    data = catalogue(
        definitions=definition(more=restriction),
        instances=instance(more=classifier, portal=' esc:IsPortal="1"'),
    )
    service = read(data)[0][SERVICE_ID]
    assert (service.accepts_vestiging, service.accepts_ketenmachtiging, service.is_portal) == (
        True,
        False,
        True,
    )


@pytest.mark.rule("1.2.01")
@pytest.mark.rule("1.9.01")
def test_an_intermediated_service_needs_no_definition_of_its_own() -> None:
    of = f"<esc:InstanceOfService>{SERVICE_UUID}</esc:InstanceOfService>"
    taken = "<esc:IntermediatedService>5a3b1c2d-0000-4000-8000-000000000008</esc:IntermediatedService>"
    for reference in (taken, of.replace(SERVICE_UUID, INSTANCE) + taken):
        data = catalogue(instances=instance().replace(of, reference))
        services, findings = read(data)
        service = services[SERVICE_ID]
        assert service.intermediated_service == "5a3b1c2d-0000-4000-8000-000000000008"
        assert not service.is_defined
        assert (service.names, service.identifier_sets) == ({}, ())
        assert [each.reason for each in findings if "not signed" not in each.reason] == []
    defined = read(catalogue(instances=instance().replace(of, of + taken)))[0][SERVICE_ID]
    assert defined.is_defined
    assert defined.service_uuid == SERVICE_UUID


@pytest.mark.rule("1.4.01", "1.4.07")
@pytest.mark.parametrize(("number", "is_portal"), [(0, True), (1, False), (10, False), (9999, False)])
def test_service_0_is_a_portal_in_the_older_way_and_no_other_number_is(number: int, is_portal: bool) -> None:
    service_id = f"{SERVICE_ID.rpartition(':')[0]}:{number}"
    partner = replace(a_partner(), services={})
    services, _ = read(catalogue(instances=instance(service_id=service_id)), partner)
    assert services[service_id].is_portal is is_portal


@pytest.mark.rule("1.4.02")
def test_a_portal_may_list_the_services_it_stands_for() -> None:
    listed = (
        "<esc:PortalForService>0e5d3c4b</esc:PortalForService><esc:PortalForService>x</esc:PortalForService>"
    )
    data = catalogue(instances=instance(more=listed, portal=' esc:IsPortal="true"'))
    services, findings = read(data)
    assert services[SERVICE_ID].portal_for == ("0e5d3c4b", "x")
    reasons = [finding.reason for finding in findings]
    assert any("names a service that is not in this catalogue" in reason for reason in reasons)
    assert any("stands for no service" in reason for reason in reasons)


def test_another_makelaar_first_and_us_additionally_is_fine() -> None:
    more = f"<esc:AdditionalHerkenningsmakelaarId>{MAKELAAR}</esc:AdditionalHerkenningsmakelaarId>"
    services, _ = read(catalogue(instances=instance(makelaar="00000099000000009000", more=more)))
    assert len(services[SERVICE_ID].makelaars) == 2


@pytest.mark.rule("7.1.17")
def test_an_empty_signature_and_an_id_with_a_digit_are_let_through_with_a_warning() -> None:
    data = catalogue(attributes='ID="1a"')
    assert [(finding.severity, finding.line) for finding in read(data)[1]] == [(Severity.WARNING, 1)] * 2


_OTHER = "4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d99"
_PSEUDO = CONCERNED.replace("KvKnr", "Pseudo").replace("RSIN", "Pseudo")
_ASKED = '<esc:RequestedAttribute Name="urn:etoegang:1.9:EntityConcernedID:KvKnr"/>'
_BROKEN_KEY = key_descriptor("dv", "encryption").replace("<ds:X509Certificate>M", "<ds:X509Certificate>A")


@pytest.mark.rule("1.2.01", "5.02", "7.1.03", "7.1.05", "7.1.19", "7.2.05")
@pytest.mark.parametrize(
    ("data", "line", "reason", "rule"),
    [
        (b"<a", 1, "not well-formed", "well-formed XML"),
        (dv_metadata(), 1, "not a ServiceCatalogue", "Service catalog"),
        (catalogue(attributes='x="1"'), 1, "attribute 'x'", "XML schema"),
        (catalogue(provider="1"), 2, "'1'", "XML schema"),
        (catalogue(definitions=definition() + definition()), 4, "same ServiceUUID", "Service catalog"),
        (catalogue(instances=instance() + instance()), 5, "occurs twice", "Service catalog"),
        (catalogue(instances=instance(of=_OTHER)), 5, "names no definition", "Service catalog"),
        (catalogue(definitions=definition(level="loa9")), 5, "", "Service catalog"),
        (catalogue(definitions=definition(level="loa1")), 5, "loa1 was withdrawn", "Betrouwbaarheidsniveaus"),
        (catalogue(instances=instance(service_id="urn:x")), 5, "ServiceID is not", "ServiceID"),
        (
            catalogue(instances=instance(service_id=SERVICE_ID.replace("4000", "4001"))),
            5, "OIN in the ServiceID", "ServiceID",
        ),
        (catalogue(provider="00000099000000004001"), 5, "OIN in the entityID", "Service catalog"),
        (catalogue(instances=instance(makelaar="00000099000000009000")), 5, "not this makelaar", "Service catalog"),
        (catalogue(instances=instance(SERVICE_ID[:-1] + "8")), 0, "index 7", "Service catalog"),
        (catalogue(definitions=definition(more=_ASKED)), 4, "not asked as RequestedAttribute", "Service catalog"),
        (
            catalogue(instances=instance(more=f"<esc:ServiceCertificate>{_BROKEN_KEY}</esc:ServiceCertificate>")),
            5, "ServiceCertificate", "Service catalog",
        ),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_fault_is_refused_with_its_line_and_rule(data: bytes, line: int, reason: str, rule: str) -> None:
    errors = refusal(data)
    assert any(found[0] == line and reason in found[1] and rule in found[2] for found in errors), errors


def test_two_providers_are_one_too_many() -> None:
    provider = catalogue().decode().partition("\n")[2].partition("\n\n")[0]
    errors = refusal(catalogue(more=provider))
    assert any("one ServiceProvider" in reason and line == 1 for line, reason, _ in errors)


def test_without_any_certificate_to_encrypt_for_a_service_is_refused() -> None:
    errors = refusal(catalogue(), a_partner(keys=key_descriptor("dv", "signing")))
    assert [(line, rule) for line, _, rule in errors] == [(5, "Afsprakenstelsel, End-to-end encryption")]


@pytest.mark.rule("7.1.20", "9.07")
def test_a_catalogue_signed_by_another_is_refused() -> None:
    errors = refusal(signed(etree.fromstring(catalogue()), "mallory", x509=True))
    assert [(line, rule) for line, _, rule in errors] == [(1, "Afsprakenstelsel, Digital signature")]


@pytest.mark.rule("7.1.18")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (catalogue(definitions=definition(lang="en")), "no Dutch"),
        (
            catalogue(
                definitions=definition(concerned=CONCERNED.replace("KvKnr", "BSN").replace("RSIN", "BSN"))
            ),
            "identifier sets",
        ),
        (
            catalogue(
                definitions=definition(
                    concerned=CONCERNED.replace("KvKnr", "RSIN"),
                    more=f"<esc:ServiceRestrictionsAllowed>{VESTIGING_RESTRICTION}</esc:ServiceRestrictionsAllowed>",
                )
            ),
            "needs the KvK-nummer",
        ),
    ],
)
def test_what_is_odd_but_workable_is_a_warning(data: bytes, reason: str) -> None:
    assert any(reason in finding.reason and finding.line == 5 for finding in read(data)[1])


_NAME = "Vergunning"
_UUID = f"<esc:ServiceUUID>{SERVICE_UUID}</esc:ServiceUUID>"


@pytest.mark.rule("7.1.02", "7.1.04")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_UUID, ""),
        (
            f'<esc:ServiceName xml:lang="nl">{_NAME}</esc:ServiceName>',
            f"<esc:ServiceName>{_NAME}</esc:ServiceName>",
        ),
        (_NAME, "x" * 65),
        (">x</esc:ServiceDescription>", f">{'x' * 1025}</esc:ServiceDescription>"),
        ("Gemeente Voorbeeld", "x" * 65),
    ],
    ids=[
        "out of order",
        "without language",
        "name too long",
        "description too long",
        "organisation too long",
    ],
)
def test_the_order_and_the_lengths_are_those_of_the_schema(old: str, new: str) -> None:
    text = catalogue().decode()
    assert old in text
    changed = text.replace(old, new, 1)
    if not new:
        changed = changed.replace("</esc:ServiceName>", f"</esc:ServiceName>{old}", 1)
    assert {rule for _, _, rule in refusal(changed.encode())} == {"XML schema"}


@pytest.mark.rule("7.1.04")
def test_names_and_descriptions_may_be_as_long_as_the_schema_says() -> None:
    name, description = "x" * 64, f">{'x' * 1024}</esc:ServiceDescription>"
    text = catalogue().decode().replace(_NAME, name, 1).replace(">x</esc:ServiceDescription>", description)
    assert description in text
    services, _ = read(text.encode())
    assert services[SERVICE_ID].name("nl") == name


@pytest.mark.rule("7.1.08")
@pytest.mark.parametrize(
    "version",
    ["urn:etoegang:1.13:53", "urn:etoegang:1.10:53", "urn:etoegang:1.13:service-catalogue:P:7", "12"],
)
def test_a_version_is_not_judged_by_its_form(version: str) -> None:
    data = catalogue().replace(b'esc:Version="1"', f'esc:Version="{version}"'.encode())
    assert version.encode() in data
    assert SERVICE_ID in read(data)[0]


@pytest.mark.rule("5.02")
def test_a_withdrawn_level_is_let_through_where_the_operator_allows_it() -> None:
    withdrawn = catalogue(definitions=definition(level="loa1"))
    services, _ = read_catalogue(withdrawn, a_partner(), MAKELAAR, LevelOfAssurance.LOA1)
    assert services[SERVICE_ID].level is LevelOfAssurance.LOA1


# What a makelaar publishes


def published(data: bytes | None = None) -> bytes:
    parts = [(data or catalogue(), a_partner())]
    # The keys of the tests were made today.
    now = datetime.now(UTC)
    return make_network_catalogue(parts, catalogue_id="_net", version="1", now=now, key=signer("hm"))


@pytest.mark.rule("3.5.09", "7.1.15")
def test_what_is_published_is_read_back_with_a_certificate_for_each_service() -> None:
    services, recipients = read_network_catalogue(published(), [certificate("hm")], "hm")
    assert services == read(catalogue())[0]
    assert recipients[SERVICE_ID].certificate == certificate("dv")


@pytest.mark.rule("7.1.15", "7.1.20")
def test_what_is_published_is_valid_and_every_judge_accepts_it() -> None:
    data = published()
    assert list_faults(parse(data, maximum=10_000_000)) == []
    assert_all_judges_agree(data, [certificate("hm")])


def test_the_certificate_is_published_in_its_place_among_what_follows() -> None:
    classifiers = "<esc:Classifiers><esc:Classifier>x</esc:Classifier></esc:Classifiers>"
    data = published(catalogue(instances=instance(more=classifiers)))
    assert data.index(b"</esc:ServiceCertificate>") < data.index(b"<esc:Classifiers>")


@pytest.mark.rule("3.5.09")
def test_a_certificate_of_the_service_itself_is_kept() -> None:
    own = f"<esc:ServiceCertificate>{key_descriptor('next', 'encryption')}</esc:ServiceCertificate>"
    data = published(catalogue(instances=instance(more=own)))
    assert read_network_catalogue(data, [certificate("hm")], "hm")[1][SERVICE_ID].certificate == certificate(
        "next"
    )
    assert data.count(b"ServiceCertificate>") == 2


@pytest.mark.parametrize(
    "change", [(b"loa3", b"loa2"), (b"<esc:ServiceUUID>", b"<esc:ServiceUUID> "), (b"_net", b"_ten")]
)
def test_a_published_catalogue_that_was_changed_is_refused(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(SamlError):
        read_network_catalogue(published().replace(*change), [certificate("hm")], "hm")


def test_a_catalogue_published_by_another_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        read_network_catalogue(published(), [certificate("mallory")], "hm")


def test_the_signature_of_a_dienstverlener_is_not_carried_along() -> None:
    own = signed(etree.fromstring(catalogue()), "dv", x509=True)
    assert published(own).count(b"SignatureValue>") == 2


def test_a_partner_without_encryption_key_in_force_adds_no_certificate() -> None:
    partner, now = a_partner(), datetime.now(UTC)
    assert SERVICE_ID in recipients_of(partner, now)
    assert recipients_of(replace(partner, encryption=()), now) == {}
    assert recipients_of(partner, now - timedelta(days=1)) == {}
    assert recipients_of(partner, now + timedelta(days=4 * 365)) == {}


def recipients_of(partner: Partner, now: datetime) -> dict[str, Recipient]:
    """For whom to encrypt at the services of a partner, by a catalogue that is published now."""
    data = make_network_catalogue(
        [(catalogue(), partner)], catalogue_id="_n", version="1", now=now, key=signer("hm")
    )
    return read_network_catalogue(data, [certificate("hm")], "hm")[1]


def test_ids_that_several_dienstverleners_use_do_not_meet() -> None:
    own = f"<esc:ServiceCertificate>{key_descriptor('next', 'encryption')}</esc:ServiceCertificate>"
    same = catalogue(instances=instance(more=own)).replace(b"<ds:KeyInfo>", b'<ds:KeyInfo Id="key">')
    assert b'Id="key"' in same
    data = make_network_catalogue(
        [(same, a_partner()), (same, a_partner())], catalogue_id="_n", version="1", now=NOW, key=signer("hm")
    )
    assert SERVICE_ID in read_network_catalogue(data, [certificate("hm")], "hm")[0]


_EIDAS = "<esc:Classifiers><esc:Classifier>eIDAS-inbound</esc:Classifier></esc:Classifiers>"


def two(second: str = "", concerned: str = CONCERNED) -> bytes:
    """A catalogue with a second service; ``second`` stands in its instance."""
    other = instance(SERVICE_ID[:-1] + "8", of=_OTHER, more=second).replace(INSTANCE, INSTANCE[:-1] + "2")
    definitions = definition() + definition(_OTHER, concerned=concerned)
    return catalogue(definitions=definitions, instances=instance() + other)


def reasons(data: bytes, partner: Partner | None = None) -> list[str]:
    """What is let through with a warning, but for the missing signature."""
    return [each.reason for each in read(data, partner)[1] if "not signed" not in each.reason]


def test_what_says_nothing_of_restrictions_needs_no_kvk_number() -> None:
    assert reasons(catalogue(definitions=definition(concerned=CONCERNED.replace("KvKnr", "RSIN")))) == []


def test_of_a_restriction_without_any_identifier_only_the_worse_is_remarked_on() -> None:
    unknown = CONCERNED.replace("KvKnr", "X").replace("RSIN", "X")
    restriction = f"<esc:ServiceRestrictionsAllowed>{VESTIGING_RESTRICTION}</esc:ServiceRestrictionsAllowed>"
    (reason,) = reasons(catalogue(definitions=definition(concerned=unknown, more=restriction)))
    assert "none of the identifier sets can be delivered" in reason


def test_a_restriction_with_the_kvk_number_beside_it_is_nothing_to_remark_on() -> None:
    allowed = f"<esc:ServiceRestrictionsAllowed>{VESTIGING_RESTRICTION}</esc:ServiceRestrictionsAllowed>"
    assert reasons(catalogue(definitions=definition(more=allowed))) == []


def test_a_default_service_must_be_in_the_catalogue() -> None:
    chosen = replace(a_partner(), connection=Connection(default_service=SERVICE_ID))
    assert reasons(catalogue(), chosen) == []
    other = replace(chosen, connection=Connection(default_service=SERVICE_ID[:-1] + "9"))
    assert any(
        "the default service that was chosen" in reason for _, reason, _ in refusal(catalogue(), other)
    )


def test_both_kinds_of_service_in_one_metadata_are_remarked_on() -> None:
    assert reasons(two()) == []
    (reason,) = reasons(two(_EIDAS, concerned=_PSEUDO))
    assert "eHerkenning and eIDAS services stand in one metadata" in reason


def test_a_metadata_without_key_is_enough_for_services_with_certificates_of_their_own() -> None:
    own = f"<esc:ServiceCertificate>{key_descriptor('next', 'encryption')}</esc:ServiceCertificate>"
    without = a_partner(keys=key_descriptor("dv", "signing"))
    assert reasons(catalogue(instances=instance(more=own)), without) == []


def test_a_service_certificate_without_certificate_is_refused() -> None:
    bare = '<md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>'
    errors = refusal(
        catalogue(instances=instance(more=f"<esc:ServiceCertificate>{bare}</esc:ServiceCertificate>"))
    )
    assert any("ServiceCertificate" in reason for _, reason, _ in errors)


def test_sets_without_number_come_after_those_with_one_each_on_its_own() -> None:
    bare = CONCERNED.replace(' setNumber="2"', "").replace(' setNumber="1"', "", 1)
    services, _ = read(catalogue(definitions=definition(concerned=bare)))
    assert services[SERVICE_ID].identifier_sets == (
        (IdentifierType.KVKNR,),
        (IdentifierType.KVKNR,),
        (IdentifierType.RSIN,),
    )


def test_an_oin_that_the_entity_id_does_not_hold_is_not_compared() -> None:
    plain = a_partner(entity_id="https://dv.example.nl")
    assert reasons(catalogue(), plain) == []


def test_a_published_catalogue_outside_the_schema_is_refused_whatever_its_signature() -> None:
    root = etree.fromstring(published())
    root.set("Extra", "1")
    signature = root.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert signature is not None
    root.remove(signature)
    with pytest.raises(MalformedMessage):
        read_network_catalogue(signed(root, "hm", x509=True), [certificate("hm")], MAKELAAR)
