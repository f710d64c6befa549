"""Logins of people from other member states, through the eIDAS-berichtenservice (EB)."""

import secrets
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from urllib.parse import urlencode

import pytest
from lxml import etree

from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import random_id
from broker.network.foreigners import MUSTERWERK
from broker.ports import Role
from broker.saml.artifact import Artifact
from broker.saml.artifact import source_id
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_SOAP
from broker.saml.partner import Endpoint
from broker.settings import AD_SLEUTEL
from broker.settings import BERICHTENSERVICE
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from tests.box import Box
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.network import Forger
from tests.journeys.network import assertions_of
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import NS
from tests.journeys.received import RESPONDER
from tests.journeys.received import SUCCESS
from tests.journeys.received import UNSUPPORTED
from tests.journeys.test_ad_list import scoping
from tests.journeys.test_partner_answers import assert_thrown_away
from tests.journeys.test_partner_answers import deliver
from tests.journeys.visitor import Passing
from tests.journeys.visitor import Visitor
from tests.judges import python_xmlsec_opens
from tests.keys import signer
from tests.walker import Walker

REPRESENTATION = "urn:etoegang:core:Representation"
AWAY = "urn:etoegang:EB:00000099000000007900:entities:9001"
"""An eIDAS-berichtenservice that we know and that is not there."""


def as_person(visitor: Visitor, username: str, service: int = documents.EIDAS, **request: str) -> Visitor:
    """From the dienstverlener, as this person, to wherever the login stops by itself."""
    visitor.ask(service, **request).press("choose", person=username).relay()
    return visitor


@pytest.fixture
def at_the_door(box: Box, new_visitor: Callable[[], Visitor]) -> Callable[[str], tuple[Visitor, Passing]]:
    """Makes people for whom the EB has answered, and who stand before the makelaar with that answer."""

    def come(username: str) -> tuple[Visitor, Passing]:
        visitor = new_visitor()
        visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_EB)
        as_person(visitor, username)
        visitor.browser.stops.pop()
        return visitor, visitor.passed[-1]

    return come


# What the dienstverlener gets


@pytest.mark.rule("1.5.01", "1.5.03", "1.5.06", "6.0.03", "6.2.02", "11.14")
def test_a_representative_logs_in_for_a_company_without_a_screen_of_ours(visitor: Visitor, box: Box) -> None:
    visitor.ask(documents.EIDAS)
    assert visitor.url.startswith(box.url(BERICHTENSERVICE) + "/")
    visitor.press("choose", person="prokurist").relay()
    received = visitor.received()
    assert received.status == SUCCESS
    assert received.opened("LegalSubjectID") == {"eIDASLegalIdentifier": MUSTERWERK.identifier}
    assert len(received.opened("ActingSubjectID")["Pseudo"]) == 64 + 1 + 32
    assert received.plain(REPRESENTATION) == "true"
    assert received.level == "loa3"
    assert [passing.kind for passing in visitor.passed] == ["AuthnRequest", "Response", "Response"]
    assert len(received.advice) == 2


@pytest.mark.rule("1.5.02", "4.06", "4.17", "6.1.20")
def test_a_citizen_acts_for_nobody_and_has_a_pseudonym_only(visitor: Visitor) -> None:
    received = as_person(visitor, "burger").received()
    assert received.status == SUCCESS
    assert received.attribute("urn:etoegang:core:LegalSubjectID") == []
    assert received.plain(REPRESENTATION) == "false"
    assert len(received.opened("ActingSubjectID")["Pseudo"]) == 64
    assert received.level == "loa4"
    assert len(received.advice) == 1
    (qualifier,) = _qualifiers(visitor)
    assert qualifier == "urn:etoegang:1.9:EntityConcernedID:Pseudo"


def _qualifiers(visitor: Visitor) -> list[str]:
    """The types of identifiers of the person, opened with the key of the dienstverlener."""
    received = visitor.dv.received[-1]
    found: list[str] = []
    for value in received.attribute("urn:etoegang:core:ActingSubjectID"):
        plain = python_xmlsec_opens(etree.tostring(value[0], with_tail=False), visitor.dv.name)
        assert plain is not None
        name_id = etree.fromstring(plain).find("saml:NameID", NS)
        assert name_id is not None
        found.append(name_id.get("NameQualifier") or "")
    return found


