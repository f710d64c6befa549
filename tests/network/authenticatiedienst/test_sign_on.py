"""A request of the makelaar comes in, a person does something, and a signed answer goes out."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.domain.levels import LevelOfAssurance
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from broker.settings import Party
from tests.network.installation import Installation
from tests.network.installation import token_on


class Visitor:
    """Somebody at an authenticatiedienst."""

    def __init__(self, installation: Installation, party: Party = AD_SLEUTEL) -> None:
        self.installation = installation
        self.party = party
        self.client = installation.browser(party)
        self.address = ""

    def arrive(self, asked: AuthnRequest, signer: Party = MAKELAAR) -> TestResponse:
        answer = self.client.post(paths.AD_SSO, data=self.installation.form(asked, signer))
        self.address = answer.headers.get("Location", "")
        return self.client.get(self.address) if answer.status_code == 303 else answer

    def do(self, action: str, **fields: str) -> TestResponse:
        fields["token"] = token_on(self.client.get(self.address))
        answer = self.client.post(self.address, data={"do": action, **fields})
        return self.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer

    def log_in(self, username: str, **fields: str) -> TestResponse:
        person = self.installation.person(username)
        page = self.do("login", username=username, password=person.password, **fields)
        if 'name="otp"' in page.text:
            page = self.do("login", otp=pyotp.TOTP(str(person.totp_secret)).now())
        return page

    def declared(self, page: TestResponse) -> AuthenticationAssertion:
        opened = self.installation.heard(page, self.party)
        assert opened.assertion is not None
        return read_authentication(opened.assertion.element)


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


def refusal_code(page: TestResponse) -> str:
    assert page.status_code == 400
    found = re.search(r"<code>([a-z-]+)</code>", page.text)
    assert found is not None
    return found.group(1)


@pytest.mark.rule("1.2.02", "1.2.05", "6.1.16", "6.1.18", "6.1.19")
def test_a_login_is_declared_to_the_makelaar(installation: Installation, visitor: Visitor) -> None:
    asked = installation.authn_request()
    visitor.arrive(asked)
    said = visitor.declared(visitor.log_in("werknemer"))
    assert said.level is LevelOfAssurance.LOA3
    assert said.authority == AD_SLEUTEL.oin
    assert said.representation
    assert said.registry == MR_EEN.entity_id
    assert said.service_uuid == asked.service_uuid
    assert said.frame.audiences == (MAKELAAR.entity_id, MR_EEN.entity_id, GEMEENTE.entity_id)
    assert said.frame.in_response_to == asked.id
    assert said.frame.recipient == installation.settings.url(MAKELAAR) + paths.HM_ACS_AD
    assert said.frame.not_on_or_after - said.frame.not_before <= timedelta(minutes=3)


@pytest.mark.rule("1.2.04", "4.03")
def test_only_the_register_of_the_middel_can_read_who_it_is(
    installation: Installation, visitor: Visitor
) -> None:
    visitor.arrive(installation.authn_request())
    (subject,) = visitor.declared(visitor.log_in("werknemer")).acting_subject
    assert subject.recipients == (MR_EEN.entity_id,)
    decrypt_identifier(subject, installation.of(MR_EEN).signer, MR_EEN.entity_id)
    for other in (MAKELAAR, MR_TWEE, GEMEENTE):
        with pytest.raises(DecryptionFailed):
            decrypt_identifier(subject, installation.of(other).signer, MR_EEN.entity_id)


@pytest.mark.rule("6.1.15")
def test_each_login_gets_a_name_id_of_its_own(installation: Installation, visitor: Visitor) -> None:
    names = set()
    for _ in range(2):
        visitor.arrive(installation.authn_request())
        names.add(visitor.declared(visitor.log_in("werknemer")).frame.name_id)
    assert len(names) == 2


def test_the_page_names_service_dienstverlener_and_test_persons(
    installation: Installation, visitor: Visitor
) -> None:
    page = visitor.arrive(installation.authn_request())
    assert "Omgevingsvergunning aanvragen" in page.text
    assert "Gemeente Voorbeeld" in page.text
    assert installation.person("accountant").password in page.text
    assert installation.person("basis").password not in page.text


@pytest.mark.rule("8.08")
def test_a_wrong_password_is_told_without_losing_the_username(
    installation: Installation, visitor: Visitor
) -> None:
    visitor.arrive(installation.authn_request())
    page = visitor.do("login", username="directeur", password="wrong")
    assert 'role="alert"' in page.text
    assert 'value="directeur"' in page.text
    assert "wrong" not in page.text


@pytest.mark.rule("1.7.02", "8.07", "8.08")
def test_cancelling_tells_the_makelaar(installation: Installation, visitor: Visitor) -> None:
    visitor.arrive(installation.authn_request())
    status = installation.heard(visitor.do("cancel"), AD_SLEUTEL).response.status
    assert status.is_authn_failed
    assert status.reason == "geannuleerd"


def test_a_middel_that_is_too_weak_can_be_exchanged_for_another(installation: Installation) -> None:
    visitor = Visitor(installation, AD_TOEGANG)
    asked = installation.authn_request(AD_TOEGANG, level=LevelOfAssurance.LOA2PLUS)
    visitor.arrive(asked)
    assert "EH2+" in visitor.log_in("basis").text
    assert 'name="username"' in visitor.do("retry").text
    assert visitor.declared(visitor.log_in("medewerker")).level is LevelOfAssurance.LOA2PLUS


def test_giving_up_with_a_middel_that_is_too_weak_says_so(installation: Installation) -> None:
    visitor = Visitor(installation, AD_TOEGANG)
    visitor.arrive(installation.authn_request(AD_TOEGANG, level=LevelOfAssurance.LOA2PLUS))
    visitor.log_in("basis")
    status = installation.heard(visitor.do("cancel"), AD_TOEGANG).response.status
    assert status.reason == "niveau-te-laag"


@pytest.mark.parametrize(
    "changes",
    [{"level": LevelOfAssurance.LOA3}, {"level": None}, {"intended_audience": None}],
    ids=["above our level", "without level", "for no dienstverlener"],
)
def test_what_cannot_be_delivered_is_answered_at_once(
    installation: Installation, changes: dict[str, Any]
) -> None:
    visitor = Visitor(installation, AD_TOEGANG)
    page = visitor.arrive(installation.authn_request(AD_TOEGANG, **changes))
    status = installation.heard(page, AD_TOEGANG).response.status
    assert (status.top, status.second) == (STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED)


@pytest.mark.parametrize(
    ("changes", "signer", "code"),
    [
        ({}, MR_EEN, "handtekening-ongeldig"),
        ({"issuer": MR_EEN.entity_id}, MR_EEN, "partij-onbekend"),
        ({"destination": "http://localhost/sso/1.13"}, MAKELAAR, "bestemming-onjuist"),
        ({"acs_index": 99}, MAKELAAR, "acs-onbekend"),
        ({"acs_index": None}, MAKELAAR, "acs-onbekend"),
    ],
)
def test_a_request_that_is_not_believed_ends_on_a_page_here(
    installation: Installation, visitor: Visitor, changes: dict[str, Any], signer: Party, code: str
) -> None:
    assert refusal_code(visitor.arrive(installation.authn_request(**changes), signer)) == code


def test_an_old_request_and_a_repeated_one_are_refused(installation: Installation, visitor: Visitor) -> None:
    now = installation.makelaar.station.own.clock()
    old = installation.authn_request(issue_instant=now - timedelta(minutes=6))
    assert refusal_code(visitor.arrive(old)) == "verzoek-verlopen"
    once = installation.authn_request()
    assert visitor.arrive(once).status_code == 200
    assert refusal_code(visitor.arrive(once)) == "verzoek-herhaald"


def test_something_else_than_a_message_is_refused(visitor: Visitor) -> None:
    assert refusal_code(visitor.client.get(paths.AD_SSO)) == "bericht-ongeldig"


def test_another_browser_cannot_go_on_with_a_login(installation: Installation, visitor: Visitor) -> None:
    visitor.arrive(installation.authn_request())
    stranger = Visitor(installation)
    assert refusal_code(stranger.client.get(visitor.address)) == "cookie-ontbreekt"


def test_a_form_without_our_token_changes_nothing(installation: Installation, visitor: Visitor) -> None:
    visitor.arrive(installation.authn_request())
    answer = visitor.client.post(visitor.address, data={"do": "cancel", "token": "forged"})
    assert answer.status_code == 303
    assert "te lang open" in visitor.client.get(visitor.address).text


def test_an_answer_is_given_once(installation: Installation, visitor: Visitor) -> None:
    visitor.arrive(installation.authn_request())
    token = token_on(visitor.client.get(visitor.address))
    visitor.do("cancel")
    again = visitor.client.post(visitor.address, data={"do": "cancel", "token": token})
    assert refusal_code(again) == "sessie-verlopen"


def test_tabs_do_not_disturb_each_other(installation: Installation, visitor: Visitor) -> None:
    addresses = []
    for _ in range(3):
        visitor.arrive(installation.authn_request())
        addresses.append(visitor.address)
    visitor.do("cancel")
    for address in addresses[:2]:
        visitor.address = address
        assert visitor.declared(visitor.log_in("eigenaar")).registry == MR_EEN.entity_id


def test_the_state_store_holds_no_password_or_pseudonym(installation: Installation, visitor: Visitor) -> None:
    visitor.arrive(installation.authn_request())
    person = installation.person("werknemer")
    visitor.do("login", username="werknemer", password=person.password)
    flow = visitor.address.rpartition("/")[2]
    kept = installation.of(AD_SLEUTEL).state.get(f"flow:{flow}")
    assert kept is not None
    assert person.password.encode() not in kept


@pytest.mark.rule("4.01", "4.03")
def test_a_middel_has_one_internal_pseudonym_and_every_middel_its_own(
    installation: Installation, visitor: Visitor
) -> None:
    found = []
    for username in ("werknemer", "werknemer", "directeur"):
        visitor.arrive(installation.authn_request())
        (subject,) = visitor.declared(visitor.log_in(username)).acting_subject
        register = installation.of(MR_EEN).signer
        found.append(decrypt_identifier(subject, register, MR_EEN.entity_id).value)
    first, again, other = found
    assert first == again != other
