"""Whom an authenticatiedienst may be, what it is asked, and which of its answers are believed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.levels import LevelOfAssurance
from broker.journey.authentication import Authenticated
from broker.journey.authentication import authentication_request
from broker.journey.authentication import eligible
from broker.journey.authentication import judge_authentication
from broker.journey.authentication import require_answers
from broker.journey.authentication import within_scope
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.saml.encryption import EncryptedId
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_SOAP
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.response import OpenedResponse
from broker.saml.status import Status
from tests.domain.builders import a_service
from tests.journey.builders import ACS_FOR_AD
from tests.journey.builders import a_journey
from tests.journey.builders import ad_answer
from tests.journey.builders import encrypted_for
from tests.journey.builders import opened
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW

SERVICE = a_service()
SECOND = timedelta(seconds=1)
SKEW = timedelta(seconds=60)
HOUR = timedelta(hours=1)


def judged(answer: OpenedResponse, journey: Journey | None = None, **changes: Any) -> Authenticated:
    values: dict[str, Any] = {
        "certified": LevelOfAssurance.LOA4,
        "makelaar": HM,
        "service": SERVICE,
        "acs": ACS_FOR_AD,
        "now": NOW,
    }
    return judge_authentication(journey or a_journey(), answer, **(values | changes))


def a_dienst(name: str, level: LevelOfAssurance | None, entity_id: str = AD) -> Partner:
    sign_on = (Endpoint(BINDING_POST, "https://ad.example.nl/sso"),)
    return Partner(entity_id, None, {"nl": name, "en": f"The {name}"}, (), (), sign_on=sign_on, level=level)


@pytest.mark.rule("11.02")
def test_only_those_that_can_deliver_the_level_may_be_chosen() -> None:
    diensten = [a_dienst(level.short, level) for level in LevelOfAssurance] + [a_dienst("none", None)]

    able = eligible(diensten, LevelOfAssurance.LOA3, "nl")

    assert [dienst.level for dienst in able] == [LevelOfAssurance.LOA3, LevelOfAssurance.LOA4]


@pytest.mark.rule("7.5.10", "11.03")
def test_only_those_that_can_deliver_a_pseudonym_may_be_chosen() -> None:
    dienst = a_dienst("Sleutel", LevelOfAssurance.LOA4)
    citizens = replace(dienst, identifier_types=frozenset({"urn:etoegang:1.12:EntityConcernedID:BSN"}))
    either = replace(dienst, identifier_types=citizens.identifier_types | {INTERNAL_PSEUDONYM})

    assert eligible([dienst, citizens, either], LevelOfAssurance.LOA2, "nl") == [dienst, either]


def test_the_dienstverlener_may_limit_the_choice_to_some_that_are_able() -> None:
    able = [a_dienst(name, LevelOfAssurance.LOA4, name) for name in ("a", "b", "c")]

    assert within_scope(able, ("c", "a", "d")) == [able[0], able[2]]
    assert within_scope(able, ("d",)) == able
    assert within_scope(able, ()) == able


def test_one_that_offers_no_binding_we_speak_may_not_be_chosen() -> None:
    dienst = a_dienst("Sleutel", LevelOfAssurance.LOA4)
    unreachable = replace(dienst, sign_on=(Endpoint(BINDING_SOAP, "https://ad.example.nl/sso"),))

    assert eligible([dienst, unreachable], LevelOfAssurance.LOA2, "nl") == [dienst]


@pytest.mark.rule("11.01")
def test_they_stand_in_alphabetical_order_without_regard_to_capitals() -> None:
    level = LevelOfAssurance.LOA3
    diensten = [
        a_dienst("toegang", level),
        a_dienst("Sleutel", level),
        a_dienst("Sleutel", level, "a"),
        a_dienst("arm", level),
    ]

    assert [dienst.display_name("nl") for dienst in eligible(diensten, level, "nl")] == [
        "arm",
        "Sleutel",
        "Sleutel",
        "toegang",
    ]
    assert [dienst.entity_id for dienst in eligible(diensten, level, "nl")][1:3] == ["a", AD]


@pytest.mark.rule("2.24", "5.05")
def test_the_question_says_what_the_login_needs_and_for_whom() -> None:
    request = authentication_request(
        a_journey(force_authn=True),
        SERVICE,
        request_id="_hm2ad",
        makelaar=HM,
        destination="https://ad.example.nl/sso",
        acs_index=1,
        now=NOW,
    )

    assert (request.id, request.issue_instant, request.issuer) == ("_hm2ad", NOW, HM)
    assert (request.destination, request.acs_index) == ("https://ad.example.nl/sso", 1)
    assert (request.level, request.service_uuid) == (LevelOfAssurance.LOA3, SERVICE.service_uuid)
    assert request.intended_audience == DV
    assert request.provider_name == "Gemeente Voorbeeld"
    assert request.catalogue is None


def test_in_a_test_the_question_says_which_catalogue_knows_the_service() -> None:
    request = authentication_request(
        a_journey(in_test="v2"),
        SERVICE,
        request_id="_1",
        makelaar=HM,
        destination="",
        acs_index=1,
        now=NOW,
        catalogue="v2",
    )

    assert request.catalogue == "v2"


@pytest.mark.rule("2.37")
def test_the_name_that_the_dienstverlener_gave_itself_goes_along() -> None:
    request = authentication_request(
        a_journey(provider_name="Loket"),
        SERVICE,
        request_id="_1",
        makelaar=HM,
        destination="",
        acs_index=1,
        now=NOW,
    )

    assert request.provider_name == "Loket"


def test_a_good_answer_authenticates() -> None:
    outcome = judged(ad_answer())

    assert (outcome.event, outcome.code) == (Event.AUTHENTICATED, None)
    assert outcome.assertion is not None
    assert outcome.assertion.registry == MR


@pytest.mark.rule("5.07", "5.08", "5.13")
@pytest.mark.parametrize(("needed", "delivered"), list(product(LevelOfAssurance, repeat=2)))
def test_less_than_the_needed_level_is_too_low(needed: LevelOfAssurance, delivered: LevelOfAssurance) -> None:
    outcome = judged(ad_answer(level=delivered), a_journey(level=needed))

    if delivered < needed:
        assert outcome == Authenticated(Event.LEVEL_TOO_LOW, "niveau-te-laag")
    else:
        assert outcome.event is Event.AUTHENTICATED


@pytest.mark.parametrize("uuid", [None, SERVICE.service_uuid, SERVICE.instance_uuid])
def test_the_assertion_may_name_the_service_its_instance_or_none(uuid: str | None) -> None:
    assert judged(ad_answer(service_uuid=uuid)).event is Event.AUTHENTICATED


def test_an_assertion_for_several_parties_is_also_for_us() -> None:
    assert judged(ad_answer(frame={"audiences": (DV, HM)})).event is Event.AUTHENTICATED


@pytest.mark.rule("1.2.04", "1.2.06")
@pytest.mark.parametrize(
    "answer",
    [
        lambda: ad_answer(envelope={"in_response_to": "_other"}),
        lambda: ad_answer(envelope={"in_response_to": ""}),
        lambda: ad_answer(envelope={"destination": "https://hm.example.nl/acs/mr"}),
        lambda: ad_answer(envelope={"destination": None}),
        lambda: ad_answer(frame={"in_response_to": "_other"}),
        lambda: ad_answer(frame={"in_response_to": None}),
        lambda: ad_answer(frame={"recipient": "https://evil.example/acs"}),
        lambda: ad_answer(frame={"recipient": None}),
        lambda: ad_answer(frame={"audiences": (DV, MR)}),
        lambda: ad_answer(frame={"audiences": ()}),
        lambda: ad_answer(service_uuid="11111111-1111-4111-8111-111111111111"),
        lambda: ad_answer(representation=False),
        lambda: ad_answer(registry=None),
        lambda: ad_answer(acting_subject=()),
        lambda: ad_answer(acting_subject=(encrypted_for(DV),)),
        lambda: ad_answer(acting_subject=(encrypted_for(MR, "anna"), encrypted_for(DV))),
        lambda: opened(
            None, in_response_to="_other", issuer=AD, destination=ACS_FOR_AD, status=Status(STATUS_RESPONDER)
        ),
    ],
    ids=[
        "another request",
        "no request",
        "another endpoint",
        "no Destination",
        "assertion for another request",
        "assertion for no request",
        "another Recipient",
        "no Recipient",
        "another audience",
        "no audience",
        "another service",
        "no representation",
        "no register",
        "nobody",
        "somebody encrypted for another",
        "somebody else besides",
        "a failure of another request",
    ],
)
def test_an_answer_that_does_not_fit_is_not_believed(answer: Callable[[], OpenedResponse]) -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(answer())


@pytest.mark.parametrize("asked", [None, ""])
def test_without_a_pending_question_no_answer_is_believed(asked: str | None) -> None:
    with pytest.raises(UnexpectedAnswer, match="the Response answers another request"):
        judged(ad_answer(), a_journey(ad_request=asked))
    with pytest.raises(UnexpectedAnswer, match="the Response answers another request"):
        judged(ad_answer(envelope={"in_response_to": ""}), a_journey(ad_request=asked))


def test_a_register_without_a_name_is_none_even_when_a_key_is_for_nobody() -> None:
    nobody = re.sub(rb' Recipient="[^"]*"', b"", encrypted_for(MR, "anna").raw)
    with pytest.raises(UnexpectedAnswer, match="names no machtigingenregister"):
        judged(ad_answer(registry="", acting_subject=(EncryptedId(nobody, ("",)),)))


def test_a_new_login_that_was_asked_at_no_known_moment_is_not_believed() -> None:
    with pytest.raises(UnexpectedAnswer, match="a new login was asked"):
        judged(ad_answer(), a_journey(ad_forced=True, ad_asked_at=None))


@pytest.mark.parametrize(
    "status", [Status(STATUS_RESPONDER), Status(STATUS_RESPONDER, reason="niveau-te-laag")]
)
def test_a_failure_for_another_reason_says_nothing_of_attributes_or_levels(status: Status) -> None:
    asking = a_journey(attributes=(AskedAttribute(FIRST_NAME, True),))
    answer = opened(None, in_response_to="_hm2ad", issuer=AD, destination=ACS_FOR_AD, status=status)

    assert judged(answer, asking) == Authenticated(Event.AD_FAILED, "authenticatiedienst-fout")


@pytest.mark.parametrize(
    ("moment", "in_force"),
    [
        (-SKEW - SECOND, False),
        (-SKEW, True),
        (timedelta(minutes=2) + SKEW - SECOND, True),
        (timedelta(minutes=2) + SKEW, False),
    ],
    ids=["too early", "early, within the skew", "late, within the skew", "too late"],
)
def test_an_assertion_holds_from_not_before_until_not_on_or_after(moment: timedelta, in_force: bool) -> None:
    answer = ad_answer(frame={"not_before": NOW, "not_on_or_after": NOW + timedelta(minutes=2)})

    if in_force:
        assert judged(answer, now=NOW + moment).event is Event.AUTHENTICATED
    else:
        with pytest.raises(OutsideTimeWindow):
            judged(answer, now=NOW + moment)


@pytest.mark.parametrize(
    "urn", ["urn:etoegang:core:assurance-class:loa5", "", "LOA3", "urn:etoegang:core:assurance-class:LOA3"]
)
def test_a_level_that_does_not_exist_is_not_guessed(urn: str) -> None:
    answer = ad_answer()
    assert answer.assertion is not None
    (class_ref,) = answer.assertion.element.iter("{*}AuthnContextClassRef")
    class_ref.text = urn

    with pytest.raises(SamlError):
        judged(answer)


@pytest.mark.parametrize(
    ("status", "event", "code"),
    [
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED), Event.CANCELLED_AT_AD, None),
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, reason="geannuleerd"), Event.CANCELLED_AT_AD, None),
        (Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, reason="invented"), Event.CANCELLED_AT_AD, None),
        (
            Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, reason="niveau-te-laag"),
            Event.LEVEL_TOO_LOW,
            "niveau-te-laag",
        ),
        (
            Status(STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED, reason="niveau-te-laag"),
            Event.LEVEL_TOO_LOW,
            "niveau-te-laag",
        ),
        (Status(STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED), Event.AD_FAILED, "authenticatiedienst-fout"),
        (Status(STATUS_REQUESTER), Event.AD_FAILED, "authenticatiedienst-fout"),
        (Status(STATUS_RESPONDER), Event.AD_FAILED, "authenticatiedienst-fout"),
        (Status(STATUS_RESPONDER, "urn:invented"), Event.AD_FAILED, "authenticatiedienst-fout"),
        (Status("urn:invented", STATUS_AUTHN_FAILED), Event.AD_FAILED, "authenticatiedienst-fout"),
    ],
)
def test_every_status_without_an_assertion_means_one_event(
    status: Status, event: Event, code: str | None
) -> None:
    answer = opened(None, in_response_to="_hm2ad", issuer=AD, destination=ACS_FOR_AD, status=status)

    assert judged(answer) == Authenticated(event, code)


def test_on_the_back_channel_destination_may_be_absent() -> None:
    answer = ad_answer(envelope={"destination": None})

    require_answers(answer, "_hm2ad", None)
    require_answers(
        replace(answer, response=replace(answer.response, destination="anything")), "_hm2ad", None
    )


@pytest.mark.parametrize("certified", [LevelOfAssurance.LOA3, None])
def test_a_level_above_that_of_its_metadata_is_not_believed(certified: LevelOfAssurance | None) -> None:
    with pytest.raises(UnexpectedAnswer, match="certified"):
        judged(ad_answer(level=LevelOfAssurance.LOA4), certified=certified)


@pytest.mark.rule("2.24", "6.1.06", "10.06")
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("before", [AD, None])
def test_a_new_login_is_asked_unless_all_agree_to_single_sign_on(
    asked: bool, joined: bool, before: str | None
) -> None:
    request = authentication_request(
        a_journey(force_authn=asked, authenticatiedienst=before),
        a_service(sso_support=joined),
        request_id="_1",
        makelaar=HM,
        destination="",
        acs_index=1,
        now=NOW,
    )

    assert request.force_authn is (asked or not joined or before is not None)


@pytest.mark.parametrize(
    ("logged_in", "believed"),
    [(-SKEW - SECOND, False), (-SKEW, True), (timedelta(0), True), (SKEW, True), (SKEW + SECOND, False)],
    ids=str,
)
def test_a_new_login_is_one_after_the_question(logged_in: timedelta, believed: bool) -> None:
    forced = a_journey(ad_forced=True, ad_asked_at=NOW)
    answer = ad_answer(authn_instant=NOW + logged_in)

    if believed:
        assert judged(answer, forced, continues=lambda _: False).event is Event.AUTHENTICATED
    else:
        with pytest.raises(UnexpectedAnswer, match="AuthnInstant"):
            judged(answer, forced, continues=lambda _: True)


@pytest.mark.rule("10.02")
@pytest.mark.parametrize("continued", [True, False])
@pytest.mark.parametrize(
    ("ago", "young"),
    [(timedelta(0), True), (2 * HOUR + SKEW, True), (2 * HOUR + SKEW + SECOND, False), (9 * HOUR, False)],
    ids=str,
)
def test_a_login_of_long_ago_counts_only_while_its_session_continues(
    ago: timedelta, young: bool, continued: bool
) -> None:
    answer, asked_of = ad_answer(authn_instant=NOW - ago), []

    def continues(instant: datetime) -> bool:
        asked_of.append(instant)
        return continued

    if young or continued:
        assert judged(answer, continues=continues).event is Event.AUTHENTICATED
    else:
        with pytest.raises(UnexpectedAnswer, match="ended"):
            judged(answer, continues=continues)
    assert asked_of == ([] if young else [NOW - ago])