@pytest.mark.rule("3.3.05", "3.3.19")
def test_the_eb_is_named_as_who_authenticated(visitor: Visitor) -> None:
    received = as_person(visitor, "burger").received()
    assertion = "//samlp:Response/saml:Assertion"
    assert (
        received.one(f"{assertion}/saml:Subject/saml:NameID").get("NameQualifier")
        == BERICHTENSERVICE.entity_id
    )
    authority = f"{assertion}/saml:AuthnStatement/saml:AuthnContext/saml:AuthenticatingAuthority"
    assert received.text(authority) == BERICHTENSERVICE.entity_id


def test_the_same_person_has_one_pseudonym_here_and_another_elsewhere(
    new_visitor: Callable[[], Visitor], box: Box
) -> None:
    here = [as_person(new_visitor(), "burger").received().opened("ActingSubjectID") for _ in range(2)]
    assert here[0] == here[1]
    elsewhere = Walker(box).start(21).press("choose", person="burger").relay()
    assert here[0]["Pseudo"] not in elsewhere.text


@pytest.mark.rule("6.2.01")
def test_the_eb_gets_the_request_that_an_authenticatiedienst_gets(visitor: Visitor) -> None:
    visitor.ask(documents.EIDAS, level="loa2")
    message = visitor.last("AuthnRequest").message
    root = etree.fromstring(message)
    assert root.get("AssertionConsumerServiceIndex") == "5"
    assert root.get("AssertionConsumerServiceURL") is None
    assert b"assurance-class:loa2<" in message
    assert documents.instance_uuid(visitor.dv.oin, documents.EIDAS).encode() in message


@pytest.mark.rule("1.5.04", "11.11")
def test_the_choice_is_not_remembered_and_what_was_remembered_stays(visitor: Visitor) -> None:
    visitor.ask().choose_ad("werknemer", remember=True)
    visitor.authenticate("werknemer")
    assert visitor.received().status == SUCCESS
    before = {(cookie.name, cookie.value) for cookie in visitor.session.cookies}
    assert as_person(visitor, "burger").received().status == SUCCESS
    assert {(cookie.name, cookie.value) for cookie in visitor.session.cookies} == before


def test_the_eb_is_on_record_as_who_authenticated(visitor: Visitor, recorded: Recorded) -> None:
    as_person(visitor, "burger").received()
    assert visitor.request is not None
    assert [outcome for _, outcome in recorded("request_id", visitor.request.id)] == ["granted"]
    assert recorded("authenticatiedienst", BERICHTENSERVICE.entity_id)


@pytest.mark.rule("7.5.09")
def test_the_eb_does_not_stand_on_the_list_of_authenticatiediensten(visitor: Visitor) -> None:
    visitor.ask()
    assert BERICHTENSERVICE.entity_id not in visitor.page.xpath("//input[@name='ad']/@value")
    assert BERICHTENSERVICE.display_name("nl") not in visitor.text


# What is refused


@pytest.mark.rule("1.7.01")
def test_who_cancels_at_the_eb_is_back_at_the_dienstverlener(visitor: Visitor) -> None:
    visitor.ask(documents.EIDAS).press("cancel").relay()
    received = visitor.received()
    assert received.status == AUTHN_FAILED
    assert "geannuleerd" in received.message


def test_means_at_too_low_a_level_are_refused_and_others_may_be_tried(visitor: Visitor) -> None:
    as_person(visitor, "toerist")
    assert "niveau-te-laag" in visitor.text
    visitor.press("other").relay()
    visitor.press("choose", person="burger").relay()
    assert visitor.received().status == SUCCESS


def test_who_does_not_try_again_goes_back_with_the_refusal(visitor: Visitor) -> None:
    as_person(visitor, "toerist").press("back")
    assert visitor.received().status == AUTHN_FAILED


