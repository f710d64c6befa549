"""What metadata and dienstencatalogus ask for, and what is said when they do not agree."""

import pytest

from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import INTERMEDIATE_COMPANY_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.connection import Profile
from broker.saml.catalogue import read_catalogue
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Severity
from broker.saml.metadata import read_metadata
from broker.saml.partner import Partner
from tests.saml.builders import SERVICE_ID
from tests.saml.documents import MAKELAAR
from tests.saml.documents import NOW
from tests.saml.documents import catalogue
from tests.saml.documents import definition
from tests.saml.documents import dv_metadata

KVK = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
UNKNOWN = "urn:etoegang:1.9:attribute:ShoeSize"


def wanted(name: str, required: str | None = None) -> str:
    attribute = "" if required is None else f' isRequired="{required}"'
    return f'<md:RequestedAttribute Name="{name}"{attribute}/>'


def service(*attributes: str, index: int = 7, flags: str = 'isDefault="1"') -> str:
    return (
        f'<md:AttributeConsumingService index="{index}" {flags}><md:ServiceName xml:lang="nl">x</md:ServiceName>'
        f'<md:RequestedAttribute Name="{SERVICE_ID}"/>{"".join(attributes)}</md:AttributeConsumingService>'
    )


def declared(name: str, required: str) -> str:
    purpose = '<esc:PurposeStatement xml:lang="nl">Daarom.</esc:PurposeStatement>'
    return f'<esc:RequestedAttribute Name="{name}" isRequired="{required}">{purpose}</esc:RequestedAttribute>'


def partner(*services: str) -> Partner:
    return read_metadata(dv_metadata(services="".join(services)), "DV", NOW)[0]


def warnings(data: bytes, of: Partner | None = None) -> list[str]:
    """What is let through, of metadata or of the catalogue of ``of``; not what is said of every test document."""
    report = read_metadata(data, "DV", NOW)[1] if of is None else read_catalogue(data, of, MAKELAAR)[1]
    assert all(finding.severity is Severity.WARNING for finding in report.findings)
    return [finding.reason for finding in report.findings if "is not signed" not in finding.reason]


@pytest.mark.rule("2.33", "7.3.07")
def test_what_follows_the_service_id_is_what_a_service_asks_for() -> None:
    asking = partner(service(wanted(FIRST_NAME), wanted(FAMILY_NAME, "true"), wanted(COMPANY_NAME, "0")))
    asked = (
        AskedAttribute(FIRST_NAME, None),
        AskedAttribute(FAMILY_NAME, True),
        AskedAttribute(COMPANY_NAME, False),
    )
    assert asking.requested_attributes == {7: asked, None: asked}
    assert asking.services == {7: SERVICE_ID}


def test_the_default_service_asks_what_its_own_index_asks() -> None:
    asking = partner(
        service(wanted(FIRST_NAME), index=7, flags=""),
        service(wanted(FAMILY_NAME), index=8, flags='isDefault="true"'),
    )
    assert asking.requested_attributes[None] == asking.requested_attributes[8]
    assert asking.requested_attributes[7] == (AskedAttribute(FIRST_NAME),)


def test_the_only_service_is_the_default_one() -> None:
    asking = partner(service(wanted(FIRST_NAME), flags=""))
    assert asking.requested_attributes[None] == (AskedAttribute(FIRST_NAME),)


def test_a_service_that_asks_nothing_is_not_listed() -> None:
    assert partner(service()).requested_attributes == {}


@pytest.mark.rule("7.1.19")
def test_identifiers_are_no_attributes_in_metadata_neither() -> None:
    with pytest.raises(DocumentRefused, match="identifiers are not asked as RequestedAttribute"):
        partner(service(wanted(KVK)))


def test_what_software_of_plain_saml_would_like_is_not_looked_at() -> None:
    data = dv_metadata(services=service(wanted(KVK), wanted("urn:oid:0.9.2342.19200300.100.1.1")))
    found, report = read_metadata(data, "DV", NOW, Profile.SAML)
    assert found.requested_attributes == {}
    assert not [finding for finding in report.findings if "attribu" in finding.reason.lower()]


def test_what_nobody_can_give_is_said() -> None:
    assert warnings(dv_metadata(services=service(wanted(UNKNOWN), wanted(INTERMEDIATE_COMPANY_NAME)))) == [
        f"the attribute {UNKNOWN} is not in the attribuutcatalogus; it is never asked for",
        "the name of an intermediary comes by itself in a chain; it is not asked for",
    ]
    written = catalogue(definitions=definition(more=declared(UNKNOWN, "false")))
    assert warnings(written, partner(service()))[0].startswith(f"the attribute {UNKNOWN} is not in")


@pytest.mark.rule("6.3.06")
def test_what_the_catalogue_does_not_declare_is_refused() -> None:
    asking = partner(service(wanted(FIRST_NAME), wanted(FAMILY_NAME)))
    written = catalogue(definitions=definition(more=declared(FAMILY_NAME, "true")))
    with pytest.raises(DocumentRefused) as caught:
        read_catalogue(written, asking, MAKELAAR)
    errors = [each.reason for each in caught.value.findings if each.severity is Severity.ERROR]
    assert errors == [f"service index 7 asks for {FIRST_NAME}, which the catalogue does not declare for it"]


def test_what_both_know_is_read_without_a_word() -> None:
    asking = partner(service(wanted(FAMILY_NAME, "true")))
    written = catalogue(definitions=definition(more=declared(FAMILY_NAME, "true")))
    assert warnings(written, asking) == []


def test_what_is_optional_in_the_catalogue_is_not_required_by_metadata() -> None:
    asking = partner(service(wanted(FAMILY_NAME, "true")))
    written = catalogue(definitions=definition(more=declared(FAMILY_NAME, "false")))
    assert warnings(written, asking) == [
        f"service index 7 requires {FAMILY_NAME}; it is optional, as the catalogue says"
    ]


@pytest.mark.parametrize("required", ["true", "false"])
def test_what_metadata_does_not_require_may_be_either_in_the_catalogue(required: str) -> None:
    written = catalogue(definitions=definition(more=declared(FAMILY_NAME, required)))
    assert warnings(written, partner(service(wanted(FAMILY_NAME)))) == []


def test_what_is_never_asked_for_need_not_be_declared() -> None:
    asking = partner(service(wanted(UNKNOWN), wanted(INTERMEDIATE_COMPANY_NAME)))
    assert warnings(catalogue(), asking) == []
