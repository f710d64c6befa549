"""First halves of a chain that hold the register's own good signature and are still not to be acted upon."""

import base64

import pytest

from broker.assembly import paths
from broker.network import cast
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from tests.box import Box
from tests.journeys.network import Forger
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import RESPONDER
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Passing
from tests.journeys.visitor import Visitor

Change = dict[str, str]

DV = "urn:etoegang:DV:00000099000000006000:entities:9001"
OTHER_DV = "urn:etoegang:DV:00000099000000006100:entities:9001"
OBLIGATION = "urn:etoegang:core:RequireConfirmationFromNextMR"
ASSIGNED = '<xp:AttributeAssignment AttributeId="urn:etoegang:core:AuthorizationRegistryID"'
UNKNOWN = '<xp:Obligation ObligationId="urn:invented" FulfillOn="Permit"/>'
AGAIN = (
    f'<xp:Obligation ObligationId="{OBLIGATION}" FulfillOn="Permit">{ASSIGNED} '
    f'DataType="http://www.w3.org/2001/XMLSchema#string">{MR_TWEE.entity_id}</xp:AttributeAssignment></xp:Obligation>'
)
INTERMEDIARY = "urn:etoegang:core:IntermediateSubjectID"


@pytest.fixture
def half(box: Box, visitor: Visitor) -> tuple[Visitor, Passing]:
    """An accountant before the makelaar, with the answer of the first register about a client."""
    return _up_to_the_answer(box, visitor, cast.BLOEMIST)


def _up_to_the_answer(box: Box, visitor: Visitor, company: cast.Company) -> tuple[Visitor, Passing]:
    visitor.complete("accountant")
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_MR)
    visitor.choose_company(company.name)
    visitor.browser.stops.pop()
    return visitor, visitor.passed[-1]


def _deliver(box: Box, visitor: Visitor, answer: Passing, inner: Change) -> None:
    message = Forger(box, MR_EEN).change(answer.message, {}, inner)
    form = {"SAMLResponse": base64.b64encode(message).decode(), "RelayState": answer.relay_state}
    visitor.post(box.url(MAKELAAR) + paths.HM_ACS_MR, form).relay()


def test_a_first_half_that_is_left_alone_leads_to_the_client(box: Box, half: tuple[Visitor, Passing]) -> None:
    visitor, answer = half
    _deliver(box, visitor, answer, {})
    received = visitor.received()
    assert received.status == SUCCESS
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.BLOEMIST.kvk


@pytest.mark.rule("1.3.03", "6.4.19")
@pytest.mark.parametrize(
    "inner",
    [
        {OBLIGATION: "urn:etoegang:core:RequireSomethingElse"},
        {"</xp:Obligations>": f"{UNKNOWN}</xp:Obligations>"},
        {"</xp:Obligations>": f"{AGAIN}</xp:Obligations>"},
        {'FulfillOn="Permit"': 'FulfillOn="Deny"'},
        {'FulfillOn="Permit"': 'FulfillOn="Always"'},
        {f">{MR_TWEE.entity_id}</xp:": f">{MR_EEN.entity_id}</xp:"},
        {f">{MR_TWEE.entity_id}</xp:": "></xp:"},
        {"<xp:AttributeAssignment": "<xp:Other", "</xp:AttributeAssignment": "</xp:Other"},
    ],
    ids=["unknown", "one more", "twice", "on Deny", "on anything", "other register", "no register", "empty"],
)
def test_an_obligation_that_cannot_be_discharged_ends_in_a_fault(
    box: Box, half: tuple[Visitor, Passing], inner: Change
) -> None:
    visitor, answer = half
    _deliver(box, visitor, answer, inner)
    _assert_thrown_away(visitor)


@pytest.mark.rule("1.3.06", "3.4.12")
@pytest.mark.parametrize(
    "inner",
    [{INTERMEDIARY: "urn:etoegang:core:Other"}, {f'Recipient="{DV}"': f'Recipient="{OTHER_DV}"'}],
    ids=["nobody", "for another dienstverlener"],
)
def test_a_chain_whose_intermediary_the_dienstverlener_could_not_read_ends_in_a_fault(
    box: Box, half: tuple[Visitor, Passing], inner: Change
) -> None:
    visitor, answer = half
    _deliver(box, visitor, answer, inner)
    _assert_thrown_away(visitor)


@pytest.mark.rule("1.3.09")
def test_a_second_register_that_nobody_knows_ends_in_a_fault(box: Box, half: tuple[Visitor, Passing]) -> None:
    visitor, answer = half
    _deliver(box, visitor, answer, {MR_TWEE.entity_id: "urn:etoegang:MR:00000099000000003999:entities:9001"})
    assert "keten-niet-bevestigd" in visitor.text
    visitor.press("back")
    assert visitor.received().status == RESPONDER


def test_a_first_half_that_is_no_permit_is_a_no_whatever_it_obliges_to(
    box: Box, half: tuple[Visitor, Passing]
) -> None:
    visitor, answer = half
    _deliver(box, visitor, answer, {"<xc:Decision>Permit": "<xc:Decision>Deny"})
    assert "geen-machtiging" in visitor.text
    visitor.press("back")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("1.3.12")
def test_an_intermediary_in_a_direct_answer_ends_in_a_fault(box: Box, visitor: Visitor) -> None:
    visitor, answer = _up_to_the_answer(box, visitor, cast.KANTOOR)
    holder = 'AttributeId="urn:etoegang:core:LegalSubjectID"'
    start = answer.message.index(b"<xc:Attribute ", answer.message.index(b"<xc:Subject"))
    end = answer.message.index(b"</xc:Attribute>", answer.message.index(holder.encode())) + 15
    attribute = answer.message[answer.message.rindex(b"<xc:Attribute ", start, end) : end].decode()
    once_more = attribute.replace("LegalSubjectID", "IntermediateSubjectID").replace("_", "_i")
    _deliver(box, visitor, answer, {attribute: attribute + once_more})
    _assert_thrown_away(visitor)
    assert "an intermediary whom no second register confirms" in box.logs()


def _assert_thrown_away(visitor: Visitor) -> None:
    """The page says that the answer is not to be trusted, and the dienstverlener hears of a fault."""
    assert "antwoord-ongeldig" in visitor.text
    visitor.press("back")
    received = visitor.received()
    assert received.status == RESPONDER
    assert not received.find("//saml:Assertion")
