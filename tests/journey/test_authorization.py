"""What a register is asked, and which of its answers are believed: alone, as first of a chain, and as second."""

from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Reason
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.journey.authentication import judge_authentication
from broker.journey.authorization import Authorized
from broker.journey.authorization import decision_query
from broker.journey.authorization import used_level
from broker.journey.table import Event
from broker.saml.authentication import read_authentication
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.saml.names import XACML_POLICY
from broker.saml.response import OpenedResponse
from broker.saml.status import Status
from tests.domain.builders import a_service
from tests.journey.builders import ACS_FOR_AD
from tests.journey.builders import ACS_FOR_MR
from tests.journey.builders import MR_TWEE
from tests.journey.builders import a_journey
from tests.journey.builders import ad_answer
from tests.journey.builders import chain_answer
from tests.journey.builders import confirmation
from tests.journey.builders import encrypted_for
from tests.journey.builders import mr_answer
from tests.journey.builders import opened
from tests.journey.judging import SERVICE
from tests.journey.judging import Answer
from tests.journey.judging import Judge
from tests.journey.judging import confirmed
from tests.journey.judging import every_register
from tests.journey.judging import judged
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW


def add_obligation(answer: OpenedResponse, identifier: str) -> OpenedResponse:
    """The same answer with one obligation more."""
    assert answer.assertion is not None
    (result,) = answer.assertion.element.iter("{*}Result")
    holder = result.find(f"{{{XACML_POLICY}}}Obligations")
    if holder is None:
        holder = etree.SubElement(result, f"{{{XACML_POLICY}}}Obligations")
    obligation = etree.SubElement(
        holder, f"{{{XACML_POLICY}}}Obligation", ObligationId=identifier, FulfillOn="Permit"
    )
    etree.SubElement(obligation, f"{{{XACML_POLICY}}}AttributeAssignment").text = MR_TWEE
    return answer


def test_the_question_rests_on_the_assertion_of_the_authenticatiedienst() -> None:
    answer = ad_answer()
    assert answer.assertion is not None
    authentication = read_authentication(answer.assertion.element)

    query = decision_query(
        a_journey(),
        SERVICE,
        authentication,
        (b"<ad/>", b"<mr/>"),
        query_id="_hm2mr",
        makelaar=HM,
        destination="https://mr.example.nl/decision",
        acs_index=2,
        now=NOW,
        catalogue="v2",
    )

    assert query.catalogue == "v2"
    assert (query.id, query.issue_instant, query.issuer) == ("_hm2mr", NOW, HM)
    assert (query.destination, query.acs_index) == ("https://mr.example.nl/decision", 2)
    assert query.subject_id == authentication.frame.name_id
    assert (query.service_id, query.service_uuid) == (SERVICE.service_id, SERVICE.service_uuid)
    assert (query.level, query.intended_audience) == (LevelOfAssurance.LOA3, DV)
    assert query.assertions == (b"<ad/>", b"<mr/>")


@every_register
def test_a_good_answer_is_believed(judge: Judge, answer: Answer, success: Event) -> None:
    outcome = judge(answer())

    assert (outcome.event, outcome.code) == (success, None)
    assert outcome.assertion is not None


@pytest.mark.rule("5.08", "5.13", "6.4.14")
@every_register
@pytest.mark.parametrize(("needed", "used"), list(product(LevelOfAssurance, repeat=2)))
def test_less_than_the_needed_level_is_too_low(
    judge: Judge, answer: Answer, success: Event, needed: LevelOfAssurance, used: LevelOfAssurance
) -> None:
    outcome = judge(answer(level_used=used), a_journey(level=needed))

    assert outcome.event is (Event.LEVEL_TOO_LOW if used < needed else success)


