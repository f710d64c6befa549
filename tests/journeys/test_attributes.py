"""Whole logins in which the dienstverlener asks for attributes, and people give some, all or none."""

from collections.abc import Callable

import pytest
from lxml import etree

from broker.domain.attributes import COMPANY_KVK
from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import DATE_OF_BIRTH
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import INITIALS
from broker.domain.attributes import INTERMEDIATE_COMPANY_NAME
from broker.network import cast
from broker.network.people import KNOWN_OF
from tests.box import Box
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Passing
from tests.journeys.visitor import Visitor
from tests.judges import xmlsec1_opens

ESP = "urn:etoegang:1.9:samlp-extension"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
WERKNEMER = KNOWN_OF["werknemer"]
NOT_DELIVERABLE = ("Responder", "RequestUnsupported")


def extension(**asked: bool) -> str:
    """An Extensions element that asks for attributes of the person and the company, by the end of their names."""
    names = {name.rpartition(":")[2]: name for name in (*WERKNEMER, COMPANY_NAME, COMPANY_KVK)}
    elements = "".join(
        f'<md:RequestedAttribute Name="{names[name]}" isRequired="{str(required).lower()}"/>'
        for name, required in asked.items()
    )
    return (
        f'<samlp:Extensions><esp:RequestedAttributes xmlns:esp="{ESP}" xmlns:md="{MD}">{elements}'
        "</esp:RequestedAttributes></samlp:Extensions>"
    )


def asked_in(passing: Passing) -> dict[str, str]:
    """The attributes a message asks for, and whether they are required."""
    found = etree.fromstring(passing.message).iterfind(
        f".//{{{ESP}}}RequestedAttributes/{{{MD}}}RequestedAttribute"
    )
    return {each.get("Name", ""): each.get("isRequired", "") for each in found}


def ticked(visitor: Visitor) -> list[str]:
    """What is ticked on the page that a person is shown."""
    return [str(box.get("value")) for box in visitor.page.xpath("//input[@name='attribute'][@checked]")]


def offered(visitor: Visitor) -> list[str]:
    """What can be ticked."""
    return [str(box.get("value")) for box in visitor.page.xpath("//input[@name='attribute']")]


@pytest.mark.rule("2.33", "3.4.15", "3.4.17", "3.4.18")
def test_what_a_person_lets_go_reaches_the_dienstverlener_and_it_alone(visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.ASKING)
    assert offered(visitor) == ["first_name", "family_name"]
    visitor.consent("first_name", "family_name")
    assert offered(visitor) == ["company_name"]
    received = visitor.consent("company_name").received()
    assert received.status == SUCCESS
    assert received.passed_on() == {
        FIRST_NAME: WERKNEMER[FIRST_NAME],
        FAMILY_NAME: WERKNEMER[FAMILY_NAME],
        COMPANY_NAME: cast.BAKKERIJ.name,
    }
    ad, mr = received.advice
    assert set(received.passed_on(ad)) == {FIRST_NAME, FAMILY_NAME}
    assert set(received.passed_on(mr)) == {COMPANY_NAME}
    for encrypted in received.find("//saml:EncryptedAttribute"):
        assert [key.get("Recipient") for key in encrypted.iterfind("xenc:EncryptedKey", NS)] == [
            visitor.dv.entity_id
        ]
        assert xmlsec1_opens(etree.tostring(encrypted, with_tail=False), visitor.dv.name) is not None


def test_the_makelaar_passes_the_ciphertext_on_as_it_was_made(visitor: Visitor) -> None:
    received = visitor.complete("werknemer", documents.ASKING).consent("family_name").consent().received()
    encrypted = "saml:AttributeStatement/saml:EncryptedAttribute"
    (copy,), (original,) = (
        received.assertion.findall(encrypted, NS),
        received.advice[0].findall(encrypted, NS),
    )
    values = ".//xenc:CipherValue"
    assert [each.text for each in copy.iterfind(values, NS)] == [
        each.text for each in original.iterfind(values, NS)
    ]
    identifiers = [node.get("Id") for node in received.envelope.iter("{*}*") if node.get("Id")]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.rule("6.1.11", "6.3.06")
