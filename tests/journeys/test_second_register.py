"""The back channel of a chain: what the makelaar asks, and what becomes of every kind of answer."""

import time
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import random_id
from broker.network import cast
from broker.saml.assertion import Frame
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import write_authorization
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_POLICY
from broker.saml.policy import LIFETIMES
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.soap import wrap
from broker.saml.status import SUCCESS as GRANTED
from broker.saml.status import Status
from broker.saml.status import authn_failed
from broker.saml.status import responder_unsupported
from broker.settings import MAKELAAR
from broker.settings import MR_TWEE
from tests.attacks.differential import assert_all_judges_agree
from tests.box import Box
from tests.journeys import documents
from tests.journeys import second_register as second
from tests.journeys.network import all_certificates
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import NS
from tests.journeys.received import RESPONDER
from tests.journeys.received import SUCCESS
from tests.journeys.received import UNDELIVERABLE
from tests.journeys.second_register import SecondRegister
from tests.journeys.second_register import second_register
from tests.journeys.visitor import Visitor
from tests.keys import certificate
from tests.keys import signer


@pytest.fixture(scope="module")
def register(box: Box) -> Iterator[SecondRegister]:
    """A second register of our own."""
    with second_register(box.settings) as running:
        yield running


@pytest.fixture
def accountant(visitor: Visitor, register: SecondRegister) -> Callable[[], Visitor]:
    """Brings an accountant up to the answer of the second register."""

    def go() -> Visitor:
        visitor.complete("accountant").choose_company(second.CLIENT.kvk)
        return visitor

    return go


def confirmation(
    question: bytes, edit: Callable[[etree._Element], None] = lambda _: None, **changes: object
) -> bytes:
    """A good assertion for the question in this envelope, but for ``changes`` and what ``edit`` does."""
    query = etree.fromstring(question)[0][0]
    link = query.findall(".//saml:Assertion", NS)[-1]
    dv, now = query_value(query, "urn:etoegang:core:IntendedAudience"), datetime.now(UTC)
    oin = dv.split(":")[3]
    subject = encrypt_identifier(
        IdentifierType.KVKNR.value, second.CLIENT.kvk, [Recipient(dv, certificate("foreign-dv"))], random_id
    )
    parts: dict[str, object] = {
        "frame": Frame(
            id=random_id(),
            issue_instant=now,
            issuer=second.ENTITY_ID,
            name_id="t-1",
            name_qualifier=second.ENTITY_ID,
            not_before=now - LIFETIMES.assertion_backdate,
            not_on_or_after=now + LIFETIMES.assertion,
        ),
        "assertion_id_ref": link.get("ID"),
        "linked_signature_value": "".join((link.findtext("ds:Signature/ds:SignatureValue", "", NS)).split()),
        "service_id": documents.service_id(oin, documents.DEFAULT),
        "service_uuid": documents.service_uuid(oin, documents.DEFAULT),
        "level_asked": LevelOfAssurance.LOA3,
        "level_used": LevelOfAssurance.LOA3,
        "legal_subject": (subject,),
    }
    assertion = AuthorizationAssertion(**{**parts, **changes})  # type: ignore[arg-type]
    element = write_authorization(assertion, asked_by=MAKELAAR.entity_id)
    edit(element)
    return make_assertion(element, signer(second.NAME))


def query_value(query: etree._Element, name: str) -> str:
    """An attribute of the question."""
    for element in query.iter("{*}Attribute"):
        if element.get("AttributeId") == name:
            return "".join(str(text) for text in element.itertext()).strip()
    raise AssertionError(f"the question has no {name}")


def answer(
    question: bytes, outcome: bytes | Status, key: str = second.NAME, **changes: str
) -> tuple[int, bytes]:
    """A signed Response in an envelope."""
    status, assertion = (outcome, None) if isinstance(outcome, Status) else (GRANTED, outcome)
    parts = {
        "in_response_to": etree.fromstring(question)[0][0].get("ID", ""),
        "issuer": second.ENTITY_ID,
        **changes,
    }
    response = Response(
        id=random_id(), issue_instant=datetime.now(UTC), destination=None, status=status, **parts
    )
    return 200, wrap(make_response(response, assertion, signer(key)))


@pytest.mark.rule("1.3.08", "1.3.10", "3.7.01")
def test_a_confirmation_completes_the_login(
    register: SecondRegister, accountant: Callable[[], Visitor]
) -> None:
    register.answer = lambda question: answer(question, confirmation(question))
    received = accountant().received()
    assert received.status == SUCCESS
    assert received.opened("LegalSubjectID") == {"KvKnr": second.CLIENT.kvk}


