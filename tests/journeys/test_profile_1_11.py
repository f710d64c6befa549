"""A dienstverlener of interface version 1.11: identifiers in clear, behind an artifact."""

import re
from collections.abc import Iterator

import pytest
import requests
from lxml import etree

from broker.assembly import paths
from broker.network import cast
from broker.saml.names import MD
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.attacks.differential import assert_all_judges_agree
from tests.box import Box
from tests.journeys import documents
from tests.journeys import second_register as second
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.network import all_certificates
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.received import UNDELIVERABLE
from tests.journeys.second_register import second_register
from tests.journeys.test_second_register import answer
from tests.journeys.test_second_register import confirmation
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

CONCERNED = "urn:etoegang:1.9:EntityConcernedID:"
INTERMEDIATE = "urn:etoegang:1.9:IntermediateEntityID:KvKnr"
RESTRICTION = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"
ACTING = "urn:etoegang:core:ActingEntityID"
PSEUDONYM = re.compile(r"[0-9a-f]{64}@[0-9a-f]{32}")


@pytest.fixture(scope="module")
def older_dv(box: Box) -> Iterator[ForeignDv]:
    """A connected dienstverlener of that version."""
    connected = ForeignDv(
        box, "older-dv", "00000099000000006400", "http://localhost:9/older", options=("--profile", "1.11")
    )
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture
def visitor(box: Box, older_dv: ForeignDv, ledger: Ledger) -> Visitor:
    """A person with a fresh browser."""
    return Visitor(box, older_dv, ledger)


@pytest.mark.rule("3.3.06", "3.4.09", "3.6.06")
def test_company_and_person_are_named_in_clear(box: Box, visitor: Visitor) -> None:
    received = visitor.complete("werknemer").received()
    assert received.status == SUCCESS
    name_id = received.one("//samlp:Response/saml:Assertion/saml:Subject/saml:NameID")
    assert PSEUDONYM.fullmatch(name_id.text or "")
    assert (name_id.get("Format") or "").endswith(":persistent")
    assert name_id.get("NameQualifier") == MR_EEN.entity_id
    assert received.plain(CONCERNED + "KvKnr") == cast.BAKKERIJ.kvk
    assert received.plain(CONCERNED + "RSIN") == cast.BAKKERIJ.rsin
    assert received.plain("urn:etoegang:core:ServiceID") == documents.service_id(visitor.dv.oin, 3)
    assert received.plain("urn:etoegang:core:ServiceUUID") == documents.service_uuid(visitor.dv.oin, 3)
    assert received.plain(INTERMEDIATE) is None
    assert received.level == "loa3"
    for name in ("LegalSubjectID", "ActingSubjectID"):
        assert received.attribute(f"urn:etoegang:core:{name}") == []
    assert_all_judges_agree(received.http.content, all_certificates(box))


def test_advice_is_as_in_every_version(visitor: Visitor) -> None:
    received = visitor.complete("werknemer").received()
    assert [each.findtext("saml:Issuer", "", NS) for each in received.advice] == [
        AD_SLEUTEL.entity_id,
        MR_EEN.entity_id,
    ]


@pytest.mark.rule("3.6.05")
def test_the_register_says_so_because_the_makelaar_asked(visitor: Visitor) -> None:
    visitor.complete("werknemer").received()
    assert b"urn:openmakelaar:1.0:query:PlainIdentifiers" in visitor.last("XACMLAuthzDecisionQuery").message
    said = [each.message for each in visitor.passed if each.kind == "Response"][1]
    assert ACTING.encode() in said
    assert cast.BAKKERIJ.kvk.encode() in said


