"""The checks of a dienstverlener, one by one, on answers that differ in one thing from a good one."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import count

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.network.dienstverlener.answers import Expectation
from broker.network.dienstverlener.answers import believe
from broker.network.dienstverlener.answers import keep
from broker.network.dienstverlener.answers import open_subjects
from broker.saml.assertion import Frame
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_declaration
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import SamlError
from broker.saml.parsing import parse
from broker.saml.response import OpenedResponse
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.response import open_response
from broker.saml.status import SUCCESS
from broker.saml.status import authn_failed
from tests.keys import certificate
from tests.keys import signer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
US, THEM, ACS = "urn:dv", "urn:hm", "http://localhost:1/acs"
EXPECTED = Expectation("_asked", THEM, US, ACS, frozenset({"urn:service"}), LevelOfAssurance.LOA3)
_ids = count()


def new_id() -> str:
    return f"_id{next(_ids)}"


def encrypted(value: str) -> EncryptedId:
    return encrypt_identifier("urn:kvk", value, [Recipient(US, certificate("dv"))], new_id)


FRAME = Frame(
    id="_assertion",
    issue_instant=NOW,
    issuer=THEM,
    name_id="transient",
    name_qualifier=None,
    not_before=NOW - timedelta(seconds=5),
    not_on_or_after=NOW + timedelta(minutes=2),
    audiences=(US,),
    in_response_to="_asked",
    recipient=ACS,
)
RESPONSE = Response("_response", "_asked", NOW, THEM, ACS, SUCCESS)


def declaration() -> Declaration:
    return Declaration(
        frame=FRAME,
        authn_instant=NOW,
        session_index="_session",
        level=LevelOfAssurance.LOA3,
        authority="urn:ad",
        service_id="urn:service",
        service_uuid="uuid",
        acting_subject=(encrypted("pseudonym"),),
        legal_subject=(encrypted("90000011"),),
    )


def answer(said: Declaration | None, response: Response = RESPONSE) -> OpenedResponse:
    key = signer("hm")
    assertion = None if said is None else make_assertion(write_declaration(said, "urn:dv", new_id), key)
    return open_response(parse(make_response(response, assertion, key)), [certificate("hm")], THEM)


def test_a_good_answer_is_believed_and_can_be_opened() -> None:
    said = believe(answer(declaration()), EXPECTED, NOW)
    assert said is not None
    opened = list(open_subjects(keep(said), signer("dv"), US))
    assert [(name, each.value) for name, each in opened] == [
        ("LegalSubjectID", "90000011"),
        ("ActingSubjectID", "pseudonym"),
    ]


def test_what_is_kept_holds_no_identifier_in_clear() -> None:
    said = believe(answer(declaration()), EXPECTED, NOW)
    assert said is not None
    assert "90000011" not in str(keep(said))


def test_what_is_encrypted_for_another_cannot_be_opened() -> None:
    said = believe(answer(declaration()), EXPECTED, NOW)
    assert said is not None
    with pytest.raises(DecryptionFailed):
        list(open_subjects(keep(said), signer("hm"), US))


def test_a_refusal_is_no_declaration() -> None:
    refusal = replace(RESPONSE, status=authn_failed("cancelled", "geannuleerd"))
    assert believe(answer(None, refusal), EXPECTED, NOW) is None


@pytest.mark.parametrize(
    "change",
    [
        {"in_response_to": "_another"},
        {"destination": "http://localhost:1/other"},
        {"destination": None},
        {"issue_instant": NOW - timedelta(minutes=6)},
        {"issue_instant": NOW + timedelta(minutes=6)},
    ],
    ids=str,
)
def test_an_envelope_that_does_not_fit_is_refused(change: dict[str, str | datetime | None]) -> None:
    response = replace(RESPONSE, **change)  # type: ignore[arg-type]  # each case names a field of its own type
    with pytest.raises(SamlError):
        believe(answer(declaration(), response), EXPECTED, NOW)


@pytest.mark.parametrize(
    "frame",
    [
        replace(FRAME, in_response_to="_another"),
        replace(FRAME, recipient="http://localhost:1/other"),
        replace(FRAME, recipient=None),
        replace(FRAME, audiences=("urn:another",)),
        replace(FRAME, audiences=()),
        replace(FRAME, not_on_or_after=NOW - timedelta(minutes=2)),
        replace(FRAME, not_before=NOW + timedelta(minutes=2)),
    ],
    ids=["InResponseTo", "Recipient", "no confirmation", "Audience", "no Audience", "too late", "too early"],
)
def test_an_assertion_that_is_not_for_us_now_is_refused(frame: Frame) -> None:
    with pytest.raises(SamlError):
        believe(answer(replace(declaration(), frame=frame)), EXPECTED, NOW)


def test_an_assertion_for_another_service_is_refused() -> None:
    with pytest.raises(SamlError, match="ServiceID"):
        believe(answer(replace(declaration(), service_id="urn:other")), EXPECTED, NOW)


def test_at_a_portal_the_assertion_may_name_several_services_and_no_other() -> None:
    portal = replace(EXPECTED, services=frozenset({"urn:service", "urn:second"}))
    said = believe(answer(replace(declaration(), other_services=("urn:second",))), portal, NOW)
    assert said is not None
    assert said.service_ids == ("urn:service", "urn:second")
    with pytest.raises(SamlError, match="ServiceID"):
        believe(answer(replace(declaration(), other_services=("urn:other",))), portal, NOW)


def test_a_level_lower_than_asked_is_refused_and_a_higher_one_is_not() -> None:
    with pytest.raises(SamlError, match="level"):
        believe(answer(replace(declaration(), level=LevelOfAssurance.LOA2PLUS)), EXPECTED, NOW)
    assert believe(answer(replace(declaration(), level=LevelOfAssurance.LOA4)), EXPECTED, NOW) is not None


@pytest.mark.parametrize("field", ["legal_subject", "acting_subject"])
def test_an_assertion_about_nobody_is_refused(field: str) -> None:
    said = declaration()
    said = replace(said, legal_subject=()) if field == "legal_subject" else replace(said, acting_subject=())
    with pytest.raises(SamlError, match="missing"):
        believe(answer(said), EXPECTED, NOW)