@pytest.mark.rule("5.11")
def test_the_level_of_the_second_register_counts_as_well(register: SecondRegister, visitor: Visitor) -> None:
    low = LevelOfAssurance.LOA2PLUS
    register.answer = lambda question: answer(question, confirmation(question, level_used=low))
    visitor.complete("accountant", level="loa2").choose_company(second.CLIENT.kvk)
    assert visitor.received().level == "loa2plus"


@pytest.mark.rule("1.3.02", "1.3.07", "6.3.10", "9.01")
def test_the_question_convinces_every_judge_and_carries_both_assertions(
    box: Box, register: SecondRegister, accountant: Callable[[], Visitor]
) -> None:
    register.answer = lambda question: answer(question, authn_failed("no", "keten-geen-machtiging"))
    visitor = accountant()
    question = register.asked[-1]
    assert_all_judges_agree(question, all_certificates(box))
    from_ad, from_mr = [passing.message for passing in visitor.passed if passing.kind == "Response"]
    carried = question.replace(f' xmlns:soap="{NS["s"]}"'.encode(), b"")
    for message in (from_ad, from_mr):
        start, end = (
            message.index(b"<saml:Assertion"),
            message.rindex(b"</saml:Assertion>") + len(b"</saml:Assertion>"),
        )
        assert message[start:end] in carried
    assert second.CLIENT.kvk.encode() not in question


@pytest.mark.rule("1.3.09")
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("keten-verlopen", "keten-verlopen"),
        ("keten-ingetrokken", "keten-ingetrokken"),
        ("storing", "keten-geen-machtiging"),
        ("<script>", "keten-geen-machtiging"),
    ],
)
def test_a_register_that_denies_is_a_no_with_its_reason(
    register: SecondRegister, accountant: Callable[[], Visitor], reason: str, code: str
) -> None:
    register.answer = lambda question: answer(question, authn_failed("<b>no</b>", reason))
    visitor = accountant()
    assert code in visitor.text
    visitor.press("back")
    received = visitor.received()
    assert received.status == AUTHN_FAILED
    assert not received.find("//saml:Assertion")


@pytest.mark.rule("1.3.09", "6.4.12", "8.11")
@pytest.mark.parametrize("decision", ["Deny", "NotApplicable", "Indeterminate"])
def test_a_register_that_decides_no_is_a_no_of_the_chain(
    register: SecondRegister, accountant: Callable[[], Visitor], decision: str
) -> None:
    register.answer = lambda question: answer(question, confirmation(question, decision=decision))
    visitor = accountant()
    assert "keten-geen-machtiging" in visitor.text
    visitor.press("back")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("5.11", "5.13")
def test_a_register_with_a_lower_level_than_asked_is_a_no_of_the_chain(
    register: SecondRegister, accountant: Callable[[], Visitor]
) -> None:
    low = LevelOfAssurance.LOA2PLUS
    register.answer = lambda question: answer(question, confirmation(question, level_used=low))
    visitor = accountant()
    assert "keten-niveau-te-laag" in visitor.text
    visitor.press("back")
    received = visitor.received()
    assert received.status == AUTHN_FAILED
    assert not received.find("//saml:Assertion")


@pytest.mark.rule("8.17")
def test_a_register_that_cannot_give_the_identifiers_is_a_refusal_of_its_own(
    register: SecondRegister, accountant: Callable[[], Visitor]
) -> None:
    cannot = responder_unsupported("no", "identificatie-niet-leverbaar")
    register.answer = lambda question: answer(question, cannot)
    visitor = accountant()
    assert "identificatie-niet-leverbaar" in visitor.text
    visitor.press("back")
    assert visitor.received().status == UNDELIVERABLE


def _oblige(element: etree._Element) -> None:
    """Add an obligation that nobody knows."""
    (result,) = element.iter(f"{{{XACML_CONTEXT}}}Result")
    holder = etree.SubElement(result, f"{{{XACML_POLICY}}}Obligations")
    etree.SubElement(holder, f"{{{XACML_POLICY}}}Obligation", ObligationId="urn:invented", FulfillOn="Permit")


def _frame(**changes: Any) -> Callable[[bytes], tuple[int, bytes]]:
    return lambda question: answer(question, confirmation(question, **changes))


