"""Every message of every hop before independent judges and the OASIS schemas."""

from collections.abc import Callable

import pytest
from lxml import etree

from broker.assembly import paths
from broker.network import cast
from broker.settings import MAKELAAR
from tests.attacks.differential import assert_all_judges_agree
from tests.attacks.differential import our_refusal
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.network import all_certificates
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.judges import python_xmlsec_opens
from tests.judges import xmlsec1_opens

import requests

KINDS = ["AuthnRequest", "Response", "XACMLAuthzDecisionQuery", "Response", "Response"]


@pytest.fixture(
    scope="module",
    params=[
        ("werknemer", 3, ""),
        ("eigenaar", 3, cast.KLUSBEDRIJF.name),
        ("vestiging", 6, ""),
        ("accountant", 3, cast.BLOEMIST.name),
        ("medewerker", 2, ""),
    ],
    ids=lambda param: str(param[0]),
)
def login(request: pytest.FixtureRequest, box: Box, dv: ForeignDv, ledger: Ledger) -> Visitor:
    """A login of each kind."""
    username, service, company = request.param
    visitor = Visitor(box, dv, ledger).complete(username, service)
    if company:
        visitor.choose_company(company)
    assert visitor.received().status == SUCCESS
    return visitor


def test_every_message_between_the_parties_convinces_every_judge(box: Box, login: Visitor) -> None:
    assert [passing.kind for passing in login.passed] == KINDS
    certificates = all_certificates(box, login.dv.name)
    for passing in login.passed:
        assert_all_judges_agree(passing.message, certificates)


def test_what_the_dienstverlener_gets_convinces_every_judge(box: Box, login: Visitor) -> None:
    received = login.dv.received[-1]
    assert_all_judges_agree(received.http.content, all_certificates(box))
    sent = received.http.request.body
    assert isinstance(sent, bytes)
    assert_all_judges_agree(sent, all_certificates(box, login.dv.name))


def test_what_the_dienstverlener_gets_opens_with_other_software(login: Visitor) -> None:
    received = login.dv.received[-1]
    values = [value for name in ("LegalSubjectID", "ActingSubjectID") for value in received.attribute(f"urn:etoegang:core:{name}")]
    assert values
    for value in values:
        encrypted = etree.tostring(value[0], with_tail=False)
        opened = xmlsec1_opens(encrypted, login.dv.name)
        assert opened is not None
        assert opened == python_xmlsec_opens(encrypted, login.dv.name) or b"NameID" in opened


def test_a_refusal_convinces_every_judge(box: Box, new_visitor: Callable[[], Visitor]) -> None:
    visitor = new_visitor().ask(99).press("back")
    received = visitor.received()
    assert_all_judges_agree(received.http.content, all_certificates(box))
    assert_all_judges_agree(etree.tostring(received.response), all_certificates(box))


def test_an_answer_without_message_convinces_every_judge(box: Box, new_visitor: Callable[[], Visitor]) -> None:
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
