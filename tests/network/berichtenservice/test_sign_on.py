"""A request of the makelaar comes in at the eIDAS-berichtenservice, a person is chosen, and one answer goes out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.domain.attributes import AskedAttribute
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.foreigners import MUSTERWERK
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.authorization import read_authorization
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import OpenedId
from broker.saml.encryption import decrypt_identifier
from broker.saml.names import STATUS_NO_BSN
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.saml.reading import any_level
from broker.saml.response import OpenedResponse
from broker.saml.response import signature_value
from broker.settings import AD_SLEUTEL
from broker.settings import BERICHTENSERVICE
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import Party
from tests.network.installation import ACS_EB
from tests.network.installation import Installation
from tests.network.installation import token_on

BOTH, WITH_BSN = 21, 22


class Visitor:
    """Somebody at the eIDAS-berichtenservice."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.client = installation.browser(BERICHTENSERVICE)
        self.address = ""

    def request(self, index: int = BOTH, **changes: Any) -> AuthnRequest:
        values: dict[str, Any] = {
            "destination": self.installation.settings.url(BERICHTENSERVICE) + paths.EB_SSO,
            "acs_index": ACS_EB,
            "service_uuid": OFFERS[index].service.instance_uuid,
        }
        return self.installation.authn_request(BERICHTENSERVICE, **(values | changes))

    def arrive(self, asked: AuthnRequest | None = None, signer: Party = MAKELAAR) -> TestResponse:
        form = self.installation.form(asked or self.request(), signer)
        answer = self.client.post(paths.EB_SSO, data=form)
        self.address = answer.headers.get("Location", "")
        return self.client.get(self.address) if answer.status_code == 303 else answer

    def do(self, action: str, **fields: str | list[str]) -> TestResponse:
        token = token_on(self.client.get(self.address))
        answer = self.client.post(self.address, data={"do": action, "token": token, **fields})
        return self.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer

    def be(self, person: str, index: int = BOTH, **changes: Any) -> OpenedResponse:
        self.arrive(self.request(index, **changes))
        return self.heard(self.do("choose", person=person))

    def heard(self, page: TestResponse) -> OpenedResponse:
        return self.installation.heard(page, BERICHTENSERVICE)

    def opened(self, identifiers: tuple[EncryptedId, ...]) -> list[OpenedId]:
        dienstverlener = self.installation.of(GEMEENTE)
        return [decrypt_identifier(each, dienstverlener.signer, GEMEENTE.entity_id) for each in identifiers]


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


@pytest.mark.rule("6.2.02")
def test_a_representative_gets_two_assertions_of_which_one_rests_on_the_other(visitor: Visitor) -> None:
    opened = visitor.be("prokurist")
    assert opened.assertion is not None
    (second,) = opened.further
    person = read_authentication(opened.assertion.element, any_level)
    company = read_authorization(second.element)
    assert (person.representation, person.registry) == (True, BERICHTENSERVICE.entity_id)
    assert company.assertion_id_ref == person.frame.id
    assert company.linked_signature_value == signature_value(opened.assertion.raw.reveal_bytes())
    assert company.is_permit
    (legal,) = visitor.opened(company.legal_subject)
    assert legal == OpenedId(IdentifierType.EIDAS_LEGAL.value, MUSTERWERK.identifier)
    for acting in (person.acting_subject, company.acting_subject):
        (name,) = visitor.opened(acting)
        assert name.qualifier == IdentifierType.PSEUDO_1_9.value
        assert len(name.value) == 97


@pytest.mark.rule("4.06", "6.1.20")
def test_a_citizen_gets_one_assertion_without_representation(visitor: Visitor) -> None:
    opened = visitor.be("burger")
    assert opened.assertion is not None
    assert opened.further == ()
    person = read_authentication(opened.assertion.element, any_level)
    assert (person.representation, person.registry) == (False, None)
    (name,) = visitor.opened(person.acting_subject)
    assert (name.qualifier, len(name.value)) == (IdentifierType.PSEUDO_1_9.value, 64)