@pytest.mark.rule("1.3.01", "1.3.09", "8.29")
@pytest.mark.parametrize(
    "say",
    [
        second.nothing,
        lambda _: (0, b""),
        lambda _: (200, b""),
        lambda _: (200, b"<html>hello</html>"),
        lambda _: (302, b""),
        lambda _: (404, b"gone"),
        lambda _: (500, b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>'),
        lambda _: (200, b"x" * 2_000_000),
        lambda question: (200, question),
        lambda question: answer(question, confirmation(question), in_response_to="_other"),
        lambda question: answer(question, confirmation(question), key="nobody"),
        lambda question: answer(question, confirmation(question), issuer=MR_TWEE.entity_id),
        _frame(assertion_id_ref="_other"),
        _frame(linked_signature_value="AAAA"),
        _frame(service_id="urn:etoegang:DV:00000099000000006000:services:1"),
        _frame(legal_subject=()),
        _frame(obligations=("urn:etoegang:core:RequireConfirmationFromNextMR",), confirm_at=second.ENTITY_ID),
        lambda question: answer(question, confirmation(question, edit=_oblige)),
        lambda question: answer(question, confirmation(question, vestiging="000090000077x")),
    ],
    ids=["503", "hangs up", "empty", "HTML", "redirect", "404", "fault", "2 MB", "echo", "other question", "other key",
         "other issuer", "other link", "other value", "other service", "nobody", "a third register", "an obligation",
         "no vestiging"],
)  # fmt: skip
def test_an_answer_that_is_not_one_ends_in_a_fault_and_not_in_a_login(
    register: SecondRegister, accountant: Callable[[], Visitor], say: second.Answer
) -> None:
    register.answer = say
    began = time.monotonic()
    visitor = accountant()
    assert "keten-niet-bevestigd" in visitor.text
    assert time.monotonic() - began < 15
    visitor.press("back")
    received = visitor.received()
    assert received.status == RESPONDER
    assert not received.find("//saml:Assertion")


@pytest.mark.rule("1.3.09", "1.3.14")
def test_the_confirmation_of_one_login_is_none_for_another(
    register: SecondRegister, accountant: Callable[[], Visitor], new_visitor: Callable[[], Visitor]
) -> None:
    given: list[bytes] = []

    def once(question: bytes) -> tuple[int, bytes]:
        given.append(confirmation(question))
        return answer(question, given[0])

    register.answer = once
    assert accountant().received().status == SUCCESS
    again = new_visitor().complete("accountant").choose_company(second.CLIENT.kvk)
    assert len(given) == 2
    assert "keten-niet-bevestigd" in again.text


def _at_portal(register: SecondRegister, visitor: Visitor, *named: int) -> Visitor:
    """An accountant back from the second register, which named these services of a portal."""
    oin = visitor.dv.oin
    first, *others = [documents.service_id(oin, number) for number in named]
    changes: dict[str, Any] = {
        "service_id": first,
        "other_services": tuple(others),
        "service_uuid": documents.service_uuid(oin, documents.PORTAL),
    }
    register.answer = lambda question: answer(question, confirmation(question, **changes))
    return visitor.complete("accountant", documents.PORTAL).choose_company(second.CLIENT.kvk)


@pytest.mark.rule("1.4.04")
def test_at_a_portal_only_what_both_registers_name_is_handed_over(
    register: SecondRegister, visitor: Visitor
) -> None:
    received = _at_portal(register, visitor, documents.CODE, documents.NO_CHAIN, documents.PLAIN).received()
    named = [value.text for value in received.attribute("urn:etoegang:core:ServiceID")]
    oin = visitor.dv.oin
    assert named == [documents.service_id(oin, documents.PLAIN), documents.service_id(oin, documents.CODE)]


def test_at_a_portal_nothing_in_common_is_a_refusal(register: SecondRegister, visitor: Visitor) -> None:
    assert "keten-andere-dienst" in _at_portal(register, visitor, documents.NO_CHAIN).text
    visitor.press("back")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.parametrize(
    "named", [(documents.PORTAL,), (documents.PLAIN, 99), (documents.PLAIN, documents.HIGH)]
)
def test_at_a_portal_a_service_that_is_not_behind_it_is_not_believed(
    register: SecondRegister, visitor: Visitor, named: tuple[int, ...]
) -> None:
    assert "keten-niet-bevestigd" in _at_portal(register, visitor, *named).text


def test_after_a_register_that_failed_one_can_log_in_for_the_own_office(
    register: SecondRegister, accountant: Callable[[], Visitor]
) -> None:
    register.answer = second.nothing
    visitor = accountant()
    visitor.press("other").choose_ad("accountant")
    visitor.authenticate("accountant").choose_company(cast.KANTOOR.kvk)
    assert visitor.received().status == SUCCESS