@pytest.mark.rule("5.09", "5.11")
def test_of_all_levels_together_the_lowest_counts_and_none_may_be_too_low() -> None:
    authentication = cache(lambda level: ad_answer(level=level))
    first = cache(lambda level: chain_answer(level_used=level))
    second = cache(lambda level: confirmation(level_used=level))

    for needed, ad, mr, mr2 in product(LevelOfAssurance, repeat=4):
        journey = a_journey(level=needed)
        login = judge_authentication(
            journey,
            authentication(ad),
            certified=LevelOfAssurance.LOA4,
            makelaar=HM,
            service=SERVICE,
            acs=ACS_FOR_AD,
            now=NOW,
        )
        link, end = judged(first(mr), journey), confirmed(second(mr2), journey)

        too_low = [each for each in (login, link, end) if each.event is Event.LEVEL_TOO_LOW]
        assert len(too_low) == sum(level < needed for level in (ad, mr, mr2))
        assert all(each.assertion is None for each in too_low)
        if not too_low:
            assert login.assertion is not None
            registers = [each.assertion for each in (link, end) if each.assertion is not None]
            assert used_level(login.assertion.level, *registers) is min(ad, mr, mr2)


@pytest.mark.rule("6.4.04", "6.4.05", "6.4.11", "6.4.13", "6.4.16")
@every_register
@pytest.mark.parametrize(
    "changes",
    [
        {"envelope": {"in_response_to": "_other"}},
        {"assertion_id_ref": "_another"},
        {"linked_signature_value": "QUFC"},
        {"linked_signature_value": ""},
        {"service_id": "urn:etoegang:DV:00000099000000004000:services:8"},
        {"service_uuid": "11111111-1111-4111-8111-111111111111"},
        {"legal_subject": ()},
        {"legal_subject": (encrypted_for(MR),)},
        {"frame": {"audiences": (f"{HM}0",)}},
    ],
    ids=[
        "another request",
        "linked to another assertion",
        "linked to another signature",
        "linked to no signature",
        "another service",
        "another definition of the service",
        "no company",
        "a company encrypted for another",
        "another audience",
    ],
)
def test_an_answer_that_does_not_fit_is_not_believed(
    judge: Judge, answer: Answer, success: Event, changes: dict[str, Any]
) -> None:
    with pytest.raises(UnexpectedAnswer):
        judge(answer(**changes))


@pytest.mark.parametrize("answer", [mr_answer, chain_answer])
@pytest.mark.parametrize(
    "changes",
    [
        {"envelope": {"destination": ACS_FOR_AD}},
        {"envelope": {"destination": None}},
        {"acting_subject": ()},
        {"acting_subject": (encrypted_for(MR_TWEE),)},
        {"acting_subject": (encrypted_for(DV, "pseudonym"), encrypted_for(MR_TWEE))},
    ],
    ids=[
        "another endpoint",
        "no Destination",
        "nobody",
        "somebody encrypted for another",
        "somebody else besides",
    ],
)
def test_nor_one_through_the_browser_that_is_for_elsewhere_or_about_nobody(
    answer: Answer, changes: dict[str, Any]
) -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(answer(**changes))


@pytest.mark.parametrize("intermediary", [(), (encrypted_for(MR_TWEE),)], ids=["none", "for another"])
def test_nor_a_chain_without_an_intermediary_that_the_dienstverlener_can_read(intermediary: Any) -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(chain_answer(intermediate_subject=intermediary))


def test_without_a_pending_question_no_answer_is_believed() -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(mr_answer(), a_journey(mr_request=None))


@pytest.mark.rule("6.4.17")
@every_register
@pytest.mark.parametrize(
    ("seconds", "in_force"),
    [(-61, False), (-60, True), (179, True), (180, False)],
    ids=["too early", "early, within the skew", "late, within the skew", "too late"],
)
def test_an_assertion_holds_from_not_before_until_not_on_or_after(
    judge: Judge, answer: Answer, success: Event, seconds: int, in_force: bool
) -> None:
    given = answer(frame={"not_before": NOW, "not_on_or_after": NOW + timedelta(minutes=2)})

    if in_force:
        assert judge(given, now=NOW + timedelta(seconds=seconds)).event is success
    else:
        with pytest.raises(OutsideTimeWindow):
            judge(given, now=NOW + timedelta(seconds=seconds))


@pytest.mark.rule("6.4.19")
@every_register
def test_an_obligation_that_nobody_knows_means_no(judge: Judge, answer: Answer, success: Event) -> None:
    with pytest.raises(UnexpectedAnswer):
        judge(add_obligation(answer(), "urn:invented:obligation"))