@pytest.mark.parametrize(
    ("person", "uri"), [("burger", b"LoA/high"), ("prokurist", b"LoA/substantial"), ("toerist", b"LoA/low")]
)
def test_levels_are_told_as_eidas_names_them(visitor: Visitor, person: str, uri: bytes) -> None:
    opened = visitor.be(person, level=LevelOfAssurance.LOA2)
    assert opened.assertion is not None
    assert b"http://eidas.europa.eu/" + uri + b"<" in opened.assertion.raw.reveal_bytes()


def test_a_bsn_is_given_where_the_service_asks_one(visitor: Visitor) -> None:
    opened = visitor.be("burger", WITH_BSN)
    assert opened.assertion is not None
    person = read_authentication(opened.assertion.element, any_level)
    assert visitor.opened(person.acting_subject) == [OpenedId(IdentifierType.BSN.value, "999990019")]


@pytest.mark.rule("6.2.06")
def test_a_person_without_bsn_is_told_apart_from_who_cancels(visitor: Visitor) -> None:
    status = visitor.be("grensarbeider", WITH_BSN).response.status
    assert (status.top, status.second, status.reason) == (STATUS_RESPONDER, STATUS_NO_BSN, "geen-bsn")


def test_a_company_is_not_delivered_where_only_people_are_asked(visitor: Visitor) -> None:
    status = visitor.be("prokurist", WITH_BSN).response.status
    assert status.is_undeliverable
    assert status.reason == "identificatie-niet-leverbaar"


def test_means_that_are_too_weak_are_refused(visitor: Visitor) -> None:
    status = visitor.be("toerist").response.status
    assert status.is_authn_failed
    assert status.reason == "niveau-te-laag"


def test_who_cancels_is_sent_back(visitor: Visitor) -> None:
    visitor.arrive()
    status = visitor.heard(visitor.do("cancel")).response.status
    assert status.is_authn_failed
    assert status.reason == "geannuleerd"


@pytest.mark.parametrize("person", ["", "nobody", "werknemer"])
def test_who_chooses_nobody_is_asked_again(visitor: Visitor, person: str) -> None:
    visitor.arrive()
    page = visitor.do("choose", person=person)
    assert 'role="alert"' in page.text
    assert visitor.heard(visitor.do("choose", person="burger")).response.status.is_success


def test_a_form_of_another_page_does_nothing(visitor: Visitor) -> None:
    visitor.arrive()
    answer = visitor.client.post(
        visitor.address, data={"do": "choose", "person": "burger", "token": "0" * 64}
    )
    assert answer.status_code == 303
    assert 'role="alert"' in visitor.client.get(visitor.address).text


def test_the_page_speaks_both_languages(visitor: Visitor) -> None:
    visitor.arrive()
    dutch, english = (visitor.client.get(f"{visitor.address}?lang={lang}").text for lang in ("nl", "en"))
    assert "Duitsland" in dutch
    assert "Germany" in english
    assert "Omgevingsvergunning aanvragen (eIDAS)" in dutch
    assert "Apply for an environmental permit (eIDAS)" in english


# Attributes, with consent


ASKED = tuple(AskedAttribute(each.name, each.is_required) for each in OFFERS[23].service.requested_attributes)


@pytest.fixture
def asked(visitor: Visitor) -> Visitor:
    """Somebody who represents a company and is asked for attributes."""
    visitor.arrive(visitor.request(23, requested_attributes=ASKED))
    page = visitor.do("choose", person="prokurist")
    assert 'value="family_name"' in page.text
    assert MUSTERWERK.name in page.text
    return visitor


@pytest.mark.rule("3.4.19")
def test_attributes_of_person_and_company_go_each_in_its_own_assertion(asked: Visitor) -> None:
    page = asked.do("consent", attribute=["family_name", "company_name"])
    opened = asked.heard(page)
    assert opened.assertion is not None
    person = read_authentication(opened.assertion.element, any_level)
    company = read_authorization(opened.further[0].element)
    assert [each.recipients for each in person.attributes] == [(GEMEENTE.entity_id,)]
    assert [each.recipients for each in company.attributes] == [(GEMEENTE.entity_id,)]