@pytest.mark.rule("1.3.05", "3.4.10", "3.4.11")
def test_in_a_chain_the_intermediary_is_a_plain_string_beside_the_client(box: Box, visitor: Visitor) -> None:
    received = visitor.complete("accountant").choose_company(cast.BLOEMIST.name).received()
    assert received.plain(CONCERNED + "KvKnr") == cast.BLOEMIST.kvk
    assert received.plain(INTERMEDIATE) == cast.KANTOOR.kvk
    assert PSEUDONYM.fullmatch(received.text("//samlp:Response/saml:Assertion/saml:Subject/saml:NameID"))
    assert len(received.advice) == 1
    assert_all_judges_agree(received.http.content, all_certificates(box))


def test_the_first_register_of_a_chain_does_not_say_who_the_client_is(visitor: Visitor) -> None:
    visitor.complete("accountant").choose_company(cast.BLOEMIST.name).received()
    said = [each.message for each in visitor.passed if each.kind == "Response"][1]
    assert cast.KANTOOR.kvk.encode() in said
    assert cast.BLOEMIST.kvk.encode() not in said


def test_a_vestiging_is_passed_on(visitor: Visitor) -> None:
    received = visitor.complete("vestiging", documents.VESTIGING).received()
    assert received.plain(RESTRICTION) == cast.MARKTKRAAM.vestiging
    assert received.plain(CONCERNED + "KvKnr") == cast.MARKTKRAAM.kvk


def test_an_eenmanszaak_has_no_rsin_to_deliver(visitor: Visitor) -> None:
    received = visitor.complete("eigenaar").choose_company(cast.KLUSBEDRIJF.name).received()
    assert received.plain(CONCERNED + "KvKnr") == cast.KLUSBEDRIJF.kvk
    assert received.plain(CONCERNED + "RSIN") is None


def test_a_register_that_keeps_them_to_itself_ends_in_a_refusal(box: Box, visitor: Visitor) -> None:
    with second_register(box.settings) as register:
        register.answer = lambda question: answer(question, confirmation(question))
        visitor.complete("accountant").choose_company(second.CLIENT.kvk)
        assert "identificatie-niet-leverbaar" in visitor.text
        visitor.press("back")
        assert visitor.received().status == UNDELIVERABLE


@pytest.mark.parametrize(
    ("username", "company"), [("werknemer", cast.BAKKERIJ), ("accountant", cast.BLOEMIST)]
)
@pytest.mark.rule("3.4.09")
def test_a_login_of_1_13_says_nothing_in_clear_on_any_hop(
    box: Box, dv: ForeignDv, ledger: Ledger, username: str, company: cast.Company
) -> None:
    visitor = Visitor(box, dv, ledger).complete(username)
    if username == "accountant":
        visitor.choose_company(company.name)
    received = visitor.received()
    person = received.opened("ActingSubjectID")["Pseudo"]
    hops = [each.message for each in visitor.passed] + [received.http.content]
    assert len(hops) == 6
    for message in hops:
        for value in (company.kvk, company.rsin or "", cast.KANTOOR.kvk, person, ACTING, INTERMEDIATE):
            assert value.encode() not in message


@pytest.mark.rule("2.08")
def test_one_address_serves_one_version(box: Box, older_dv: ForeignDv, dv: ForeignDv, ledger: Ledger) -> None:
    here, there = older_dv.sso, dv.sso
    assert (here.endswith("/sso/1.11"), there.endswith("/sso/1.13")) == (True, True)
    for asking, address in ((older_dv, there), (dv, here)):
        visitor = Visitor(box, asking, ledger)
        visitor.post(address, asking.form(asking.ask(Destination=address)))
        assert visitor.status == 400
        assert "bestemming-onjuist" in visitor.text


def test_its_metadata_names_its_address(box: Box, older_dv: ForeignDv) -> None:
    found = etree.fromstring(requests.get(box.url(MAKELAAR) + paths.METADATA_1_11, timeout=10).content)
    locations = {each.get("Location") for each in found.iter(f"{{{MD}}}SingleSignOnService")}
    assert locations == {older_dv.sso}
    assert found.get("{urn:etoegang:1.13:metadata-extension}version") == "1.11"
