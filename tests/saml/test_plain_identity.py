"""What is believed of a plain identity provider: the unusual is, the unsafe is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from broker.domain.connection import Connection
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import read_metadata
from broker.saml.names import SAML
from broker.saml.names import XS
from broker.saml.names import XSI
from broker.saml.parsing import parse
from broker.saml.partner import Partner
from broker.saml.plain_identity import PlainLogin
from broker.saml.plain_identity import open_plain_response
from broker.saml.policy import LIFETIMES
from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.saml.identity_provider import ENTITY_ID
from tests.saml.identity_provider import TWO_FACTOR
from tests.saml.identity_provider import Answer
from tests.saml.identity_provider import metadata
from tests.saml.identity_provider import stamp

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACS = "https://ad.example.nl/delegated/acs"
AUDIENCE = "urn:etoegang:AD:00000099000000002000:entities:9001"
GOOD = Answer("_asked", ACS, AUDIENCE, NOW)
UID = (
    '<saml:AttributeStatement><saml:Attribute Name="uid"><saml:AttributeValue>j.tester</saml:AttributeValue>'
    "</saml:Attribute></saml:AttributeStatement>"
)


def provider(subject: str | None = None) -> Partner:
    partner, _ = read_metadata(metadata(), "IDP", NOW)
    return replace(partner, connection=Connection(subject=subject))


def opened(data: bytes, subject: str | None = None, **changes: Any) -> PlainLogin | None:
    expected: dict[str, Any] = {"request_id": "_asked", "recipient": ACS, "audience": AUDIENCE, "now": NOW}
    return open_plain_response(parse(data), provider(subject), **(expected | changes))


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_either_signature_will_do(sign: str) -> None:
    login = opened(replace(GOOD, sign=sign).response())
    assert login is not None
    assert (login.subject, login.context, login.authn_instant) == ("j.tester", TWO_FACTOR, NOW)


def test_a_signature_in_a_place_that_the_schema_forbids_is_still_a_signature() -> None:
    assert opened(replace(GOOD, signature_last=True).response()) is not None


def test_the_person_may_stand_in_an_attribute() -> None:
    answer = replace(GOOD, attributes=UID, format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    login = opened(answer.response(), subject="uid")
    assert login is not None
    assert login.subject == "j.tester"


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_the_type_of_an_attribute_value_may_be_lost_in_what_was_signed(sign: str) -> None:
    typed = UID.replace(
        "<saml:AttributeStatement", f'<saml:AttributeStatement xmlns:xs="{XS}" xmlns:xsi="{XSI}"'
    )
    typed = typed.replace("AttributeValue>j", 'AttributeValue xsi:type="xs:string">j')
    login = opened(replace(GOOD, attributes=typed, sign=sign).response(), subject="uid")
    assert login is not None
    assert login.subject == "j.tester"


def test_one_confirmation_that_is_for_us_is_enough() -> None:
    expired = GOOD.confirmation(until=stamp(NOW - timedelta(hours=1)))
    foreign = GOOD.confirmation(recipient="https://elsewhere.example.nl/acs")
    answer = replace(GOOD, confirmations=expired + foreign + GOOD.confirmation())
    assert opened(answer.response()) is not None


def test_a_refusal_is_nobody() -> None:
    assert opened(replace(GOOD, status="Responder").response()) is None


def test_the_person_does_not_show_in_a_repr() -> None:
    assert "j.tester" not in repr(opened(GOOD.response()))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (replace(GOOD, sign="nothing"), InvalidSignature),
        (replace(GOOD, key="dv"), InvalidSignature),
        (replace(GOOD, sign="both", key="dv"), InvalidSignature),
        (replace(GOOD, issuer="https://other.example.nl"), UnexpectedAnswer),
        (replace(GOOD, audience="https://other.example.nl"), UnexpectedAnswer),
        (replace(GOOD, request_id="_other"), UnexpectedAnswer),
        (replace(GOOD, recipient="https://other.example.nl/acs"), UnexpectedAnswer),
        (replace(GOOD, confirmations="<!-- none -->"), UnexpectedAnswer),
        (
            replace(GOOD, confirmations=GOOD.confirmation(until=stamp(NOW - timedelta(hours=1)))),
            UnexpectedAnswer,
        ),
        (replace(GOOD, now=NOW - timedelta(hours=1)), OutsideTimeWindow),
        (replace(GOOD, now=NOW + timedelta(hours=1)), OutsideTimeWindow),
        (replace(GOOD, format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"), UnexpectedAnswer),
        (replace(GOOD, person=" "), UnexpectedAnswer),
    ],
    ids=lambda each: None if isinstance(each, type) else "",
)
def test_what_is_unsafe_is_refused(answer: Answer, error: type[SamlError]) -> None:
    with pytest.raises(error):
        opened(answer.response())


@pytest.mark.parametrize("attributes", ["", UID.replace("j.tester", "<saml:x/>"), UID.replace("uid", "mail")])
def test_a_person_who_is_not_in_the_attribute_is_nobody_we_know(attributes: str) -> None:
    with pytest.raises(SamlError):
        opened(replace(GOOD, attributes=attributes).response(), subject="uid")


def test_a_name_that_ends_in_a_white_sign_of_another_kind_is_another_person() -> None:
    people = ("j.tester", " j.tester\n", "j.tester\u00a0")
    names = [opened(replace(GOOD, person=person).response()) for person in people]
    first, folded, other = (login.subject for login in names if login is not None)
    assert first == folded != other


def test_a_second_assertion_is_refused() -> None:
    root = etree.fromstring(GOOD.response())
    root.append(etree.fromstring(GOOD.assertion()))
    with pytest.raises(MalformedMessage):
        opened(etree.tostring(root))


def test_an_assertion_wrapped_around_the_signed_one_is_refused() -> None:
    root = etree.fromstring(GOOD.response())
    genuine = root[-1]
    forged = etree.fromstring(replace(GOOD, person="somebody.else", sign="nothing").assertion())
    root.remove(genuine)
    forged.append(genuine)
    root.append(forged)
    with pytest.raises(SamlError):
        opened(etree.tostring(root))


def test_roles_of_other_protocols_in_metadata_are_left_out() -> None:
    other = (
        '<md:RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="urn:fed" '
        'xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="urn:fed"><fed:x/></md:RoleDescriptor>'
    )
    partner, report = read_metadata(metadata(more=other), "IDP", NOW)
    assert partner.entity_id == ENTITY_ID
    assert any("RoleDescriptor is left out" in finding.reason for finding in report.findings)


def test_metadata_without_an_endpoint_we_can_use_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="no SingleSignOnService by HTTP-Redirect or HTTP-POST"):
        read_metadata(metadata().replace(b"HTTP-Redirect", b"SOAP"), "IDP", NOW)


def changed(change: Callable[[etree._Element], object], answer: Answer = GOOD) -> bytes:
    """An answer of which the Assertion was changed before it was signed."""
    root = etree.fromstring(replace(answer, sign="nothing").response())
    change(root)
    text = etree.tostring(root)
    return forge(text, "idp", template(reference(f"#{identifier(text)}")))


def conditions(root: etree._Element) -> etree._Element:
    found = root.find(f".//{{{SAML}}}Conditions")
    assert found is not None
    return found


def data(root: etree._Element) -> etree._Element:
    found = root.find(f".//{{{SAML}}}SubjectConfirmationData")
    assert found is not None
    return found


def test_another_message_is_not_an_answer() -> None:
    with pytest.raises(MalformedMessage, match="not a Response"):
        opened(GOOD.response().replace(b"samlp:Response", b"samlp:ArtifactResponse"))


def test_an_encrypted_assertion_is_refused_for_what_it_is() -> None:
    with pytest.raises(MalformedMessage, match="encrypted"):
        opened(changed(lambda root: root.append(etree.Element(f"{{{SAML}}}EncryptedAssertion"))))


def test_an_assertion_outside_the_schema_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="schema"):
        opened(changed(lambda root: conditions(root).set("Extra", "1")))


@pytest.mark.parametrize("name", ["NotBefore", "NotOnOrAfter"])
def test_conditions_may_leave_a_bound_open(name: str) -> None:
    assert opened(changed(lambda root: conditions(root).attrib.pop(name))) is not None


@pytest.mark.parametrize(("off", "believed"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_an_assertion_is_believed_from_the_skew_before_it_begins(off: timedelta, believed: bool) -> None:
    early = replace(GOOD, now=NOW + LIFETIMES.clock_skew + off)
    if believed:
        assert opened(early.response()) is not None
    else:
        with pytest.raises(OutsideTimeWindow):
            opened(early.response())


@pytest.mark.parametrize(("off", "error"), [(timedelta(seconds=1), None), (timedelta(0), SamlError)])
@pytest.mark.parametrize("what", ["conditions", "confirmation"])
def test_an_assertion_is_believed_until_the_skew_after_its_end(
    what: str, off: timedelta, error: type[SamlError] | None
) -> None:
    end = stamp(NOW - LIFETIMES.clock_skew + off)
    element = {"conditions": conditions, "confirmation": data}[what]
    message = changed(
        lambda root: element(root).set("NotOnOrAfter", end), replace(GOOD, now=NOW - timedelta(minutes=4))
    )
    if error is None:
        assert opened(message) is not None
    else:
        with pytest.raises(error):
            opened(message)


def test_an_assertion_for_no_audience_in_particular_is_refused() -> None:
    with pytest.raises(UnexpectedAnswer, match="audience"):
        opened(changed(lambda root: conditions(root).remove(conditions(root)[0])))


def test_a_confirmation_that_is_yet_to_begin_is_refused() -> None:
    with pytest.raises(UnexpectedAnswer):
        opened(changed(lambda root: data(root).set("NotBefore", stamp(NOW - timedelta(minutes=1)))))


def test_a_person_in_an_attribute_has_no_elements_behind_the_text() -> None:
    message = replace(GOOD, attributes=UID.replace("j.tester", "j.tester<saml:x/>"), sign="response")
    with pytest.raises(MalformedMessage, match="elements in it"):
        opened(message.response(), subject="uid")