@pytest.mark.rule("1.3.01", "6.4.19")
@pytest.mark.parametrize(
    ("judge", "answer"),
    [(judged, chain_answer), (confirmed, confirmation)],
    ids=["twice in the first answer", "again in the second"],
)
def test_a_chain_has_one_intermediary_only(judge: Judge, answer: Answer) -> None:
    with pytest.raises(UnexpectedAnswer):
        judge(add_obligation(answer(), REQUIRE_CONFIRMATION))


@pytest.mark.rule("6.4.18", "6.4.19")
@pytest.mark.rule("1.3.03", "6.4.19")
@pytest.mark.parametrize("answer", [chain_answer, lambda: add_obligation(mr_answer(), REQUIRE_CONFIRMATION)])
@pytest.mark.parametrize("fulfil_on", ["Deny", "permit", ""])
def test_an_obligation_to_be_fulfilled_on_anything_but_permit_is_not_believed(
    answer: Answer, fulfil_on: str
) -> None:
    given = answer()
    assert given.assertion is not None
    (obligation,) = given.assertion.element.iter(f"{{{XACML_POLICY}}}Obligation")
    obligation.set("FulfillOn", fulfil_on)

    with pytest.raises(SamlError):
        judged(given)


def test_an_intermediary_without_a_register_to_confirm_it_is_not_believed() -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(mr_answer(intermediate_subject=(encrypted_for(DV, "90000003"),)))


def test_an_obligation_that_names_no_register_is_not_believed() -> None:
    answer = chain_answer()
    assert answer.assertion is not None
    (assignment,) = answer.assertion.element.iter(f"{{{XACML_POLICY}}}AttributeAssignment")
    obligation = assignment.getparent()
    assert obligation is not None
    obligation.remove(assignment)

    with pytest.raises(SamlError):
        judged(answer)


def test_a_chain_for_a_service_that_refuses_chains_is_refused() -> None:
    service = a_service(classifiers=frozenset({NO_CHAIN_CLASSIFIER}))

    assert judged(chain_answer(), service=service) == Authorized(
        Event.NOT_AUTHORISED, Reason.CHAIN_NOT_ACCEPTED
    )


def test_that_second_register_must_be_the_one_the_first_encrypted_for() -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(chain_answer(confirm_at="urn:etoegang:MR:00000099000000003200:entities:0001"))


@pytest.mark.rule("6.4.12")
@every_register
@pytest.mark.parametrize("decision", ["Deny", "NotApplicable", "Indeterminate"])
def test_any_decision_but_permit_is_a_refusal(
    judge: Judge, answer: Answer, success: Event, decision: str
) -> None:
    assert judge(answer(decision=decision)).event is Event.NOT_AUTHORISED


@pytest.mark.rule("6.4.12")
@every_register
def test_a_permit_with_another_status_than_ok_is_a_refusal(
    judge: Judge, answer: Answer, success: Event
) -> None:
    outcome = judge(answer(status_code="urn:oasis:names:tc:xacml:1.0:status:processing-error"))

    assert outcome.event is Event.NOT_AUTHORISED


def test_what_the_client_granted_too_low_or_not_at_all_is_said_of_the_chain() -> None:
    assert confirmed(confirmation(level_used=LevelOfAssurance.LOA2)).code == Reason.CHAIN_LEVEL_TOO_LOW
    assert confirmed(confirmation(decision="Deny")).code == Reason.CHAIN_NO_MACHTIGING
    assert judged(mr_answer(level_used=LevelOfAssurance.LOA2)).code == Reason.LEVEL_TOO_LOW
    assert judged(mr_answer(decision="Deny")).code == Reason.NO_MACHTIGING


