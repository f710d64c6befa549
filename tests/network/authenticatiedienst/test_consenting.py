"""Consent at the authenticatiedienst: asked in each login anew, whoever is logged in already."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import INITIALS
from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import AttributeValue
from broker.domain.levels import LevelOfAssurance
from broker.network.authenticatiedienst.sessions import Sessions
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.people import KNOWN_OF
from broker.ports import Middel
from broker.saml.authn_request import AuthnRequest
from broker.saml.encrypted_attribute import decrypt_attribute
from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.storage.middelen import SqlMiddelenStore
from tests.network.authenticatiedienst.test_sign_on import Visitor
from tests.network.installation import Installation
from tests.network.installation import token_on

OBJECTION, CASES = 10, 11
WANTED = (AskedAttribute(FIRST_NAME, False), AskedAttribute(FAMILY_NAME, True))


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


def asked(
    visitor: Visitor, *wanted: AskedAttribute, service: int = OBJECTION, **changes: Any
) -> AuthnRequest:
    values = {
        "service_uuid": OFFERS[service].service.service_uuid,
        "level": LevelOfAssurance.LOA2PLUS,
        **changes,
    }
    return visitor.installation.authn_request(visitor.party, requested_attributes=wanted, **values)


def offered(page: TestResponse) -> list[str]:
    return re.findall(r'name="attribute" value="([a-z_]+)"', page.text)


def passed_on(visitor: Visitor, page: TestResponse) -> dict[str, str]:
    key = visitor.installation.of(GEMEENTE).signer
    opened = [decrypt_attribute(each, key, GEMEENTE.entity_id) for each in visitor.declared(page).attributes]
    return {each.name: each.value for each in opened}


def consent(visitor: Visitor, *labels: str) -> TestResponse:
    token = token_on(visitor.client.get(visitor.address))
    data = {"do": "consent", "token": token, "attribute": list(labels)}
    answer = visitor.client.post(visitor.address, data=data)
    return visitor.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def outcome(visitor: Visitor, page: TestResponse) -> str | None:
    return visitor.installation.heard(page, visitor.party).response.status.reason


def test_the_page_says_what_goes_where_and_what_for_with_nothing_ticked(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, *WANTED))
    page = visitor.log_in("werknemer")
    assert offered(page) == ["first_name", "family_name"]
    assert " checked" not in page.text
    for shown in ("Gemeente Voorbeeld", "Bezwaar maken", "Proefstra", "Een bezwaar moet de naam hebben"):
        assert shown in page.text


@pytest.mark.rule("3.4.17")
def test_what_is_not_of_a_person_is_not_the_business_of_an_authenticatiedienst(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, AskedAttribute(COMPANY_NAME, False)))
    assert passed_on(visitor, visitor.log_in("werknemer")) == {}
    visitor.arrive(asked(visitor, AskedAttribute(COMPANY_NAME, True)))
    assert outcome(visitor, visitor.log_in("werknemer")) == "attribuut-niet-leverbaar"


@pytest.mark.rule("6.3.06")
def test_what_the_catalogue_does_not_declare_is_not_asked_whoever_wants_it(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, AskedAttribute(INITIALS, False)))
    assert passed_on(visitor, visitor.log_in("werknemer")) == {}
    visitor.arrive(asked(visitor, AskedAttribute(INITIALS, True)))
    assert outcome(visitor, visitor.log_in("werknemer")) == "attribuut-niet-leverbaar"


@pytest.mark.rule("7.6.03")
def test_a_value_that_is_too_long_is_not_given(installation: Installation, visitor: Visitor) -> None:
    store = SqlMiddelenStore(installation.of(AD_SLEUTEL).engine)
    middel = store.find("werknemer")
    assert middel is not None
    values = {slot: getattr(middel, slot) for slot in Middel.__slots__}
    store.save(Middel(**{**values, "attributes": {FIRST_NAME: AttributeValue("x" * 201)}}))
    try:
        visitor.arrive(asked(visitor, AskedAttribute(FIRST_NAME, False)))
        assert passed_on(visitor, visitor.log_in("werknemer")) == {}
    finally:
        store.save(middel)


def test_a_box_that_was_not_on_the_page_gives_nothing(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, WANTED[0]))
    visitor.log_in("werknemer")
    page = consent(visitor, "first_name", "family_name", "date_of_birth", "nonsense")
    assert set(passed_on(visitor, page)) == {FIRST_NAME}


def test_a_page_that_was_forged_elsewhere_gives_nothing(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, *WANTED))
    visitor.log_in("werknemer")
    data = {"do": "consent", "token": "forged", "attribute": ["family_name"]}
    answer = visitor.client.post(visitor.address, data=data)
    page = visitor.client.get(answer.headers["Location"])
    assert offered(page) == ["first_name", "family_name"]
    assert 'role="alert"' in page.text


@pytest.mark.rule("6.1.07")
def test_who_is_still_logged_in_is_asked_for_consent_all_the_same(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, service=CASES))
    first = visitor.declared(visitor.log_in("werknemer", stay="1"))
    page = visitor.arrive(asked(visitor, *WANTED))
    assert offered(page) == ["first_name", "family_name"], "without logging in again"
    page = consent(visitor, "family_name")
    assert passed_on(visitor, page) == {FAMILY_NAME: KNOWN_OF["werknemer"][FAMILY_NAME]}
    again = visitor.declared(page)
    assert again.authn_instant == first.authn_instant, "when the person really logged in"
    assert again.session_index


def test_a_session_that_ended_meanwhile_gives_nothing_without_a_login(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.arrive(asked(visitor, service=CASES))
    visitor.log_in("werknemer", stay="1")
    visitor.arrive(asked(visitor, *WANTED))
    monkeypatch.setattr(Sessions, "find", lambda *_: None)
    assert 'name="username"' in consent(visitor, "family_name").text


def test_who_stays_logged_in_does_so_with_attributes_too(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor, *WANTED))
    visitor.log_in("werknemer", stay="1")
    assert visitor.declared(consent(visitor, "family_name")).session_index
    assert visitor.declared(visitor.arrive(asked(visitor, service=CASES))).session_index
