"""Every message of every hop before independent judges and the OASIS schemas."""

from collections.abc import Callable

import pytest
import requests
from lxml import etree

from broker.assembly import paths
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.network import cast
from broker.saml.decision_query import DecisionQuery
from broker.saml.decision_query import write_decision_query
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.signature import sign
from broker.saml.soap import wrap
from broker.settings import MAKELAAR
from broker.settings import MR_TWEE
from broker.signers.files import FileSigner
from tests.attacks.differential import assert_all_judges_agree
from tests.attacks.differential import our_refusal
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.network import all_certificates
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.received import Received
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.judges import python_xmlsec_opens
from tests.judges import xmlsec1_opens

pytestmark = pytest.mark.slow

KINDS = ["AuthnRequest", "Response", "XACMLAuthzDecisionQuery", "Response", "Response"]


@pytest.fixture(
    scope="module",
    params=[
        ("werknemer", 3, ""),
        ("eigenaar", 3, cast.KLUSBEDRIJF.name),
        ("vestiging", 6, ""),
        ("accountant", 3, cast.BLOEMIST.name),
        ("medewerker", 2, ""),
        ("directeur", documents.ASKING, ""),
    ],
    ids=lambda param: str(param[0]),
)
def login(
    request: pytest.FixtureRequest, box: Box, dv: ForeignDv, ledger: Ledger
) -> tuple[Visitor, Received]:
    """A login of each kind, and what the dienstverlener got."""
    username, service, company = request.param
    visitor = Visitor(box, dv, ledger).complete(username, service)
    if company:
        visitor.choose_company(company)
    if service == documents.ASKING:
        visitor.consent("first_name", "family_name").consent("company_name")
    received = visitor.received()
    assert received.status == SUCCESS
    return visitor, received


@pytest.mark.rule("6.0.01", "6.0.02", "6.0.04", "6.0.05", "9.01")
def test_every_message_between_the_parties_convinces_every_judge(
    box: Box, login: tuple[Visitor, Received]
) -> None:
    visitor, _ = login
    assert [passing.kind for passing in visitor.passed] == KINDS
    certificates = all_certificates(box, visitor.dv.name)
    for passing in visitor.passed:
        assert_all_judges_agree(passing.message, certificates)


@pytest.mark.rule("3.2.08", "3.2.13", "3.3.02")
def test_what_the_dienstverlener_gets_convinces_every_judge(
    box: Box, login: tuple[Visitor, Received]
) -> None:
    visitor, received = login
    assert_all_judges_agree(received.http.content, all_certificates(box))
    assert_all_judges_agree(received.sent, all_certificates(box, visitor.dv.name))


@pytest.mark.rule("3.5.03", "3.5.06", "9.22")
def test_what_the_dienstverlener_gets_opens_with_other_software(login: tuple[Visitor, Received]) -> None:
    visitor, received = login
    values = [
        value
        for name in ("LegalSubjectID", "ActingSubjectID")
        for value in received.attribute(f"urn:etoegang:core:{name}")
    ]
    assert values
    for value in values:
        encrypted = etree.tostring(value[0], with_tail=False)
        opened = [opens(encrypted, visitor.dv.name) for opens in (xmlsec1_opens, python_xmlsec_opens)]
        by_program, by_library = (
            etree.fromstring(plain or b"<none/>").findtext("saml:NameID", "", NS) for plain in opened
        )
        assert by_program
        assert by_program == by_library


def test_attributes_open_with_other_software(new_visitor: Callable[[], Visitor]) -> None:
    visitor = new_visitor().complete("directeur", documents.ASKING).consent("first_name", "family_name")
    received = visitor.consent("company_name").received()
    found = received.assertion.findall("saml:AttributeStatement/saml:EncryptedAttribute", NS)
    assert len(found) == 3
    for encrypted in found:
        alone = etree.tostring(encrypted, with_tail=False)
        opened = [opens(alone, visitor.dv.name) for opens in (xmlsec1_opens, python_xmlsec_opens)]
        by_program, by_library = (
            etree.fromstring(plain or b"<none/>").findtext("saml:Attribute/saml:AttributeValue", "", NS)
            for plain in opened
        )
        assert by_program
        assert by_program == by_library


def test_a_refusal_convinces_every_judge(box: Box, new_visitor: Callable[[], Visitor]) -> None:
    visitor = new_visitor().ask(99).press("back")
    received = visitor.received()
    assert_all_judges_agree(received.http.content, all_certificates(box))
    assert_all_judges_agree(etree.tostring(received.response), all_certificates(box))


def test_an_answer_without_message_convinces_every_judge(
    box: Box, new_visitor: Callable[[], Visitor]
) -> None:
    visitor = new_visitor().ask().press("cancel")
    visitor.received()
    assert_all_judges_agree(visitor.received().http.content, all_certificates(box))


@pytest.mark.parametrize("path", [paths.METADATA, paths.NETWORK_METADATA, paths.CATALOGUE])
def test_what_the_makelaar_publishes_convinces_every_judge(box: Box, dv: ForeignDv, path: str) -> None:
    published = requests.get(box.url(MAKELAAR) + path, timeout=20)
    assert dv.entity_id in published.text or path != paths.CATALOGUE or dv.oin in published.text
    assert_all_judges_agree(published.content, all_certificates(box))


def test_a_request_by_hand_is_read_as_its_judges_read_it(box: Box, dv: ForeignDv) -> None:
    request = dv.ask(documents.DEFAULT, level="loa2")
    message = dv.sign(request.text, request.id)
    assert_all_judges_agree(message, all_certificates(box, dv.name))
    assert our_refusal(message, all_certificates(box, dv.name)) is None


def test_the_confirmation_of_the_second_register_convinces_every_judge(
    box: Box, new_visitor: Callable[[], Visitor]
) -> None:
    visitor = new_visitor()
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_MR)
    visitor.complete("accountant").choose_company(cast.BLOEMIST.name)
    responses = [etree.fromstring(each.message) for each in visitor.passed if each.kind == "Response"]
    login, link = (response.findall("saml:Assertion", NS)[0] for response in responses)
    query = DecisionQuery(
        id=random_id(),
        issue_instant=system_clock(),
        issuer=MAKELAAR.entity_id,
        destination=box.url(MR_TWEE) + paths.MR_CHAIN,
        subject_id=login.findtext("saml:Subject/saml:NameID", "", NS),
        service_id=documents.service_id(visitor.dv.oin, documents.DEFAULT),
        service_uuid=documents.service_uuid(visitor.dv.oin, documents.DEFAULT),
        level=LevelOfAssurance.LOA3,
        intended_audience=visitor.dv.entity_id,
        assertions=(etree.tostring(login), etree.tostring(link)),
        acs_index=None,
    )
    element = reparse(serialise(write_decision_query(query)))
    sign(element, FileSigner.load(box.settings.key_stem(MAKELAAR)))
    headers = {"Content-Type": "text/xml"}
    answer = requests.post(query.destination, data=wrap(serialise(element)), headers=headers, timeout=20)
    assert b"Permit" in answer.content
    assert cast.BLOEMIST.kvk.encode() not in answer.content
    assert_all_judges_agree(answer.content, all_certificates(box))
