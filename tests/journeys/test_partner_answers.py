"""Answers of an authenticatiedienst or register that hold its own good signature and are still not to be believed."""

import base64
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from lxml import etree

from broker.assembly import paths
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.box import Box
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import stamp
from tests.journeys.network import Forger
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import NS
from tests.journeys.received import RESPONDER
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Passing
from tests.journeys.visitor import Visitor

LOA3 = "assurance-class:loa3"
Change = dict[str, str]


@pytest.fixture
def answered(box: Box, visitor: Visitor) -> tuple[Visitor, Passing]:
    """Somebody before the makelaar, with the answer of the authenticatiedienst."""
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_AD)
    visitor.complete("werknemer")
    visitor.browser.stops.pop()
    return visitor, visitor.passed[-1]


@pytest.fixture
def decided(box: Box, visitor: Visitor) -> tuple[Visitor, Passing]:
    """Somebody before the makelaar, with the answer of the register."""
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_MR)
    visitor.complete("werknemer")
    visitor.browser.stops.pop()
    return visitor, visitor.passed[-1]


def deliver(visitor: Visitor, message: bytes, path: str, relay_state: str) -> None:
    """Bring a message to the makelaar by HTTP-POST."""
    form = {"SAMLResponse": base64.b64encode(message).decode(), "RelayState": relay_state}
    visitor.post(visitor.box.url(MAKELAAR) + path, form).relay()


def assert_thrown_away(visitor: Visitor, recorded: Recorded) -> None:
    """The page says so; the dienstverlener hears of a fault and not of a cancel; no login is on record."""
    assert "antwoord-ongeldig" in visitor.text
    visitor.press("back")
    received = visitor.received()
    assert received.status == RESPONDER
    assert not received.find("//saml:Assertion")
    assert visitor.request is not None
    assert {outcome for _, outcome in recorded("request_id", visitor.request.id)} == {"antwoord-ongeldig"}


def _value(message: bytes, path: str) -> str:
    found = etree.fromstring(message).xpath(path, namespaces=NS)
    assert isinstance(found, list)
    return str(found[0])


def test_what_the_forger_leaves_alone_is_believed(box: Box, answered: tuple[Visitor, Passing]) -> None:
    visitor, answer = answered
    deliver(
        visitor, Forger(box, AD_SLEUTEL).change(answer.message, {}, {}), paths.HM_ACS_AD, answer.relay_state
    )
    assert visitor.received().status == SUCCESS


LATER = stamp(datetime.now(UTC) + timedelta(hours=2))
"""Later than any moment at which these tests still run."""


@pytest.mark.rule("1.2.06", "6.1.16")
@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ({'InResponseTo="': 'InResponseTo="_other'}, {}),
        ({}, {'InResponseTo="': 'InResponseTo="_other'}),
        ({'Destination="': 'Destination="http://localhost:9/'}, {}),
        ({}, {'Recipient="http': 'Recipient="x-http'}),
        ({}, {f">{MAKELAAR.entity_id}</saml:Audience>": ">urn:etoegang:HM:0:entities:1</saml:Audience>"}),
        ({}, {"</saml:AudienceRestriction>": "</saml:AudienceRestriction><saml:AudienceRestriction>"
              "<saml:Audience>x</saml:Audience></saml:AudienceRestriction>"}),
        pytest.param({}, {"Conditions NotBefore=": f'Conditions NotBefore="{LATER}" Old='}, id="declared too early"),
        ({}, {f"{LOA3}<": "assurance-class:LOA3<"}),
        ({}, {f"<saml:Issuer>{AD_SLEUTEL.entity_id}": f"<saml:Issuer>{AD_TOEGANG.entity_id}"}),
        ({f"<saml:Issuer>{AD_SLEUTEL.entity_id}": f"<saml:Issuer>{AD_TOEGANG.entity_id}"}, {}),
        ({}, {"urn:etoegang:core:Representation": "urn:etoegang:core:Other"}),
        ({}, {MR_EEN.entity_id: "urn:etoegang:MR:00000099000000003900:entities:9001"}),
        ({}, {"<saml:SubjectConfirmation ": "<saml:SubjectConfirmation/><saml:SubjectConfirmation "}),
        ({"status:Success": "status:Responder"}, {}),
        ({"<samlp:Status>": "<samlp:Extensions/><samlp:Status>"}, {}),
        ({'Version="2.0"': 'Version="2.1"'}, {}),
        ({}, {"cm:bearer": "cm:holder-of-key"}),
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_thrown_away(
    box: Box, answered: tuple[Visitor, Passing], recorded: Recorded, outer: Change, inner: Change
) -> None:
    visitor, answer = answered
    message = Forger(box, AD_SLEUTEL).change(answer.message, outer, inner)
    deliver(visitor, message, paths.HM_ACS_AD, answer.relay_state)
    assert_thrown_away(visitor, recorded)