def test_a_lower_level_may_be_asked(visitor: Visitor) -> None:
    assert as_person(visitor, "toerist", level="loa2").received().level == "loa2"


@pytest.mark.rule("6.2.05", "8.21")
def test_a_dienstverlener_that_may_not_have_a_bsn_is_refused(visitor: Visitor) -> None:
    visitor.ask(documents.EIDAS_BSN)
    assert "bsn-niet-toegestaan" in visitor.text
    assert visitor.page.xpath("//button[@value='other']") == []
    visitor.press("back")
    assert visitor.received().status == UNSUPPORTED


@pytest.mark.rule("6.2.06", "6.2.08", "8.22")
def test_a_person_without_bsn_is_told_so_and_is_not_asked_again(box: Box) -> None:
    walker = Walker(box).start(22).press("choose", person="grensarbeider").relay()
    assert walker.url.startswith(box.url(MAKELAAR))
    assert "geen-bsn" in walker.text
    assert [button.get("value") for button in walker.page.xpath("//button")] == ["back"]
    page = walker.url
    walker.press("other")
    assert walker.url == page, "not even who asks for it"
    walker.press("back").relay()
    assert walker.url.startswith(box.url(GEMEENTE))
    assert "geen-bsn" in walker.text


def test_a_person_with_a_bsn_gets_in_where_it_is_needed(box: Box) -> None:
    walker = Walker(box).start(22).press("choose", person="burger").relay()
    assert walker.page.xpath("string(//dt[.='BSN']/following-sibling::dd)") == "999990019"


@pytest.mark.rule("1.4.06", "6.2.03", "8.23")
def test_a_portal_is_not_possible(visitor: Visitor) -> None:
    visitor.ask(documents.EIDAS_PORTAL)
    assert "eidas-geen-portaal" in visitor.text
    assert visitor.status == 400
    visitor.press("back")
    assert visitor.received().status == UNSUPPORTED


@pytest.mark.rule("6.2.04", "8.24")
def test_a_service_of_eherkenning_cannot_be_sent_to_the_eb(visitor: Visitor) -> None:
    visitor.ask(documents.DEFAULT, inside=scoping(BERICHTENSERVICE.entity_id))
    assert "eidas-niet-mogelijk" in visitor.text
    visitor.press("back")
    assert visitor.received().status == UNSUPPORTED


def test_a_dienstverlener_may_name_the_eb_for_a_service_of_eidas(visitor: Visitor) -> None:
    assert (
        as_person(visitor, "burger", inside=scoping(BERICHTENSERVICE.entity_id)).received().status == SUCCESS
    )


def test_an_authenticatiedienst_that_is_named_for_a_service_of_eidas_is_not_asked(visitor: Visitor) -> None:
    assert as_person(visitor, "burger", inside=scoping(AD_SLEUTEL.entity_id)).received().status == SUCCESS


@pytest.mark.rule("3.4.19")
def test_attributes_of_person_and_company_reach_the_dienstverlener(box: Box) -> None:
    walker = Walker(box).start(23).press("choose", person="prokurist")
    walker.submit(_with="attribute", do="consent", attribute="family_name").relay()
    assert "Musterbeispiel" in walker.text
    assert MUSTERWERK.name not in walker.text, "an optional one was kept back"


# Coming back without an answer


def test_who_comes_back_from_the_eb_may_go_on_or_stop(visitor: Visitor, box: Box) -> None:
    visitor.ask(documents.EIDAS)
    page = f"{box.url(MAKELAAR)}/journey/{visitor.passed[-1].relay_state}"
    visitor.open(page)
    assert visitor.status == 200
    visitor.press("choose").relay()
    assert visitor.url.startswith(box.url(BERICHTENSERVICE))
    visitor.open(page).press("cancel")
    assert visitor.received().status == AUTHN_FAILED