def test_each_party_is_asked_for_what_it_may_give(visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.ASKING).consent("family_name").consent().received()
    assert asked_in(visitor.last("AuthnRequest")) == {FIRST_NAME: "false", FAMILY_NAME: "true"}
    assert asked_in(visitor.last("XACMLAuthzDecisionQuery")) == {COMPANY_NAME: "false"}


def test_nothing_is_ticked_beforehand_the_second_time_neither(new_visitor: Callable[[], Visitor]) -> None:
    for _ in range(2):
        visitor = new_visitor().complete("werknemer", documents.ASKING)
        assert ticked(visitor) == []
        visitor.consent("first_name", "family_name")
        assert ticked(visitor) == []
        visitor.consent("company_name").received()


@pytest.mark.rule("8.20")
def test_without_an_optional_attribute_the_login_goes_on(visitor: Visitor) -> None:
    received = visitor.complete("werknemer", documents.SELDOM_ASKING).consent().received()
    assert received.status == SUCCESS
    assert received.passed_on() == {}


@pytest.mark.rule("8.18", "8.19")
def test_without_a_required_one_it_stops_with_a_message(visitor: Visitor, recorded: Recorded) -> None:
    visitor.complete("werknemer", documents.ASKING).consent("first_name")
    assert "Zonder dit gegeven kunt u niet verder" in visitor.text
    assert "Achternaam" in visitor.text
    visitor.press("cancel").relay()
    assert "U gaf geen toestemming" in visitor.text
    assert "Log opnieuw in Ga terug" in visitor.text, "the same inlogmiddel will do"
    received = visitor.press("back").received()
    assert received.status == AUTHN_FAILED
    assert "toestemming-geweigerd" in received.message
    assert not received.find("//saml:Assertion")
    request = visitor.request
    assert request is not None
    assert {outcome for _, outcome in recorded("request_id", request.id)} == {"toestemming-geweigerd"}


def test_who_withheld_a_required_one_can_give_it_after_all(visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.ASKING).consent("first_name").press("retry")
    assert ticked(visitor) == []
    received = visitor.consent("family_name").consent().received()
    assert received.passed_on() == {FAMILY_NAME: WERKNEMER[FAMILY_NAME]}


def test_stopping_at_the_questions_is_a_cancel(visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.ASKING).press("cancel").relay()
    assert "ad" in visitor.fields(), "back at the list of the makelaar"
    assert visitor.press("cancel").received().status == AUTHN_FAILED


@pytest.mark.rule("8.18", "8.19")
def test_a_required_one_that_nobody_knows_ends_the_login(visitor: Visitor) -> None:
    visitor.complete("basis", documents.ASKING)
    assert "Een gegeven dat nodig is, ontbreekt" in visitor.text
    received = visitor.press("back").received()
    assert received.status == NOT_DELIVERABLE
    assert "attribuut-niet-leverbaar" in received.message


@pytest.mark.rule("8.20")
def test_an_optional_one_that_nobody_knows_is_not_asked_about(visitor: Visitor) -> None:
    # The catalogue calls the date of birth required; the dienstverlener asks for less than it may.
    visitor.complete("basis", documents.SELDOM_ASKING, inside=extension(DateOfBirth=False))
    assert offered(visitor) == ["initials"]
    assert set(visitor.consent("initials").received().passed_on()) == {INITIALS}


@pytest.mark.rule("2.44")
def test_a_request_may_ask_for_more_of_what_the_catalogue_declares(visitor: Visitor) -> None:
    visitor.complete(
        "werknemer",
        documents.SELDOM_ASKING,
        inside=extension(DateOfBirth=True, CompanyName=True, KvKnr=False),
    )
    assert offered(visitor) == ["initials", "date_of_birth"]
    visitor.consent("date_of_birth")
    assert offered(visitor) == ["company_name", "company_kvk"]
    visitor.consent("company_kvk")
    assert "Naam van de organisatie" in visitor.text
    received = visitor.press("retry").consent("company_name", "company_kvk").received()
    assert received.passed_on() == {
        DATE_OF_BIRTH: WERKNEMER[DATE_OF_BIRTH],
        COMPANY_NAME: cast.BAKKERIJ.name,
        COMPANY_KVK: cast.BAKKERIJ.kvk,
    }