def test_an_optional_attribute_may_be_kept_back(asked: Visitor) -> None:
    opened = asked.heard(asked.do("consent", attribute=["family_name"]))
    assert read_authorization(opened.further[0].element).attributes == ()


def test_a_required_attribute_that_is_kept_back_ends_the_login_unless_it_is_given_after_all(
    asked: Visitor,
) -> None:
    assert "retry" in asked.do("consent", attribute=["company_name"]).text
    assert 'value="family_name"' in asked.do("retry").text
    asked.do("consent")
    assert asked.heard(asked.do("cancel")).response.status.reason == "toestemming-geweigerd"


def test_a_citizen_is_not_asked_for_the_name_of_a_company(visitor: Visitor) -> None:
    visitor.arrive(visitor.request(23, requested_attributes=ASKED))
    page = visitor.do("choose", person="burger")
    assert 'value="company_name"' not in page.text
    assert visitor.heard(visitor.do("consent", attribute=["family_name"])).response.status.is_success


# What cannot be asked


@pytest.mark.rule("6.2.04", "8.24")
@pytest.mark.parametrize(
    "uuid", [OFFERS[3].service.instance_uuid, "00000000-0000-4000-8000-000000000000", None]
)
def test_a_service_that_is_not_of_eidas_is_refused_at_once(visitor: Visitor, uuid: str | None) -> None:
    page = visitor.arrive(visitor.request(service_uuid=uuid))
    status = visitor.heard(page).response.status
    assert (status.top, status.second) == (STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED)
    assert status.reason == "eidas-niet-mogelijk"


@pytest.mark.rule("6.2.05", "8.21")
def test_a_dienstverlener_off_the_bsn_list_is_refused_at_once(installation: Installation) -> None:
    settings = installation.settings.model_copy(update={"bsn_authorised": ()})
    visitor = Visitor(replace(installation, settings=settings, apps={}))
    status = visitor.heard(visitor.arrive(visitor.request(WITH_BSN))).response.status
    assert (status.second, status.reason) == (STATUS_REQUEST_UNSUPPORTED, "bsn-niet-toegestaan")
    assert visitor.be("burger").response.status.is_success, "where no BSN is asked nothing changes"


def test_the_definition_of_a_service_will_do_too(visitor: Visitor) -> None:
    assert visitor.be("burger", service_uuid=OFFERS[BOTH].service.service_uuid).response.status.is_success


def test_a_request_that_is_not_complete_is_unsupported(visitor: Visitor) -> None:
    incomplete: list[dict[str, Any]] = [{"level": None}, {"intended_audience": None}]
    for changes in incomplete:
        status = visitor.heard(visitor.arrive(visitor.request(**changes))).response.status
        assert status.second == STATUS_REQUEST_UNSUPPORTED


@pytest.mark.parametrize(
    ("changes", "signer"),
    [
        ({}, AD_SLEUTEL),
        ({"destination": "http://localhost:9/sso"}, MAKELAAR),
        ({"acs_index": None}, MAKELAAR),
        ({"acs_index": 99}, MAKELAAR),
    ],
    ids=["signed by another", "for another", "no consumer", "an unknown consumer"],
)
def test_a_request_that_is_not_to_be_believed_ends_on_a_page(
    visitor: Visitor, changes: dict[str, Any], signer: Party
) -> None:
    page = visitor.arrive(visitor.request(**changes), signer)
    assert page.status_code == 400
    assert "SAMLResponse" not in page.text


def test_a_request_out_of_time_or_repeated_ends_on_a_page(visitor: Visitor) -> None:
    asked = visitor.request()
    late = replace(asked, issue_instant=asked.issue_instant - timedelta(minutes=10))
    assert visitor.arrive(late).status_code == 400
    assert visitor.arrive(asked).status_code == 200
    assert visitor.arrive(asked).status_code == 400