FAILED = Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED)
TECHNICAL = [
    Status(STATUS_RESPONDER),
    Status(STATUS_REQUESTER),
    Status(STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED),
    Status(STATUS_REQUESTER, STATUS_AUTHN_FAILED),
    Status(STATUS_RESPONDER, "urn:invented", reason="machtiging-verlopen"),
    Status("urn:invented"),
]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, Authorized(Event.CANCELLED_AT_MR)),
        ("geannuleerd", Authorized(Event.CANCELLED_AT_MR)),
        ("machtiging-verlopen", Authorized(Event.NOT_AUTHORISED, Reason.EXPIRED)),
        ("keten-ingetrokken", Authorized(Event.NOT_AUTHORISED, Reason.CHAIN_REVOKED)),
        ("invented", Authorized(Event.NOT_AUTHORISED, Reason.NO_MACHTIGING)),
        ("storing", Authorized(Event.NOT_AUTHORISED, Reason.NO_MACHTIGING)),
    ],
)
def test_authn_failed_of_the_first_register_is_a_cancel_or_the_reason_it_gives(
    reason: str | None, expected: Authorized
) -> None:
    status = Status(FAILED.top, FAILED.second, reason=reason)

    assert judged(_failure("_hm2mr", ACS_FOR_MR, status)) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (None, Reason.CHAIN_NO_MACHTIGING),
        ("keten-verlopen", Reason.CHAIN_EXPIRED),
        ("invented", Reason.CHAIN_NO_MACHTIGING),
    ],
)
def test_authn_failed_of_the_second_register_is_never_a_cancel(reason: str | None, expected: str) -> None:
    status = Status(FAILED.top, FAILED.second, reason=reason)

    assert confirmed(_failure("_hm2mr2", None, status)) == Authorized(Event.NOT_AUTHORISED, expected)


@pytest.mark.parametrize("status", TECHNICAL)
def test_any_other_status_is_a_technical_fault_of_the_register(status: Status) -> None:
    assert judged(_failure("_hm2mr", ACS_FOR_MR, status)) == Authorized(
        Event.MR_FAILED, "machtigingenregister-fout"
    )
    assert confirmed(_failure("_hm2mr2", None, status)) == Authorized(Event.MR_FAILED, "keten-niet-bevestigd")


@pytest.mark.parametrize("reason", [None, "invented", "machtiging-verlopen", "identificatie-niet-leverbaar"])
def test_a_register_that_cannot_give_the_identifiers_is_a_refusal_of_its_own(reason: str | None) -> None:
    status = Status(STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, reason=reason)
    refused = Authorized(Event.NOT_AUTHORISED, "identificatie-niet-leverbaar")

    assert judged(_failure("_hm2mr", ACS_FOR_MR, status)) == refused
    assert confirmed(_failure("_hm2mr2", None, status)) == refused


def _failure(in_response_to: str, destination: str | None, status: Status) -> OpenedResponse:
    return opened(None, in_response_to=in_response_to, issuer=MR, destination=destination, status=status)


@pytest.mark.rule("6.4.02")
@every_register
@pytest.mark.parametrize("audiences", [(), (HM,), (DV,), (HM, MR_TWEE, DV)])
def test_an_audience_may_be_left_out_or_name_one_of_us(
    judge: Judge, answer: Answer, success: Event, audiences: tuple[str, ...]
) -> None:
    assert judge(answer(frame={"audiences": audiences})).event is success


@pytest.mark.parametrize("answer", [mr_answer, chain_answer])
@pytest.mark.parametrize(
    "confirmation",
    [
        {"in_response_to": "_other", "recipient": ACS_FOR_MR},
        {"in_response_to": "_hm2mr", "recipient": "https://elsewhere.example"},
    ],
    ids=["another request", "another endpoint"],
)
def test_a_confirmation_that_need_not_be_there_must_be_ours(
    answer: Answer, confirmation: dict[str, Any]
) -> None:
    with pytest.raises(UnexpectedAnswer, match="answers another request"):
        judged(answer(frame=confirmation))
    ours = {"in_response_to": "_hm2mr", "recipient": ACS_FOR_MR}
    assert judged(answer(frame=ours)).assertion is not None


@every_register
def test_a_no_about_another_service_is_no_answer_either(judge: Judge, answer: Answer, success: Event) -> None:
    with pytest.raises(UnexpectedAnswer, match="another service"):
        judge(answer(decision="Deny", service_id="urn:etoegang:DV:00000099000000004000:services:8"))
