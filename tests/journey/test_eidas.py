"""When a login goes to the eIDAS-berichtenservice, and which of its answers are believed."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Reason
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.journey.eidas import Declared
from broker.journey.eidas import choose_eb
from broker.journey.eidas import eidas_request
from broker.journey.eidas import first_state
from broker.journey.eidas import judge_eidas
from broker.journey.eidas import objection
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.journey.table import State
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_NO_BSN
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.response import OpenedResponse
from broker.saml.status import Status
from tests.domain.builders import a_service
from tests.journey.builders import ACS_FOR_EB
from tests.journey.builders import EB
from tests.journey.builders import a_journey
from tests.journey.builders import eb_answer
from tests.journey.builders import eb_company
from tests.journey.builders import eb_person
from tests.journey.builders import encrypted_for
from tests.keys import certificate
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import new_id

EIDAS = a_service(
    identifier_sets=((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
    classifiers=frozenset({EIDAS_INBOUND_CLASSIFIER}),
)
EHERKENNING = a_service()
MINUTES = timedelta(minutes=5)
LOA = LevelOfAssurance


def judged(answer: OpenedResponse, journey: Journey | None = None, **changes: Any) -> Declared:
    values: dict[str, Any] = {
        "certified": LOA.LOA4,
        "makelaar": HM,
        "service": EIDAS,
        "acs": ACS_FOR_EB,
        "now": NOW,
    }
    return judge_eidas(journey or a_journey(state=State.AT_EB), answer, **(values | changes))


def a_citizen(**changes: Any) -> OpenedResponse:
    return eb_answer(eb_person(**({"representation": False, "registry": None} | changes)))


def ids(identifiers: tuple[EncryptedId, ...]) -> list[list[bytes]]:
    """The XML IDs in each, which nothing else has."""
    return [re.findall(rb' Id="([^"]+)"', identifier.raw) for identifier in identifiers]


def an_eb(level: LevelOfAssurance | None, entity_id: str = EB, binding: str = BINDING_ARTIFACT) -> Partner:
    sign_on = (Endpoint(binding, "https://eb.example.nl/sso"),)
    return Partner(entity_id, None, {}, (), (), sign_on=sign_on, level=level)


# Who goes there


@pytest.mark.rule("1.5.03", "11.14")
def test_only_a_service_of_eidas_begins_on_the_way_to_the_eb() -> None:
    assert first_state(EIDAS) is State.FORWARDING
    assert first_state(EHERKENNING) is State.CHOOSING


@pytest.mark.rule("1.4.06", "6.2.03", "8.23")
@pytest.mark.parametrize("service", [EIDAS, EHERKENNING], ids=["eIDAS", "eHerkenning"])
def test_a_portal_does_not_go_to_the_eb(service: Any) -> None:
    assert objection(replace(service, is_portal=True), (EB,), (EB,)) == "eidas-geen-portaal"


@pytest.mark.rule("6.2.04", "8.24")
def test_a_service_that_is_not_classified_for_eidas_does_not_go_to_the_eb() -> None:
    assert objection(EHERKENNING, (EB,), (EB,)) == "eidas-niet-mogelijk"


@pytest.mark.parametrize("wanted", [(), ("urn:etoegang:AD:1",), (EB, "urn:etoegang:AD:1")])
def test_whoever_did_not_choose_the_eb_is_not_held_to_it(wanted: tuple[str, ...]) -> None:
    assert objection(EHERKENNING, wanted, (EB,)) is None
    assert objection(EIDAS, wanted, (EB,)) is None
    assert objection(replace(EHERKENNING, is_portal=True), wanted, (EB,)) is None


def test_the_eb_that_the_dienstverlener_chose_is_asked_else_the_first_that_can_serve() -> None:
    one, two, weak = an_eb(LOA.LOA4, "one"), an_eb(LOA.LOA4, "two"), an_eb(LOA.LOA2, "weak")
    assert choose_eb([weak, one, two], LOA.LOA3, ("two",)) is two
    assert choose_eb([weak, one, two], LOA.LOA3, ("weak",)) is one
    assert choose_eb([weak, one, two], LOA.LOA2, ()) is weak


def test_without_an_eb_that_can_serve_there_is_none_to_ask() -> None:
    assert choose_eb([], LOA.LOA2, ()) is None
    assert choose_eb([an_eb(None), an_eb(LOA.LOA2), an_eb(LOA.LOA4, binding="urn:x")], LOA.LOA3, ()) is None


@pytest.mark.rule("6.2.01")
def test_the_question_is_that_to_an_authenticatiedienst_about_the_instance_of_the_service() -> None:
    request = eidas_request(
        a_journey(state=State.FORWARDING),
        EIDAS,
        request_id="_hm2eb",
        makelaar=HM,
        destination="https://eb.example.nl/sso",
        acs_index=5,
        now=NOW,
        catalogue="v2",
    )
    assert request.catalogue == "v2"
    assert (request.id, request.issuer, request.acs_index, request.level) == ("_hm2eb", HM, 5, LOA.LOA3)
    assert (request.service_uuid, request.intended_audience) == (EIDAS.instance_uuid, DV)


# Who is believed


@pytest.mark.rule("6.2.02")
def test_a_representative_is_believed_with_both_assertions() -> None:
    outcome = judged(eb_answer(eb_person(), eb_company()))
    assert (outcome.event, outcome.code) == (Event.DECLARED_BY_EB, None)
    assert outcome.proven is not None
    assert ids(outcome.proven.legal_subject) == ids((encrypted_for(DV),))
    assert ids(outcome.proven.acting_subject) == ids((encrypted_for(DV, "pseudonym"),))
    assert len(outcome.proven.assertions) == 2


def test_the_order_of_the_two_does_not_matter() -> None:
    outcome = judged(eb_answer(eb_company(), eb_person()))
    assert outcome.event is Event.DECLARED_BY_EB
    assert outcome.proven is not None
    assert [each.element.get("ID") for each in outcome.proven.assertions] == ["_eb1", "_eb2"]


def test_the_person_may_be_named_in_the_assertion_about_the_person_only() -> None:
    own = (encrypted_for(DV, "in the first"),)
    outcome = judged(eb_answer(eb_person(acting_subject=own), eb_company(acting_subject=())))
    assert outcome.proven is not None
    assert ids(outcome.proven.acting_subject) == ids(own)


@pytest.mark.rule("1.5.02")
def test_a_citizen_represents_nobody() -> None:
    outcome = judged(a_citizen())
    assert outcome.event is Event.DECLARED_BY_EB
    assert outcome.proven is not None
    assert outcome.proven.legal_subject == ()
    assert outcome.proven.authorization is None


@pytest.mark.parametrize(
    ("person", "company", "effective"),
    [
        (LOA.LOA4, LOA.LOA4, LOA.LOA4),
        (LOA.LOA4, LOA.LOA3, LOA.LOA3),
        (LOA.LOA3, LOA.LOA4, LOA.LOA3),
    ],
)
def test_the_lower_level_of_the_two_counts(
    person: LevelOfAssurance, company: LevelOfAssurance, effective: LevelOfAssurance
) -> None:
    outcome = judged(eb_answer(eb_person(level=person), eb_company(level_used=company)))
    assert outcome.proven is not None
    assert outcome.proven.level is effective


@pytest.mark.parametrize(("level", "required"), list(product(list(LOA)[1:], repeat=2)))
def test_a_level_below_what_is_needed_is_a_refusal(
    level: LevelOfAssurance, required: LevelOfAssurance
) -> None:
    outcome = judged(a_citizen(level=level), a_journey(state=State.AT_EB, level=required))
    expected = Event.LEVEL_TOO_LOW if level < required else Event.DECLARED_BY_EB
    assert outcome.event is expected
    assert outcome.code == ("niveau-te-laag" if level < required else None)


def test_a_representation_at_too_low_a_level_is_a_refusal() -> None:
    outcome = judged(eb_answer(eb_person(level=LOA.LOA4), eb_company(level_used=LOA.LOA2)))
    assert (outcome.event, outcome.code) == (Event.LEVEL_TOO_LOW, Reason.LEVEL_TOO_LOW)


def test_a_decision_that_is_no_permit_is_a_refusal() -> None:
    outcome = judged(eb_answer(eb_person(), eb_company(decision="Deny")))
    assert (outcome.event, outcome.code) == (Event.EB_REFUSED, Reason.NO_MACHTIGING)


BAD_PERSONS = {
    "another request": {"frame": {"in_response_to": "_other"}},
    "another endpoint": {"frame": {"recipient": "https://elsewhere.example"}},
    "another audience": {"frame": {"audiences": (DV,)}},
    "no confirmation": {"frame": {"in_response_to": None, "recipient": None}},
    "another service": {"service_uuid": "00000000-0000-4000-8000-000000000000"},
    "a register": {"registry": MR},
    "nobody": {"acting_subject": ()},
    "for somebody else": {"acting_subject": (encrypted_for(MR, "pseudonym"),)},
    "one of two for somebody else": {
        "acting_subject": (encrypted_for(DV, "pseudonym"), encrypted_for(MR, "pseudonym"))
    },
    "representation without company": {"representation": True},
}


@pytest.mark.parametrize("changes", BAD_PERSONS.values(), ids=BAD_PERSONS)
def test_an_assertion_about_a_citizen_that_does_not_fit_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(a_citizen(**changes))


BAD_COMPANIES = {
    "of another login, by reference": {"assertion_id_ref": "_other"},
    "of another login, by signature": {"linked_signature_value": "Q0ND"},
    "answers another request": {"frame": {"in_response_to": "_other"}},
    "for another endpoint": {"frame": {"recipient": "https://elsewhere.example"}},
    "for another audience": {"frame": {"audiences": (MR,)}},
    "another service": {"service_id": "urn:etoegang:DV:00000099000000004000:services:1"},
    "another definition": {"service_uuid": "00000000-0000-4000-8000-000000000000"},
    "no company": {"legal_subject": ()},
    "a company for somebody else": {"legal_subject": (encrypted_for(MR),)},
    "a person for somebody else": {"acting_subject": (encrypted_for(MR, "pseudonym"),)},
    "a chain": {"confirm_at": MR},
    "an intermediary": {"intermediate_subject": (encrypted_for(DV),)},
    "a vestiging": {"vestiging": "000012345678"},
    "a subdossier": {"subdossier": "1"},
}


@pytest.mark.parametrize("changes", BAD_COMPANIES.values(), ids=BAD_COMPANIES)
def test_an_assertion_about_a_company_that_does_not_belong_to_the_other_is_not_believed(
    changes: dict[str, Any],
) -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(eb_answer(eb_person(), eb_company(**changes)))


def test_the_assertion_about_the_company_needs_no_confirmation_of_its_own() -> None:
    unconfirmed = {"in_response_to": None, "recipient": None, "audiences": ()}
    assert judged(eb_answer(eb_person(), eb_company(unconfirmed))).event is Event.DECLARED_BY_EB


def test_a_company_without_representation_is_not_believed() -> None:
    with pytest.raises(UnexpectedAnswer, match="Representation"):
        judged(eb_answer(eb_person(representation=False), eb_company()))


@pytest.mark.parametrize(
    "assertions",
    [(eb_person(), eb_person()), (eb_company(), eb_company()), (eb_company(),)],
    ids=["two persons", "two companies", "no person"],
)
def test_one_assertion_about_the_person_is_needed(assertions: Any) -> None:
    with pytest.raises(UnexpectedAnswer, match="one assertion about the person"):
        judged(eb_answer(*assertions))


@pytest.mark.parametrize(
    "times",
    [
        {"not_before": NOW + MINUTES, "not_on_or_after": NOW + 2 * MINUTES},
        {"not_before": NOW - 2 * MINUTES, "not_on_or_after": NOW - MINUTES},
    ],
    ids=["not yet", "no longer"],
)
def test_both_must_be_in_force(times: dict[str, Any]) -> None:
    for answer in (
        eb_answer(eb_person(times), eb_company()),
        eb_answer(eb_person(), eb_company(times)),
    ):
        with pytest.raises(OutsideTimeWindow):
            judged(answer)


@pytest.mark.parametrize("certified", [None, LOA.LOA2])
def test_a_level_above_that_of_its_metadata_is_not_believed(certified: LevelOfAssurance | None) -> None:
    with pytest.raises(UnexpectedAnswer, match="certified"):
        judged(a_citizen(level=LOA.LOA3), certified=certified)


@pytest.mark.parametrize("changes", [{"in_response_to": "_other"}, {"destination": "https://x.example"}])
def test_a_response_to_another_question_is_not_believed(changes: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer):
        judged(eb_answer(eb_person(), eb_company(), **changes))


def test_a_login_that_asked_nothing_believes_nothing() -> None:
    with pytest.raises(SamlError):
        judged(a_citizen(), a_journey(state=State.AT_EB, ad_request=None))


# Attributes


ASKED = (AskedAttribute(FAMILY_NAME, True), AskedAttribute(COMPANY_NAME, True))


def an_attribute() -> EncryptedAttribute:
    return encrypt_attribute("urn:a", "x", [Recipient(DV, certificate("dv"))], new_id)


@pytest.mark.rule("3.4.19")
def test_the_eb_is_asked_for_attributes_of_the_person_and_of_the_company() -> None:
    request = eidas_request(
        a_journey(state=State.FORWARDING, attributes=ASKED),
        EIDAS,
        request_id="_1",
        makelaar=HM,
        destination="https://eb.example.nl/sso",
        acs_index=5,
        now=NOW,
    )
    assert request.requested_attributes == ASKED


@pytest.mark.rule("3.4.19")
def test_it_may_give_both() -> None:
    journey = a_journey(state=State.AT_EB, attributes=ASKED)
    answer = eb_answer(eb_person(attributes=(an_attribute(),)), eb_company(attributes=(an_attribute(),)))
    outcome = judged(answer, journey)
    assert outcome.proven is not None
    assert len(outcome.proven.attributes) == 2


@pytest.mark.parametrize(
    ("of_person", "of_company"), [(0, 1), (1, 0), (0, 0)], ids=["no person", "no company", "neither"]
)
def test_without_a_required_attribute_the_login_stops(of_person: int, of_company: int) -> None:
    answer = eb_answer(
        eb_person(attributes=(an_attribute(),) * of_person),
        eb_company(attributes=(an_attribute(),) * of_company),
    )
    outcome = judged(answer, a_journey(state=State.AT_EB, attributes=ASKED))
    assert (outcome.event, outcome.code) == (Event.EB_REFUSED, "attribuut-niet-leverbaar")


def test_attributes_that_nobody_asked_are_not_believed() -> None:
    with pytest.raises(UnexpectedAnswer, match="not asked"):
        judged(eb_answer(eb_person(attributes=(an_attribute(),)), eb_company()))


# What it says when it does not


@pytest.mark.parametrize(
    ("status", "event", "code"),
    [
        ((STATUS_RESPONDER, STATUS_AUTHN_FAILED), Event.CANCELLED_AT_EB, None),
        ((STATUS_RESPONDER, STATUS_AUTHN_FAILED, None, "geannuleerd"), Event.CANCELLED_AT_EB, None),
        (
            (STATUS_RESPONDER, STATUS_AUTHN_FAILED, None, "niveau-te-laag"),
            Event.LEVEL_TOO_LOW,
            "niveau-te-laag",
        ),
        (
            (STATUS_RESPONDER, STATUS_AUTHN_FAILED, None, "toestemming-geweigerd"),
            Event.EB_REFUSED,
            "toestemming-geweigerd",
        ),
        (
            (STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, None, "attribuut-niet-leverbaar"),
            Event.EB_REFUSED,
            "attribuut-niet-leverbaar",
        ),
        ((STATUS_RESPONDER, STATUS_NO_BSN), Event.EB_REFUSED, "geen-bsn"),
        ((STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED), Event.EB_REFUSED, "identificatie-niet-leverbaar"),
        ((STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED), Event.EB_REFUSED, "eidas-niet-mogelijk"),
        (
            (STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED, None, "bsn-niet-toegestaan"),
            Event.EB_REFUSED,
            "bsn-niet-toegestaan",
        ),
        (
            (STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED, None, "eidas-geen-portaal"),
            Event.EB_REFUSED,
            "eidas-geen-portaal",
        ),
        (
            (STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED, None, "no-such-code"),
            Event.EB_REFUSED,
            "eidas-niet-mogelijk",
        ),
        ((STATUS_RESPONDER,), Event.EB_FAILED, "berichtenservice-fout"),
    ],
)
def test_a_refusal_of_the_eb_is_told_apart_from_a_fault(
    status: tuple[str, ...], event: Event, code: str | None
) -> None:
    outcome = judged(eb_answer(status=Status(*status)))
    assert (outcome.event, outcome.code, outcome.proven) == (event, code, None)


@pytest.mark.parametrize("logged_in", [timedelta(hours=1), -timedelta(hours=3)], ids=["to come", "long ago"])
def test_a_person_logged_in_lately(logged_in: timedelta) -> None:
    with pytest.raises(UnexpectedAnswer, match="AuthnInstant"):
        judged(a_citizen(authn_instant=NOW + logged_in))


def test_two_companies_for_one_person_are_one_too_many() -> None:
    with pytest.raises(UnexpectedAnswer, match="at most one about the company"):
        judged(eb_answer(eb_person(), eb_company(), eb_company()))


@pytest.mark.parametrize("audiences", [(HM,), (DV,), (MR, HM)])
def test_the_assertion_about_the_company_may_be_for_either_of_us(audiences: tuple[str, ...]) -> None:
    answer = eb_answer(eb_person(), eb_company({"audiences": audiences}))
    assert judged(answer).event is Event.DECLARED_BY_EB
