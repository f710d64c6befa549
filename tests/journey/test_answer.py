"""The answer to the dienstverlener, read back as a dienstverlener reads it."""

from collections.abc import Callable
from datetime import datetime
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.journey.answer import declare
from broker.journey.answer import declare_eidas
from broker.journey.answer import refuse
from broker.journey.authorization import used_level
from broker.journey.eidas import judge_eidas
from broker.journey.refusals import REFUSALS
from broker.journey.refusals import Refusal
from broker.journey.table import State
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.declaration import Declaration
from broker.saml.declaration import read_declaration
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import encrypt_identifier
from broker.saml.names import SAML
from broker.saml.names import XENC
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.response import OpenedResponse
from broker.saml.response import open_response
from broker.saml.schema import is_valid
from broker.saml.signature import Verified
from broker.saml.signature import verify
from tests.domain.builders import a_service
from tests.journey.builders import ACS_FOR_EB
from tests.journey.builders import ACS_OF_DV
from tests.journey.builders import EB
from tests.journey.builders import MR_TWEE
from tests.journey.builders import a_journey
from tests.journey.builders import eb_answer
from tests.journey.builders import eb_company
from tests.journey.builders import eb_person
from tests.journey.builders import encrypted_for
from tests.judges import JUDGES
from tests.judges import Judge
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import SERVICE_ID
from tests.saml.builders import SERVICE_UUID
from tests.saml.builders import a_frame
from tests.saml.builders import ad_assertion
from tests.saml.builders import an_authentication
from tests.saml.builders import an_authorization
from tests.saml.builders import mr_assertion
from tests.saml.builders import new_id

EARLIER = NOW - timedelta(seconds=40)


def the_authentication(**changes: Any) -> AuthenticationAssertion:
    return an_authentication(
        **({"acting_subject": (encrypted_for(MR, "anna"),), "authn_instant": EARLIER} | changes)
    )


def a_register(issuer: str = MR, **changes: Any) -> AuthorizationAssertion:
    values: dict[str, Any] = {
        "frame": a_frame(issuer),
        "acting_subject": (encrypted_for(DV, "pseudonym"),),
        "legal_subject": (encrypted_for(DV),),
    }
    return an_authorization(**(values | changes))


def the_first_of_a_chain(**changes: Any) -> AuthorizationAssertion:
    chain: dict[str, Any] = {
        "confirm_at": MR_TWEE,
        "legal_subject": (encrypted_for(MR_TWEE),),
        "intermediate_subject": (encrypted_for(DV, "90000003"),),
    }
    return a_register(**(chain | changes))


def declared(
    authentication: AuthenticationAssertion | None = None,
    first: AuthorizationAssertion | None = None,
    second: AuthorizationAssertion | None = None,
    advice: tuple[bytes, ...] = (),
    now: datetime = NOW,
) -> bytes:
    return declare(
        a_journey(),
        authentication or the_authentication(),
        first or a_register(),
        second,
        service_uuid=SERVICE_UUID,
        session_index="_session",
        advice=advice,
        makelaar=HM,
        key=signer("hm"),
        now=now,
        new_id=new_id,
    )


def declared_by_eb(*assertions: Verified) -> tuple[OpenedResponse, Declaration]:
    """What the dienstverlener gets of a login through the eIDAS-berichtenservice."""
    journey = a_journey(state=State.AT_EB)
    outcome = judge_eidas(
        journey,
        eb_answer(*assertions),
        certified=LevelOfAssurance.LOA4,
        makelaar=HM,
        service=a_service(),
        acs=ACS_FOR_EB,
        now=NOW,
    )
    assert outcome.proven is not None
    message = declare_eidas(
        journey,
        outcome.proven,
        service_uuid=SERVICE_UUID,
        makelaar=HM,
        key=signer("hm"),
        now=NOW,
        new_id=new_id,
    )
    assert is_valid(parse(message))
    return read(message)


def read(message: bytes) -> tuple[OpenedResponse, Declaration]:
    opened = open_response(parse(message), [certificate("hm")], HM)
    assert opened.assertion is not None
    return opened, read_declaration(opened.assertion.element)


def ciphertexts(encrypted: EncryptedId) -> list[str]:
    return [value.text or "" for value in parse(encrypted.raw).iter(f"{{{XENC}}}CipherValue")]


def identifiers(encrypted: EncryptedId) -> set[str]:
    return {str(value) for value in parse(encrypted.raw).xpath("//@Id")}


@pytest.mark.rule("3.2.05")
def test_the_response_is_for_this_request_at_this_consumer() -> None:
    response = read(declared())[0].response

    assert response.status.is_success
    assert (response.issuer, response.in_response_to, response.destination) == (HM, "_dv2hm", ACS_OF_DV)
    assert response.issue_instant == NOW


def test_the_message_is_valid_against_the_schemas() -> None:
    assert is_valid(parse(declared(advice=(ad_assertion(), mr_assertion()))))