def _unsigned_response(message: bytes) -> bytes:
    root = etree.fromstring(message)
    root.remove(root.findall("ds:Signature", NS)[0])
    return etree.tostring(root)


def _unsigned_assertion(message: bytes) -> bytes:
    root = etree.fromstring(message)
    (assertion,) = root.findall("saml:Assertion", NS)
    assertion.remove(assertion.findall("ds:Signature", NS)[0])
    return etree.tostring(root)


def _without_assertion(message: bytes) -> bytes:
    root = etree.fromstring(message)
    root.remove(root.findall("saml:Assertion", NS)[0])
    return etree.tostring(root)


@pytest.mark.rule("1.2.06", "9.07")
@pytest.mark.parametrize(
    ("strip", "sign_again"),
    [
        (_unsigned_response, False),
        (_unsigned_assertion, False),
        (_unsigned_assertion, True),
        (_without_assertion, False),
        (_without_assertion, True),
    ],
)
def test_an_answer_without_all_its_parts_is_thrown_away(
    box: Box,
    answered: tuple[Visitor, Passing],
    recorded: Recorded,
    strip: Callable[[bytes], bytes],
    sign_again: bool,
) -> None:
    visitor, answer = answered
    message = strip(answer.message)
    message = Forger(box, AD_SLEUTEL).sign(message) if sign_again else message
    deliver(visitor, message, paths.HM_ACS_AD, answer.relay_state)
    assert_thrown_away(visitor, recorded)


@pytest.mark.rule("6.4.10")
@pytest.mark.parametrize("party", [AD_TOEGANG, MR_EEN, MAKELAAR], ids=lambda party: party.name)
def test_an_answer_with_the_key_of_another_party_is_thrown_away(
    box: Box, answered: tuple[Visitor, Passing], recorded: Recorded, party: object
) -> None:
    visitor, answer = answered
    message = Forger(box, party).change(answer.message, {}, {})  # type: ignore[arg-type]
    deliver(visitor, message, paths.HM_ACS_AD, answer.relay_state)
    assert_thrown_away(visitor, recorded)


@pytest.mark.rule("5.13", "8.14")
@pytest.mark.parametrize("level", ["loa1", "loa2", "loa2plus"])
def test_a_level_that_is_lower_than_was_asked_is_never_passed_on(
    box: Box, answered: tuple[Visitor, Passing], level: str
) -> None:
    visitor, answer = answered
    message = Forger(box, AD_SLEUTEL).change(answer.message, {}, {f"{LOA3}<": f"assurance-class:{level}<"})
    deliver(visitor, message, paths.HM_ACS_AD, answer.relay_state)
    assert "niveau-te-laag" in visitor.text
    visitor.press("back")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("8.29", "8.33")