def test_refusing_the_name_of_the_company_stops_the_login_too(visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.SELDOM_ASKING, inside=extension(CompanyName=True))
    visitor.consent().consent().press("cancel").relay()
    received = visitor.press("back").received()
    assert received.status == AUTHN_FAILED
    assert "toestemming-geweigerd" in received.message


@pytest.mark.rule("2.45", "3.4.15")
def test_what_the_catalogue_does_not_declare_is_never_asked(visitor: Visitor) -> None:
    inside = extension(FirstName=True, FamilyName=True)
    visitor.complete("werknemer", documents.SELDOM_ASKING, inside=inside)
    assert offered(visitor) == ["initials"]
    received = visitor.consent("initials").received()
    assert set(received.passed_on()) == {INITIALS}
    assert asked_in(visitor.last("AuthnRequest")) == {INITIALS: "false"}


@pytest.mark.rule("2.45")
def test_an_extension_that_nobody_knows_is_passed_over(visitor: Visitor) -> None:
    inside = '<samlp:Extensions><x:Wish xmlns:x="urn:example:wishes">more</x:Wish></samlp:Extensions>'
    assert visitor.complete("werknemer", inside=inside).received().status == SUCCESS


@pytest.mark.rule("3.4.16")
def test_in_a_chain_the_name_of_the_intermediary_comes_by_itself(visitor: Visitor) -> None:
    visitor.complete("accountant", documents.ASKING).consent("family_name")
    visitor.choose_company(cast.BLOEMIST.name)
    assert offered(visitor) == ["company_name"]
    received = visitor.consent("company_name").received()
    assert received.passed_on() == {
        FAMILY_NAME: KNOWN_OF["accountant"][FAMILY_NAME],
        COMPANY_NAME: cast.BLOEMIST.name,
        INTERMEDIATE_COMPANY_NAME: cast.KANTOOR.name,
    }


def test_a_service_that_asks_nothing_gets_nothing_in_a_chain_neither(visitor: Visitor) -> None:
    received = visitor.complete("accountant").choose_company(cast.BLOEMIST.name).received()
    assert received.status == SUCCESS
    assert not received.find("//saml:EncryptedAttribute")


def test_who_goes_back_to_the_list_of_companies_can_choose_another(visitor: Visitor) -> None:
    visitor.complete("eigenaar", documents.ASKING).consent("family_name")
    listed = visitor.answer
    visitor.choose_company(cast.BOEKHANDEL.name)
    assert cast.BOEKHANDEL.name in visitor.text
    visitor.answer = listed
    visitor.choose_company(cast.FIETSENMAKER.name)
    received = visitor.consent("company_name").received()
    assert received.passed_on()[COMPANY_NAME] == cast.FIETSENMAKER.name
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.FIETSENMAKER.kvk


def test_no_hop_carries_a_value_or_tells_its_name(box: Box, visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.ASKING).consent("first_name", "family_name")
    message = visitor.consent("company_name").received().http.content
    hops = [each.message for each in visitor.passed] + [message]
    assert len(hops) == 6
    values = (*WERKNEMER.values(), cast.BAKKERIJ.name)
    assert not [value for value in values if len(value) > 3 and any(value.encode() in hop for hop in hops)]
    answers = [hop for hop in hops if b"XACMLAuthzDecisionQuery" not in hop and b"AuthnRequest" not in hop]
    assert answers
    assert not any(b":attribute:" in hop or b"attribute-represented" in hop for hop in answers)
    assert not [value for value in values if len(value) > 3 and value in box.logs()]