@pytest.mark.rule("3.3.12", "3.3.13")
@pytest.mark.limit("assertion", "assertion_backdate")
def test_the_assertion_is_for_the_dienstverlener_only_and_for_two_minutes() -> None:
    frame = read(declared())[1].frame

    assert frame.audiences == (DV,)
    assert (frame.in_response_to, frame.recipient) == ("_dv2hm", ACS_OF_DV)
    assert (frame.not_before, frame.not_on_or_after) == (
        NOW - timedelta(seconds=5),
        NOW + timedelta(minutes=2),
    )
    assert (frame.issuer, frame.issue_instant) == (HM, NOW)


@pytest.mark.rule("3.3.03", "3.3.18")
def test_the_session_is_that_of_the_authenticatiedienst() -> None:
    authentication = the_authentication()

    declaration = read(declared(authentication))[1]

    assert declaration.frame.name_id == authentication.frame.name_id
    assert declaration.frame.name_qualifier == declaration.authority == AD
    assert declaration.authn_instant == EARLIER
    assert declaration.session_index


def test_the_service_is_the_one_that_was_asked() -> None:
    declaration = read(declared())[1]

    assert (declaration.service_id, declaration.service_uuid) == (SERVICE_ID, SERVICE_UUID)


@pytest.mark.rule("5.09", "5.11")
def test_the_level_is_that_of_the_weakest_link() -> None:
    for ad, mr in product(LevelOfAssurance, repeat=2):
        assert used_level(ad, a_register(level_used=mr)) is min(ad, mr)
    for ad, mr, mr2 in product(LevelOfAssurance, repeat=3):
        first, second = the_first_of_a_chain(level_used=mr), a_register(MR_TWEE, level_used=mr2)
        assert used_level(ad, first, second) is min(ad, mr, mr2)


@pytest.mark.rule("3.3.17", "5.09", "5.11")
@pytest.mark.parametrize("weakest", range(3), ids=["middel", "first register", "second register"])
def test_the_level_of_the_weakest_link_is_what_is_declared(weakest: int) -> None:
    levels = [LevelOfAssurance.LOA4] * 3
    levels[weakest] = LevelOfAssurance.LOA2PLUS
    first, second = the_first_of_a_chain(level_used=levels[1]), a_register(MR_TWEE, level_used=levels[2])

    message = declared(the_authentication(level=levels[0]), first, second)

    assert read(message)[1].level is LevelOfAssurance.LOA2PLUS


@pytest.mark.rule("3.6.01", "3.6.03")
def test_identifiers_keep_their_ciphertext_and_get_new_ids() -> None:
    register = a_register()

    declaration = read(declared(first=register))[1]

    for copies, originals in (
        (declaration.legal_subject, register.legal_subject),
        (declaration.acting_subject, register.acting_subject),
    ):
        assert [ciphertexts(copy) for copy in copies] == [ciphertexts(original) for original in originals]
        for copy, original in zip(copies, originals, strict=True):
            assert identifiers(copy)
            assert not identifiers(copy) & identifiers(original)


def test_keys_of_other_recipients_are_left_out_of_what_the_dienstverlener_gets() -> None:
    both = [Recipient(MR_TWEE, certificate("mr")), Recipient(DV, certificate("dv"))]
    for_two = encrypt_identifier("urn:q", "90000001", both, new_id)

    (copy,) = read(declared(first=a_register(legal_subject=(for_two,))))[1].legal_subject

    assert copy.recipients == (DV,)
    assert ciphertexts(copy) == [ciphertexts(for_two)[0], ciphertexts(for_two)[2]]
    assert decrypt_identifier(copy, signer("dv"), DV).value == "90000001"
    assert MR_TWEE.encode() not in copy.raw


def test_the_dienstverlener_can_open_them() -> None:
    declaration = read(declared())[1]

    opened = [
        decrypt_identifier(each, signer("dv"), DV).value
        for each in (*declaration.legal_subject, *declaration.acting_subject)
    ]

    assert opened == ["90000001", "pseudonym"]


def test_without_a_chain_there_is_no_intermediary_whatever_the_register_says() -> None:
    register = a_register(intermediate_subject=(encrypted_for(DV, "90000003"),))

    assert read(declared(first=register))[1].intermediate_subject == ()


@pytest.mark.rule("1.3.10", "3.4.20", "3.7.01")
def test_in_a_chain_the_client_is_the_company_and_the_first_register_names_who_acts() -> None:
    first = the_first_of_a_chain()
    second = a_register(MR_TWEE, legal_subject=(encrypted_for(DV, "90000002"),), acting_subject=())

    declaration = read(declared(first=first, second=second))[1]

    assert [ciphertexts(each) for each in declaration.legal_subject] == [ciphertexts(second.legal_subject[0])]
    assert [ciphertexts(each) for each in declaration.acting_subject] == [
        ciphertexts(first.acting_subject[0])
    ]
    assert [ciphertexts(each) for each in declaration.intermediate_subject] == [
        ciphertexts(first.intermediate_subject[0])
    ]


