"""The catalogue of refusals: complete, worded, and honest towards software that reads only the SAML codes."""

import re

import pytest

from broker.domain.machtigingen import Reason
from broker.journey.refusals import CHOSEN_OTHERWISE
from broker.journey.refusals import REFUSALS
from broker.journey.refusals import Blame
from broker.journey.refusals import Kind
from broker.journey.refusals import Refusal
from broker.journey.refusals import known
from broker.journey.refusals import refusal
from broker.saml import errors
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.screens import refusal_text
from broker.screens.language import LANGUAGES
from broker.screens.language import Language
from broker.screens.texts import load_texts

REFERENCE = "EH-7K3Q-9TXM"
ALLOWED = {
    (STATUS_RESPONDER, STATUS_AUTHN_FAILED),
    (STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED),
    (STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED),
    (STATUS_RESPONDER, None),
}
every_row = pytest.mark.parametrize("row", REFUSALS.values(), ids=REFUSALS)


@every_row
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words_in_both_languages(row: Refusal, language: Language) -> None:
    assert refusal_text(language, row.code).title


def test_every_refusal_with_words_is_in_the_catalogue() -> None:
    worded = {key.split(".")[1] for key in load_texts("nl") if key.startswith("refusal.")}

    assert worded == set(REFUSALS)


@pytest.mark.rule("8.33")
@every_row
def test_authn_failed_is_for_what_the_person_did_or_may_not_do_and_for_nothing_else(row: Refusal) -> None:
    assert (row.kind is Kind.AUTHN_FAILED) == (row.blame is Blame.PERSON)
    assert row.status(REFERENCE).is_authn_failed == (row.blame is Blame.PERSON)


@pytest.mark.rule("8.01", "8.02", "8.03", "8.06")
@every_row
def test_only_codes_that_the_afsprakenstelsel_allows_are_sent(row: Refusal) -> None:
    status = row.status(REFERENCE)

    assert (status.top, status.second) in ALLOWED
    assert (status.top == STATUS_REQUESTER) == (row.blame is Blame.DIENSTVERLENER)


@pytest.mark.rule("8.32")
@every_row
def test_the_status_carries_reference_and_code_for_people_and_the_code_for_software(row: Refusal) -> None:
    status = row.status(REFERENCE)

    assert status.reason == row.code
    assert status.message == f"{row.summary} Referentie {REFERENCE}, code {row.code}."
    assert row.summary.endswith(".")


@every_row
def test_a_fault_of_dienstverlener_or_makelaar_is_not_mended_by_logging_in_otherwise(row: Refusal) -> None:
    if row.blame in {Blame.DIENSTVERLENER, Blame.MAKELAAR}:
        assert not row.can_choose_other


def test_who_only_chose_otherwise_may_try_again() -> None:
    assert all(refusal(code).can_choose_other for code in CHOSEN_OTHERWISE)


@every_row
def test_the_operator_is_alarmed_by_our_own_faults_only(row: Refusal) -> None:
    expected = {Blame.PERSON: "info", Blame.MAKELAAR: "error"}.get(row.blame, "warning")

    assert row.log_level == expected


@every_row
def test_a_code_is_the_same_everywhere(row: Refusal) -> None:
    assert re.fullmatch(r"[a-z-]+", row.code)
    assert refusal(row.code) is row


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_why_a_machtiging_does_not_hold_is_in_the_catalogue(reason: Reason) -> None:
    assert REFUSALS[reason].blame is Blame.PERSON


OURS = [each for each in errors.SamlError.__subclasses__() if each.__module__.startswith("broker.")]
"""Not those that other tests make for themselves, of which a process may know by now."""


@pytest.mark.parametrize("error", [errors.SamlError, *OURS])
def test_every_message_that_is_not_believed_has_a_row(error: type[errors.SamlError]) -> None:
    assert error.code in REFUSALS


def test_a_reason_of_a_partner_is_taken_over_when_a_person_can_be_refused_for_it() -> None:
    assert known("machtiging-verlopen", "geen-machtiging") == "machtiging-verlopen"


def test_what_cannot_be_given_is_said_so_and_never_as_what_a_person_may_not_do() -> None:
    unsupported = Kind.RESPONDER_UNSUPPORTED
    assert known("identificatie-niet-leverbaar", "storing", unsupported) == "identificatie-niet-leverbaar"
    assert known("machtiging-verlopen", "identificatie-niet-leverbaar", unsupported) == (
        "identificatie-niet-leverbaar"
    )
    assert known("identificatie-niet-leverbaar", "geen-machtiging") == "geen-machtiging"


@pytest.mark.parametrize(
    "code", [None, "", "invented", "storing", "handtekening-ongeldig", "sessie-verlopen"]
)
def test_any_other_reason_of_a_partner_is_not(code: str | None) -> None:
    assert known(code, "geen-machtiging") == "geen-machtiging"


def test_the_detail_of_a_refusal_stands_in_its_message_when_there_is_one() -> None:
    refusal = REFUSALS["afwijking-niet-toegestaan"]
    plain, precise = refusal.status("EH-1"), refusal.status("EH-1", "lange-relaystate")
    assert (plain.message or "").endswith("code afwijking-niet-toegestaan.")
    assert (precise.message or "").endswith("code afwijking-niet-toegestaan (lange-relaystate).")