def test_the_answer_to_the_earlier_question_is_then_no_answer(
    at_the_door: Callable[[str], tuple[Visitor, Passing]], box: Box, recorded: Recorded
) -> None:
    visitor, answer = at_the_door("burger")
    visitor.open(f"{box.url(MAKELAAR)}/journey/{answer.relay_state}").press("choose").relay()
    deliver(visitor, answer.message, paths.HM_ACS_EB, answer.relay_state)
    assert_thrown_away(visitor, recorded)


def test_a_button_of_another_page_does_nothing(visitor: Visitor, box: Box) -> None:
    visitor.ask(documents.EIDAS)
    page = f"{box.url(MAKELAAR)}/journey/{visitor.passed[-1].relay_state}"
    visitor.open(page).press("other", ad=AD_SLEUTEL.entity_id)
    assert visitor.url == page
    visitor.press("back")
    assert visitor.url == page


# Answers that are not to be believed


def test_what_the_forger_leaves_alone_is_believed(
    at_the_door: Callable[[str], tuple[Visitor, Passing]], box: Box
) -> None:
    visitor, answer = at_the_door("prokurist")
    forger = Forger(box, BERICHTENSERVICE)
    person, company = assertions_of(answer.message)
    deliver(visitor, forger.gather(answer.message, company, person), paths.HM_ACS_EB, answer.relay_state)
    assert visitor.received().status == SUCCESS


Mix = Callable[[list[bytes], list[bytes]], list[bytes]]


def _unsigned(assertion: bytes) -> bytes:
    root = etree.fromstring(assertion)
    root.remove(root.findall("ds:Signature", NS)[0])
    return etree.tostring(root)


MIXES: dict[str, Mix] = {
    "a company of another login": lambda own, other: [own[0], other[1]],
    "a person of another login": lambda own, other: [other[0], own[1]],
    "both of another login": lambda own, other: other,
    "no company": lambda own, other: own[:1],
    "no person": lambda own, other: own[1:],
    "a second person": lambda own, other: [own[0], other[0]],
    "three": lambda own, other: [*own, other[1]],
    "none": lambda own, other: [],
    "an unsigned company": lambda own, other: [own[0], _unsigned(own[1])],
    "an unsigned person": lambda own, other: [_unsigned(own[0]), own[1]],
}


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
def test_assertions_that_do_not_belong_together_are_thrown_away(
    at_the_door: Callable[[str], tuple[Visitor, Passing]], box: Box, recorded: Recorded, mix: Mix
) -> None:
    visitor, answer = at_the_door("prokurist")
    _, elsewhere = at_the_door("prokurist")
    mixed = mix(assertions_of(answer.message), assertions_of(elsewhere.message))
    message = Forger(box, BERICHTENSERVICE).gather(answer.message, *mixed)
    deliver(visitor, message, paths.HM_ACS_EB, answer.relay_state)
    assert_thrown_away(visitor, recorded)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ({'InResponseTo="': 'InResponseTo="_other'}, {}),
        ({'Destination="': 'Destination="http://localhost:9/'}, {}),
        ({}, {'InResponseTo="': 'InResponseTo="_other'}),
        ({}, {f">{MAKELAAR.entity_id}</saml:Audience>": ">urn:etoegang:HM:0:entities:1</saml:Audience>"}),
        ({}, {"http://eidas.europa.eu/LoA/high": "http://eidas.europa.eu/LoA/highest"}),
        ({}, {"http://eidas.europa.eu/LoA/high": "http://eidas.europa.eu/LoA/test/high"}),
        ({}, {">false<": ">true<"}),
        ({}, {'Recipient="urn:etoegang:DV:00000099000000006000': 'Recipient="urn:etoegang:DV:0000009900000000'}),
        ({}, {"urn:etoegang:core:ActingSubjectID": "urn:etoegang:core:Other"}),
        ({"status:Success": "status:Responder"}, {}),
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_thrown_away(
    at_the_door: Callable[[str], tuple[Visitor, Passing]],
    box: Box,
    recorded: Recorded,
    outer: dict[str, str],
    inner: dict[str, str],
) -> None:
    visitor, answer = at_the_door("burger")
    message = Forger(box, BERICHTENSERVICE).change(answer.message, outer, inner)
    deliver(visitor, message, paths.HM_ACS_EB, answer.relay_state)
    assert_thrown_away(visitor, recorded)