@pytest.mark.rule("3.4.13")
@pytest.mark.parametrize("vestiging", [None, "000090000011"])
@pytest.mark.parametrize("subdossier", [None, "0001"])
def test_a_restriction_is_passed_on_as_it_is(vestiging: str | None, subdossier: str | None) -> None:
    said = read(declared(first=a_register(vestiging=vestiging, subdossier=subdossier)))[1]
    assert (said.vestiging, said.subdossier) == (vestiging, subdossier)


def test_in_a_chain_the_vestiging_is_that_of_the_client() -> None:
    first, second = the_first_of_a_chain(vestiging="000090000011"), a_register(MR_TWEE, vestiging=None)

    assert read(declared(first=first, second=second))[1].vestiging is None


def test_advice_holds_the_assertions_byte_for_byte() -> None:
    given = (ad_assertion(), mr_assertion())

    message = declared(advice=given)

    advice = parse(message).find(f"{{{SAML}}}Assertion/{{{SAML}}}Advice")
    assert advice is not None
    assert [etree.tostring(each, with_tail=False) for each in advice] == list(given)
    assert all(each in message for each in given)


def test_signatures_in_advice_hold_where_they_stand() -> None:
    advice = parse(declared(advice=(ad_assertion(), mr_assertion()))).find(
        f"{{{SAML}}}Assertion/{{{SAML}}}Advice"
    )
    assert advice is not None
    authentication, authorization = advice

    assert verify(authentication, [certificate("ad")], AD).signer == AD
    assert verify(authorization, [certificate("mr")], MR).signer == MR


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.name)
def test_other_software_finds_every_signature_in_place(judge: Judge) -> None:
    message = declared(advice=(ad_assertion(), mr_assertion()))

    for position, owner in enumerate(("hm", "hm", "ad", "mr")):
        assert judge.accepts(message, position, [certificate(owner)]), owner


@pytest.mark.rule("3.6.03")
def test_all_ids_in_the_message_differ() -> None:
    message = declared(advice=(ad_assertion(), mr_assertion()))

    ids = parse(message).xpath("//@ID | //@Id")

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "make", [declared, lambda now: refused(REFUSALS["storing"], now)], ids=["success", "refusal"]
)
def test_the_answer_is_dated_when_it_is_made(make: Callable[..., bytes]) -> None:
    later = NOW + timedelta(minutes=9)

    assert parse(make(now=later)).get("IssueInstant") == "2025-03-03T09:25:18Z"


def refused(refusal: Refusal, now: datetime = NOW) -> bytes:
    return refuse(a_journey(), refusal, makelaar=HM, key=signer("hm"), now=now, new_id=new_id)


@pytest.mark.rule("3.2.12", "8.32")
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_carries_status_reference_and_code_and_no_assertion(refusal: Refusal) -> None:
    opened = open_response(parse(refused(refusal)), [certificate("hm")], HM)

    assert opened.assertion is None
    assert opened.response.status == refusal.status("EH-7K3Q-9TXM")
    assert "EH-7K3Q-9TXM" in (opened.response.status.message or "")
    assert (opened.response.in_response_to, opened.response.destination) == ("_dv2hm", ACS_OF_DV)


def test_a_refusal_is_valid_against_the_schemas_and_says_nothing_of_the_person() -> None:
    message = refused(REFUSALS["machtiging-verlopen"])

    assert is_valid(parse(message))
    assert b"Subject" not in serialise(parse(message))


@pytest.mark.rule("1.5.02", "3.3.05", "3.3.19")
def test_a_citizen_at_eidas_is_declared_without_a_company() -> None:
    opened, declaration = declared_by_eb(eb_person(representation=False, registry=None))

    assert declaration.representation is False
    assert declaration.legal_subject == ()
    assert [each.recipients for each in declaration.acting_subject] == [(DV,)]
    assert declaration.authority == declaration.frame.name_qualifier == EB
    assert opened.response.destination == ACS_OF_DV


def test_a_company_at_eidas_is_declared_at_the_lower_of_both_levels() -> None:
    loa4 = LevelOfAssurance.LOA4
    person, company = (
        eb_person(level=loa4),
        eb_company(level_used=LevelOfAssurance.LOA3, acting_subject=(encrypted_for(DV, "again"),)),
    )
    opened, declaration = declared_by_eb(person, company)

    assert declaration.representation is True
    assert declaration.level is LevelOfAssurance.LOA3
    assert [each.recipients for each in declaration.legal_subject] == [(DV,)]
    assert opened.assertion is not None
    whole = opened.assertion.raw.reveal_bytes()
    assert all(each.raw.reveal_bytes() in whole for each in (person, company))


def test_a_login_that_is_not_of_eidas_says_nothing_of_representation() -> None:
    assert read(declared())[1].representation is None
