"""What each party publishes of itself: valid, signed, readable by us and by pysaml2."""

from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree
from pydantic import ValidationError
from saml2.attribute_converter import ac_factory
from saml2.config import Config
from saml2.mdstore import MetadataStore

from broker.assembly.publication import publish
from broker.network.dienstverlener.catalogue import offered_services
from broker.ports import Role
from broker.saml.metadata import read_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.parsing import parse
from broker.saml.partner import Partner
from broker.saml.schema import list_faults
from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import FileSigner
from broker.signers.files import make_development_key

NOW = datetime.now(UTC)
DOCUMENTS = [(party, "metadata.xml") for party in PARTIES] + [(MAKELAAR, "network.xml")]
every_document = pytest.mark.parametrize(
    ("party", "name"), DOCUMENTS, ids=[f"{party.name}-{name}" for party, name in DOCUMENTS]
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation in which every party has published."""
    settings = Settings(data=tmp_path_factory.mktemp("data"), port=8440)
    for party in PARTIES:
        make_development_key(settings.key_stem(party), name=party.name, oin=party.oin, now=NOW)
        publish(settings, party, offered_services() if party is GEMEENTE else None)
    return settings


def document(settings: Settings, party: Party, name: str = "metadata.xml") -> bytes:
    return (settings.folder(party) / "published" / name).read_bytes()


def read(settings: Settings, party: Party, name: str = "metadata.xml") -> Partner:
    partner, report = read_metadata(document(settings, party, name), party.role, NOW)
    assert report.findings == []
    return partner


@every_document
def test_every_document_is_valid_against_the_schema(settings: Settings, party: Party, name: str) -> None:
    assert list_faults(parse(document(settings, party, name))) == []


@pytest.mark.rule("7.4.01", "7.4.13")
@every_document
def test_every_document_is_what_a_partner_needs(settings: Settings, party: Party, name: str) -> None:
    partner = read(settings, party, name)

    key = FileSigner.load(settings.key_stem(party))
    assert partner.entity_id == party.entity_id
    assert partner.display_names == dict(party.names)
    assert [each.der for each in partner.signing] == [key.certificate_der]
    assert [each.key_name for each in partner.encryption] == [key.key_name]
    assert partner.level is party.level


@every_document
def test_every_document_can_be_read_by_pysaml2(settings: Settings, party: Party, name: str) -> None:
    store = MetadataStore(ac_factory(), Config())
    store.load("inline", document(settings, party, name).decode())

    assert list(store.keys()) == [party.entity_id]
    descriptor = "spsso" if party.role is Role.DV or name == "network.xml" else "idpsso"
    assert store.certs(party.entity_id, descriptor, "signing")


@pytest.mark.rule("2.07", "7.4.04")
def test_pysaml2_finds_where_to_send_a_request_and_where_to_resolve(settings: Settings) -> None:
    store = MetadataStore(ac_factory(), Config())
    store.load("inline", document(settings, MAKELAAR).decode())

    (redirect,) = store.single_sign_on_service(MAKELAAR.entity_id, BINDING_REDIRECT)
    resolutions = store.artifact_resolution_service(MAKELAAR.entity_id, BINDING_SOAP, "idpsso")

    assert redirect["location"] == "http://localhost:8440/sso/1.13"
    assert [each["location"] for each in resolutions] == [
        "https://localhost:8460/ars/1.13",
        "http://localhost:8440/ars/1.13",
    ]


@pytest.mark.rule("2.13", "7.4.04", "7.4.05")
def test_towards_dienstverleners_the_makelaar_takes_requests_by_every_binding(settings: Settings) -> None:
    partner = read(settings, MAKELAAR)

    assert {each.binding for each in partner.sign_on} == {BINDING_POST, BINDING_ARTIFACT, BINDING_REDIRECT}
    assert partner.resolution_service(0) is not None
    assert partner.assertion_consumers == ()


@pytest.mark.rule("7.4.11")
def test_towards_the_network_the_makelaar_asks_and_says_where_its_catalogue_is(settings: Settings) -> None:
    partner = read(settings, MAKELAAR, "network.xml")

    assert partner.sign_on == ()
    assert partner.catalogue_location == "http://localhost:8440/catalogue"
    assert {(each.index, each.binding) for each in partner.assertion_consumers} == {
        (1, BINDING_ARTIFACT),
        (2, BINDING_ARTIFACT),
        (3, BINDING_POST),
        (4, BINDING_POST),
        (5, BINDING_ARTIFACT),
        (6, BINDING_POST),
    }


@pytest.mark.rule("7.4.07", "7.4.08", "10.11")
@pytest.mark.parametrize(
    ("party", "name", "path"),
    [
        (MAKELAAR, "metadata.xml", "/slo/1.13"),
        (MAKELAAR, "network.xml", "/slo/ad/1.13"),
        (AD_SLEUTEL, "metadata.xml", "/slo/1.13"),
    ],
    ids=["to dienstverleners", "to the network", "authenticatiedienst"],
)
def test_logging_out_is_offered_by_every_binding(
    settings: Settings, party: Party, name: str, path: str
) -> None:
    partner = read(settings, party, name)

    assert {each.binding for each in partner.logout} == {BINDING_POST, BINDING_ARTIFACT, BINDING_REDIRECT}
    assert {each.location for each in partner.logout} == {settings.url(party) + path}


def test_a_dienstverlener_of_the_stelsel_waits_for_no_answer_to_a_logout(settings: Settings) -> None:
    partner = read(settings, GEMEENTE)

    assert partner.logout == ()
    assert partner.resolution_service(0) is not None, "its requests may go by artifact"


def test_the_dienstverlener_offers_its_services_by_index(settings: Settings) -> None:
    partner = read(settings, GEMEENTE)

    assert partner.services == {index: service_id for index, (service_id, _) in offered_services().items()}
    assert partner.default_service == next(iter(offered_services().values()))[0]
    assert [each.binding for each in partner.assertion_consumers] == [BINDING_ARTIFACT]


def test_the_authenticatiedienst_says_what_it_can_deliver(settings: Settings) -> None:
    assert read(settings, AD_SLEUTEL).level is AD_SLEUTEL.level


def test_the_register_has_a_back_channel_for_chains(settings: Settings) -> None:
    assert BINDING_SOAP in {each.binding for each in read(settings, MR_EEN).sign_on}


def test_a_public_address_replaces_our_own(settings: Settings, tmp_path: Path) -> None:
    public = settings.model_copy(update={"data": tmp_path, "public_url": "https://makelaar.example/"})
    make_development_key(public.key_stem(MAKELAAR), name="m", oin=MAKELAAR.oin, now=NOW)

    publish(public, MAKELAAR)

    assert {each.location for each in read(public, MAKELAAR).sign_on} == {"https://makelaar.example/sso/1.13"}


def test_publishing_again_replaces_the_document_whole(settings: Settings) -> None:
    before = document(settings, GEMEENTE)

    publish(settings, GEMEENTE, offered_services())

    after = document(settings, GEMEENTE)
    assert etree.fromstring(before).get("ID") != etree.fromstring(after).get("ID")
    assert [path.name for path in (settings.folder(GEMEENTE) / "published").iterdir()] == ["metadata.xml"]


@pytest.mark.rule("7.4.14", "7.5.04")
@pytest.mark.parametrize("name", ["metadata.xml", "network.xml"])
def test_the_makelaar_names_the_mailbox_of_a_role_when_there_is_one(settings: Settings, name: str) -> None:
    contact = ".//{*}ContactPerson"
    assert etree.fromstring(document(settings, MAKELAAR, name)).find(contact) is None

    publish(settings.model_copy(update={"contact": "beheer@makelaar.example.nl"}), MAKELAAR)
    root = parse(document(settings, MAKELAAR, name))
    publish(settings, MAKELAAR)

    found = root.find(contact)
    assert found is not None
    assert (found.get("contactType"), [etree.QName(each).localname for each in found]) == (
        "administrative",
        ["EmailAddress"],
    )
    assert found[0].text == "mailto:beheer@makelaar.example.nl"
    assert list_faults(root) == []


@pytest.mark.parametrize(
    "contact", ["Jan Jansen <jan@example.nl>", "https://example.nl", "beheer@example.nl\nx"]
)
def test_a_contact_is_a_mailbox(contact: str) -> None:
    with pytest.raises(ValidationError, match="contact"):
        Settings(contact=contact)