@pytest.mark.parametrize(
    "second", ["AuthnFailed", "UnknownPrincipal", "NoPassive", "RequestDenied", "Made-Up"]
)
def test_only_a_cancel_is_taken_for_a_cancel(
    box: Box, answered: tuple[Visitor, Passing], second: str
) -> None:
    visitor, answer = answered
    script = "&lt;script&gt;alert(1)&lt;/script&gt;" + "x" * 5000
    status = (
        f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode '
        f'Value="urn:oasis:names:tc:SAML:2.0:status:{second}"/></samlp:StatusCode>'
        f"<samlp:StatusMessage>{script}</samlp:StatusMessage></samlp:Status>"
    )
    success = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
    empty = _without_assertion(answer.message)
    message = Forger(box, AD_SLEUTEL).change(empty, {success: status}, {})
    deliver(visitor, message, paths.HM_ACS_AD, answer.relay_state)
    assert "alert(1)" not in visitor.text
    if second == "AuthnFailed":
        assert "ad" in visitor.fields()
        return
    visitor.press("back")
    received = visitor.received()
    assert received.status == RESPONDER
    assert "alert(1)" not in received.message


def test_a_register_that_is_believed_when_left_alone(box: Box, decided: tuple[Visitor, Passing]) -> None:
    visitor, answer = decided
    deliver(visitor, Forger(box, MR_EEN).change(answer.message, {}, {}), paths.HM_ACS_MR, answer.relay_state)
    assert visitor.received().status == SUCCESS


@pytest.mark.rule("1.2.06", "6.4.04", "6.4.05", "6.4.11", "6.4.13", "6.4.16", "6.4.17")
@pytest.mark.parametrize(
    "inner",
    [
        {"<saml:AssertionIDRef>": "<saml:AssertionIDRef>_other"},
        {":services:3<": ":services:1<"},
        {"LinkedDeclarationSignatureValue": "LinkedDeclarationOther"},
        {"LevelOfAssuranceUsed": "LevelOfAssuranceOther"},
        {"urn:etoegang:core:LegalSubjectID": "urn:etoegang:core:Other"},
        {"urn:etoegang:core:ActingSubjectID": "urn:etoegang:core:Other"},
        {
            'Recipient="urn:etoegang:DV:00000099000000006000': 'Recipient="urn:etoegang:DV:00000099000000006100'
        },
        pytest.param(
            {"Conditions NotBefore=": f'Conditions NotBefore="{LATER}" Old='}, id="decided too early"
        ),
        {'InResponseTo="': 'InResponseTo="_other'},
        {'Recipient="http': 'Recipient="x-http'},
        {"</xc:Decision>": "?</xc:Decision>"},
    ],
    ids=str,
)
def test_a_decision_that_does_not_fit_is_thrown_away(
    box: Box, decided: tuple[Visitor, Passing], recorded: Recorded, inner: Change
) -> None:
    visitor, answer = decided
    message = Forger(box, MR_EEN).change(answer.message, {}, inner)
    deliver(visitor, message, paths.HM_ACS_MR, answer.relay_state)
    assert_thrown_away(visitor, recorded)


@pytest.mark.rule("6.4.12", "8.11")
@pytest.mark.parametrize("decision", ["Deny", "NotApplicable", "Indeterminate"])
def test_a_decision_that_is_no_permit_is_a_no(
    box: Box, decided: tuple[Visitor, Passing], decision: str
) -> None:
    visitor, answer = decided
    message = Forger(box, MR_EEN).change(
        answer.message, {}, {"<xc:Decision>Permit": f"<xc:Decision>{decision}"}
    )
    deliver(visitor, message, paths.HM_ACS_MR, answer.relay_state)
    assert "geen-machtiging" in visitor.text
    visitor.press("back")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("1.2.06", "6.4.05")
def test_the_decision_for_one_login_is_none_for_another(
    box: Box, decided: tuple[Visitor, Passing], new_visitor: Callable[[], Visitor], recorded: Recorded
) -> None:
    _, answer = decided
    other = new_visitor()
    other.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_MR)
    other.complete("directeur")
    other.browser.stops.pop()
    question = _value(other.last("XACMLAuthzDecisionQuery").message, "/*/@ID")
    asked = _value(answer.message, "/*/@InResponseTo")
    forged = Forger(box, MR_EEN).change(answer.message, {asked: question}, {asked: question})
    deliver(other, forged, paths.HM_ACS_MR, other.passed[-1].relay_state)
    assert_thrown_away(other, recorded)