def test_levels_of_the_afsprakenstelsel_are_understood_too(
    at_the_door: Callable[[str], tuple[Visitor, Passing]], box: Box
) -> None:
    visitor, answer = at_the_door("burger")
    loa3 = {"http://eidas.europa.eu/LoA/high": "urn:etoegang:core:assurance-class:loa3"}
    message = Forger(box, BERICHTENSERVICE).change(answer.message, {}, loa3)
    deliver(visitor, message, paths.HM_ACS_EB, answer.relay_state)
    assert visitor.received().level == "loa3"


def test_an_answer_of_an_authenticatiedienst_is_none_of_the_eb(
    at_the_door: Callable[[str], tuple[Visitor, Passing]], box: Box, recorded: Recorded
) -> None:
    visitor, answer = at_the_door("burger")
    theirs = answer.message.replace(BERICHTENSERVICE.entity_id.encode(), AD_SLEUTEL.entity_id.encode())
    message = Forger(box, AD_SLEUTEL).change(theirs, {}, {})
    deliver(visitor, message, paths.HM_ACS_EB, answer.relay_state)
    assert_thrown_away(visitor, recorded)


def test_an_answer_cannot_be_used_twice(
    at_the_door: Callable[[str], tuple[Visitor, Passing]], box: Box
) -> None:
    visitor, answer = at_the_door("prokurist")
    cookies = visitor.session.cookies.copy()
    deliver(visitor, answer.message, paths.HM_ACS_EB, answer.relay_state)
    assert visitor.received().status == SUCCESS
    visitor.session.cookies = cookies
    deliver(visitor, answer.message, paths.HM_ACS_EB, answer.relay_state)
    assert not visitor.location
    assert "al-afgerond" in visitor.text


# An EB that is not there


@pytest.fixture
def eb_away(box: Box) -> Iterator[None]:
    """A second EB known to the makelaar, of which nothing listens; forgotten afterwards."""
    engine = make_engine(box.settings.database(MAKELAAR))
    publication = Publication(
        entity_id=AWAY,
        document_id=random_id(),
        names={"nl": "eIDAS Afwezig", "en": "Absent eIDAS"},
        url="http://localhost:9",
        sign_on=(Endpoint(BINDING_ARTIFACT, "http://localhost:9/sso"),),
        artifact_resolution=(Endpoint(BINDING_SOAP, "http://localhost:9/ars", 0, is_default=True),),
        level=LevelOfAssurance.LOA4,
    )
    metadata = make_metadata(publication, signer("eb-away"))
    register(SqlRegistry(engine), Role.EB, metadata, None, makelaar_oin=MAKELAAR.oin, now=datetime.now(UTC))
    yield
    SqlRegistry(engine).remove(AWAY)
    engine.dispose()


@pytest.mark.usefixtures("eb_away")
def test_an_eb_that_cannot_be_reached_is_a_fault_with_another_try_and_a_way_back(
    visitor: Visitor, box: Box, recorded: Recorded
) -> None:
    visitor.ask(documents.EIDAS, inside=scoping(AWAY))
    relay_state = visitor.passed[-1].relay_state
    artifact = Artifact(0, source_id(AWAY), secrets.token_bytes(20)).encode()
    query = urlencode({"SAMLart": artifact, "RelayState": relay_state})
    visitor.browser.stops.remove(visitor.dv.url + "/")
    visitor.open(f"{box.url(MAKELAAR)}{paths.HM_ACS_EB}?{query}")
    assert "berichtenservice-fout" in visitor.text
    assert [button.get("value") for button in visitor.page.xpath("//button")] == ["other", "back"]
    visitor.browser.stops.append(visitor.dv.url + "/")
    visitor.press("back")
    assert visitor.received().status == RESPONDER
    assert visitor.request is not None
    assert {outcome for _, outcome in recorded("request_id", visitor.request.id)} == {"berichtenservice-fout"}
