"""Attributes that come with an answer: those that were asked, for the dienstverlener alone, and no others."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import RequestedAttribute
from broker.journey.authentication import Authenticated
from broker.journey.authentication import authentication_request
from broker.journey.authentication import judge_authentication
from broker.journey.authorization import decision_query
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.saml.authentication import read_authentication
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import Recipient
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_RESPONDER
from broker.saml.response import OpenedResponse
from broker.saml.status import Status
from tests.domain.builders import a_service
from tests.journey.builders import ACS_FOR_AD
from tests.journey.builders import a_journey
from tests.journey.builders import ad_answer
from tests.journey.builders import chain_answer
from tests.journey.builders import confirmation
from tests.journey.builders import mr_answer
from tests.journey.builders import opened
from tests.journey.judging import SERVICE
from tests.journey.judging import confirmed
from tests.journey.judging import judged
from tests.journey.test_begin import a_dienstverlener
from tests.journey.test_begin import begun
from tests.keys import certificate
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import new_id

REQUIRED, OPTIONAL = AskedAttribute(FAMILY_NAME, True), AskedAttribute(FIRST_NAME, False)
OF_COMPANY, NEEDED_OF_COMPANY = AskedAttribute(COMPANY_NAME, False), AskedAttribute(COMPANY_NAME, True)


@cache
def an_attribute(*entity_ids: str) -> EncryptedAttribute:
    """An attribute that these parties can open: the dienstverlener, unless others are named."""
    recipients = [Recipient(entity_id, certificate("dv")) for entity_id in entity_ids or (DV,)]
    return encrypt_attribute(FAMILY_NAME, "Proefpersoon", recipients, new_id)


def asking(*asked: AskedAttribute) -> Journey:
    return a_journey(attributes=asked)


def logged_in(answer: OpenedResponse, *asked: AskedAttribute) -> Authenticated:
    return judge_authentication(
        asking(*asked),
        answer,
        certified=LevelOfAssurance.LOA4,
        makelaar=HM,
        service=SERVICE,
        acs=ACS_FOR_AD,
        now=NOW,
    )


def told(*attributes: EncryptedAttribute, **changes: Any) -> OpenedResponse:
    return ad_answer(attributes=attributes, **changes)


def refusing(second: str, reason: str | None, issuer: str) -> OpenedResponse:
    status = Status(STATUS_RESPONDER, second, None, reason)
    request = {AD: "_hm2ad", MR: "_hm2mr"}[issuer]
    destination = {AD: ACS_FOR_AD, MR: "https://hm.example.nl/acs/mr"}[issuer]
    return opened(None, in_response_to=request, issuer=issuer, destination=destination, status=status)


def test_what_was_asked_is_believed() -> None:
    outcome = logged_in(told(an_attribute(), an_attribute()), REQUIRED, OPTIONAL)
    assert outcome.event is Event.AUTHENTICATED
    assert outcome.assertion is not None
    assert [each.recipients for each in outcome.assertion.attributes] == [(DV,), (DV,)]


def test_an_optional_one_may_stay_away_and_a_required_one_may_not() -> None:
    assert logged_in(told(), OPTIONAL).event is Event.AUTHENTICATED
    outcome = logged_in(told(), REQUIRED, OPTIONAL)
    assert (outcome.event, outcome.code) == (Event.ATTRIBUTE_WITHHELD, "attribuut-niet-leverbaar")


@pytest.mark.rule("3.4.15")
def test_more_than_was_asked_is_not_believed() -> None:
    for asked in ((), (OF_COMPANY,)):
        with pytest.raises(UnexpectedAnswer, match="not asked for"):
            logged_in(told(an_attribute()), *asked)
    with pytest.raises(UnexpectedAnswer, match="not asked for"):
        logged_in(told(an_attribute(), an_attribute()), REQUIRED)


@pytest.mark.rule("3.4.15")
@pytest.mark.parametrize("recipients", [(HM,), (DV, HM), (HM, DV), (DV, "")], ids=str)
def test_what_others_could_open_is_not_believed(recipients: tuple[str, ...]) -> None:
    with pytest.raises(UnexpectedAnswer, match="for the dienstverlener alone"):
        logged_in(told(an_attribute(*recipients)), REQUIRED)


def test_several_keys_of_the_dienstverlener_are_its_own_affair() -> None:
    assert logged_in(told(an_attribute(DV, DV)), REQUIRED).event is Event.AUTHENTICATED


def test_who_withholds_consent_is_told_so() -> None:
    outcome = logged_in(refusing(STATUS_AUTHN_FAILED, "toestemming-geweigerd", AD), REQUIRED)
    assert (outcome.event, outcome.code) == (Event.ATTRIBUTE_WITHHELD, "toestemming-geweigerd")
    at_register = judged(
        refusing(STATUS_AUTHN_FAILED, "toestemming-geweigerd", MR), asking(NEEDED_OF_COMPANY)
    )
    assert (at_register.event, at_register.code) == (Event.NOT_AUTHORISED, "toestemming-geweigerd")


@pytest.mark.parametrize("reason", [None, "attribuut-niet-leverbaar", "iets-anders"])
def test_an_authenticatiedienst_that_cannot_deliver_says_so_by_its_status(reason: str | None) -> None:
    answer = refusing(STATUS_REQUEST_UNSUPPORTED, reason, AD)
    assert logged_in(answer, REQUIRED).code == "attribuut-niet-leverbaar"
    assert logged_in(answer).code == "authenticatiedienst-fout"


def test_a_register_that_cannot_deliver_says_so_by_its_reason() -> None:
    answer = refusing(STATUS_REQUEST_UNSUPPORTED, "attribuut-niet-leverbaar", MR)
    assert judged(answer, asking(NEEDED_OF_COMPANY)).code == "attribuut-niet-leverbaar"


def test_a_register_gives_what_was_asked_of_it_and_no_more() -> None:
    given = mr_answer(attributes=(an_attribute(),))
    assert judged(given, asking(OF_COMPANY)).event is Event.AUTHORISED
    for asked in ((), (REQUIRED,)):
        with pytest.raises(UnexpectedAnswer, match="not asked for"):
            judged(given, asking(*asked))
    with pytest.raises(UnexpectedAnswer, match="for the dienstverlener alone"):
        judged(mr_answer(attributes=(an_attribute(DV, MR),)), asking(OF_COMPANY))
    lacking = judged(mr_answer(), asking(NEEDED_OF_COMPANY))
    assert (lacking.event, lacking.code) == (Event.NOT_AUTHORISED, "attribuut-niet-leverbaar")


@pytest.mark.rule("3.4.16")
def test_the_first_register_of_a_chain_may_add_one_name_where_others_are_asked() -> None:
    two = chain_answer(attributes=(an_attribute(), an_attribute()))
    assert judged(two, asking(OF_COMPANY)).event is Event.CHAIN_FOUND
    for journey, answer in (
        (asking(OF_COMPANY), mr_answer(attributes=(an_attribute(), an_attribute()))),
        (asking(OF_COMPANY), chain_answer(attributes=(an_attribute(),) * 3)),
        (asking(), chain_answer(attributes=(an_attribute(),))),
    ):
        with pytest.raises(UnexpectedAnswer, match="not asked for"):
            judged(answer, journey)


def test_the_second_register_has_no_screen_so_it_is_asked_nothing_and_may_give_nothing() -> None:
    with pytest.raises(UnexpectedAnswer, match="not asked for"):
        confirmed(confirmation(attributes=(an_attribute(),)), asking(OF_COMPANY))
    assert confirmed(confirmation(), asking(NEEDED_OF_COMPANY)).event is Event.CONFIRMED
    login = ad_answer().assertion
    assert login is not None
    asked = {
        index: decision_query(
            asking(OF_COMPANY, REQUIRED),
            SERVICE,
            read_authentication(login.element),
            (b"<a/>",),
            query_id="_q",
            makelaar=HM,
            destination="https://mr.example.nl",
            acs_index=index,
            now=NOW,
        ).requested_attributes
        for index in (2, None)
    }
    assert asked == {2: (OF_COMPANY,), None: ()}


@pytest.mark.rule("6.1.11")
def test_an_authenticatiedienst_is_asked_for_attributes_of_persons_only() -> None:
    request = authentication_request(
        asking(OF_COMPANY, REQUIRED, OPTIONAL),
        SERVICE,
        request_id="_r",
        makelaar=HM,
        destination="https://ad.example.nl",
        acs_index=1,
        now=NOW + timedelta(0),
    )
    assert request.requested_attributes == (REQUIRED, OPTIONAL)


CATALOGUE = (
    RequestedAttribute(FAMILY_NAME, True, {"nl": "Daarom."}),
    RequestedAttribute(FIRST_NAME, False, {"nl": "Daarom."}),
)
LISTED = {7: (AskedAttribute(FAMILY_NAME, True),), None: (AskedAttribute(FIRST_NAME, True),)}
ASKING_DV = a_dienstverlener(a_service(requested_attributes=CATALOGUE), requested_attributes=LISTED)


@pytest.mark.rule("2.33")
def test_a_login_asks_what_its_service_index_asks() -> None:
    assert begun(partner=ASKING_DV, service_index=7).attributes == (AskedAttribute(FAMILY_NAME, True),)
    assert begun(partner=ASKING_DV, service_index=None).attributes == (AskedAttribute(FIRST_NAME, False),)
    assert begun(service_index=7).attributes == ()


@pytest.mark.rule("2.44", "2.45")
def test_a_request_adds_to_that_what_the_catalogue_declares() -> None:
    more = (AskedAttribute(FIRST_NAME), AskedAttribute(COMPANY_NAME, True), AskedAttribute("urn:x", True))
    journey = begun(partner=ASKING_DV, service_index=7, requested_attributes=more)
    assert journey.attributes == (AskedAttribute(FAMILY_NAME, True), AskedAttribute(FIRST_NAME, False))


@pytest.mark.parametrize(("profile", "asks"), [(Profile.V1_11, True), (Profile.SAML, False)])
def test_nobody_is_asked_for_what_an_answer_in_clear_could_not_carry(profile: Profile, asks: bool) -> None:
    connected = replace(ASKING_DV, connection=Connection(profile=profile))
    assert bool(begun(partner=connected, service_index=7).attributes) is asks
