"""One decision, three answers: what each profile asks of request, registers and dienstverlener."""

from dataclasses import replace
from typing import Any

import pytest

from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin
from broker.domain.levels import EIDAS_LEVELS
from broker.domain.levels import LevelOfAssurance
from broker.domain.plain_identity import NOTHING_IN_CLEAR
from broker.domain.plain_identity import PlainIdentity
from broker.domain.plain_identity import PlainSubject
from broker.journey.answer import declare
from broker.journey.answer import plain_subject
from broker.journey.authorization import decision_query
from broker.journey.record import Journey
from broker.journey.table import State
from broker.saml.contexts import RequestedContext
from broker.saml.encrypted_assertion import Sealing
from broker.saml.encryption import Recipient
from broker.saml.errors import UnknownAssertionConsumerService
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.policy import AES256_GCM
from broker.saml.schema import is_valid
from tests.domain.builders import a_service
from tests.journey.builders import MR_TWEE
from tests.journey.builders import a_journey
from tests.journey.test_answer import a_register
from tests.journey.test_answer import the_authentication
from tests.journey.test_answer import the_first_of_a_chain
from tests.journey.test_begin import PERMITS
from tests.journey.test_begin import a_dienstverlener
from tests.journey.test_begin import begun
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import SERVICE_UUID
from tests.saml.builders import new_id

KVKNR, RSIN = IdentifierType.KVKNR, IdentifierType.RSIN
PSEUDONYM = Pseudonym("ab" * 32)
SETS = ((RSIN, KVKNR), (KVKNR,))
CLIENT, OFFICE = KvkNumber("90000002"), KvkNumber("90000003")
SUBJECT = PlainSubject(PSEUDONYM, MR, ((KVKNR, KvkNumber("90000001")),))
LOW, SUBSTANTIAL, HIGH = EIDAS_LEVELS
PLAIN_SAML = Connection(profile=Profile.SAML)
POSTED, ARTIFACT = "https://app.example/acs", "https://app.example/art"


def says(pseudonym: bool = True, intermediary: KvkNumber | None = None, **numbers: Any) -> PlainIdentity:
    concerned = {IdentifierType[name]: value for name, value in numbers.items()}
    return PlainIdentity(PSEUDONYM if pseudonym else None, concerned, intermediary)


# -- who it is about


def test_one_register_names_person_and_company() -> None:
    first = a_register(plain=says(KVKNR=CLIENT, RSIN=Rsin("900000028")))

    subject = plain_subject(first, None, SETS)

    assert subject == PlainSubject(PSEUDONYM, MR, ((RSIN, Rsin("900000028")), (KVKNR, CLIENT)))


def test_in_a_chain_the_second_names_the_company_and_the_first_everybody_else() -> None:
    first = the_first_of_a_chain(plain=says(KVKNR=OFFICE, intermediary=OFFICE))
    second = a_register(MR_TWEE, plain=says(pseudonym=False, KVKNR=CLIENT))

    subject = plain_subject(first, second, SETS)

    assert subject == PlainSubject(PSEUDONYM, MR, ((KVKNR, CLIENT),), OFFICE)


def test_without_a_chain_no_intermediary_is_named_whatever_the_register_says() -> None:
    subject = plain_subject(a_register(plain=says(KVKNR=CLIENT, intermediary=OFFICE)), None, SETS)

    assert subject is not None
    assert subject.intermediary is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (NOTHING_IN_CLEAR, None),
        (says(pseudonym=False, KVKNR=CLIENT), None),
        (says(), None),
        (says(RSIN=Rsin("900000028")), None),
        (says(KVKNR=OFFICE), says(KVKNR=CLIENT)),
        (says(KVKNR=OFFICE, intermediary=OFFICE), NOTHING_IN_CLEAR),
        (says(pseudonym=False, intermediary=OFFICE), says(KVKNR=CLIENT)),
    ],
    ids=[
        "nothing",
        "nobody",
        "no company",
        "no whole set",
        "no intermediary",
        "no client",
        "nobody in a chain",
    ],
)
def test_a_part_that_is_lacking_makes_it_undeliverable(
    first: PlainIdentity, second: PlainIdentity | None
) -> None:
    confirmation = None if second is None else a_register(MR_TWEE, plain=second)

    assert plain_subject(a_register(plain=first), confirmation, SETS) is None


@pytest.mark.parametrize("part", [{"vestiging": "000090000011"}, {"subdossier": "0001"}])
def test_a_part_of_a_company_goes_with_the_number_it_belongs_to(part: dict[str, str]) -> None:
    said = says(KVKNR=CLIENT, RSIN=Rsin("900000028"))
    sets = ((RSIN,), (KVKNR,))

    subject = plain_subject(a_register(plain=said, **part), None, sets)

    assert subject is not None
    assert subject.concerned == ((KVKNR, CLIENT),)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_register_is_asked_to_speak_in_clear_only_for_who_needs_it(wanted: bool) -> None:
    query = decision_query(
        a_journey(),
        a_service(),
        the_authentication(),
        (),
        query_id="_q",
        makelaar=HM,
        destination="https://mr.example",
        acs_index=2,
        now=NOW,
        wants_plain=wanted,
    )

    assert query.wants_plain is wanted


# -- the answer


def answered(connection: Connection, journey: Journey | None = None, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "service_uuid": SERVICE_UUID,
        "session_index": "_s",
        "advice": (),
        "makelaar": HM,
        "key": signer("hm"),
        "now": NOW,
        "new_id": new_id,
        "connection": connection,
        "subject": SUBJECT,
    }
    arguments = (journey or a_journey(), the_authentication(), a_register(), None)
    return declare(*arguments, **(values | changes))


@pytest.mark.rule("3.6.06")
@pytest.mark.parametrize(
    ("profile", "holds", "lacks"),
    [
        (Profile.V1_13, "urn:etoegang:core:LegalSubjectID", "EntityConcernedID:KvKnr"),
        (Profile.V1_11, "urn:etoegang:1.9:EntityConcernedID:KvKnr", "LegalSubjectID"),
        (Profile.SAML, '"KvKnr"', "urn:etoegang:core:ServiceID"),
    ],
)
def test_the_profile_gives_the_answer_its_shape(profile: Profile, holds: str, lacks: str) -> None:
    message = answered(Connection(profile=profile))

    assert is_valid(parse(message))
    assert holds.encode() in message
    assert lacks.encode() not in message


@pytest.mark.parametrize("profile", [Profile.V1_11, Profile.SAML])
def test_a_profile_in_clear_without_a_subject_gives_no_answer_at_all(profile: Profile) -> None:
    with pytest.raises(ValueError, match="needs a subject"):
        answered(Connection(profile=profile), subject=None)


def test_a_sealed_assertion_stands_in_no_other_form_in_the_answer() -> None:
    sealing = Sealing(Recipient(DV, certificate("dv")), AES256_GCM)

    element = parse(answered(PLAIN_SAML, sealing=sealing))

    assert is_valid(element)
    assert len(element.findall(tag(SAML, "EncryptedAssertion"))) == 1
    assert not list(element.iter(tag(SAML, "Assertion")))


@pytest.mark.parametrize(
    ("listed", "named"), [((), LevelOfAssurance.LOA3.urn), ((LOW, SUBSTANTIAL, HIGH), SUBSTANTIAL)]
)
def test_the_answer_names_a_class_that_the_request_listed(listed: tuple[str, ...], named: str) -> None:
    message = answered(PLAIN_SAML, a_journey(contexts=listed))

    assert [each.text for each in parse(message).iter(tag(SAML, "AuthnContextClassRef"))] == [named]


def test_the_other_profiles_name_the_level_whatever_was_listed() -> None:
    message = answered(Connection(profile=Profile.V1_11), a_journey(contexts=(LOW,)))

    named = [each.text for each in parse(message).iter(tag(SAML, "AuthnContextClassRef"))]
    assert named == [LevelOfAssurance.LOA3.urn]


# -- the request


def an_app(**changes: Any) -> Partner:
    consumers = (Endpoint(BINDING_POST, POSTED, 0), Endpoint(BINDING_ARTIFACT, ARTIFACT, 1))
    values: dict[str, Any] = {"assertion_consumers": consumers, "connection": PLAIN_SAML}
    return a_dienstverlener(**(values | changes))


def asks(partner: Partner | None = None, **asked: Any) -> Journey:
    values: dict[str, Any] = {"acs_index": None, "level": None, **asked}
    return begun(partner=partner or an_app(), **values)


@pytest.mark.parametrize(
    ("asked", "binding", "location"),
    [
        ({}, BINDING_POST, POSTED),
        ({"acs_index": 1}, BINDING_ARTIFACT, ARTIFACT),
        ({"acs_index": 1, "protocol_binding": BINDING_POST}, BINDING_ARTIFACT, ARTIFACT),
        ({"acs_url": ARTIFACT}, BINDING_ARTIFACT, ARTIFACT),
        ({"protocol_binding": BINDING_ARTIFACT}, BINDING_ARTIFACT, ARTIFACT),
        ({"protocol_binding": BINDING_POST, "acs_url": POSTED}, BINDING_POST, POSTED),
    ],
)
def test_the_consumer_is_the_one_that_was_asked(asked: dict[str, Any], binding: str, location: str) -> None:
    journey = asks(**asked)

    assert (journey.acs, journey.acs_binding) == (location, binding)
    assert Journey.from_bytes(journey.to_bytes()).acs_binding == binding


def test_one_address_may_take_both_bindings() -> None:
    both = (Endpoint(BINDING_POST, POSTED, 0), Endpoint(BINDING_ARTIFACT, POSTED, 1))

    journey = asks(an_app(assertion_consumers=both), acs_url=POSTED, protocol_binding=BINDING_ARTIFACT)

    assert journey.acs_binding == BINDING_ARTIFACT


@pytest.mark.parametrize(
    "asked",
    [
        {"protocol_binding": BINDING_ARTIFACT, "acs_url": POSTED},
        {"protocol_binding": "urn:oasis:names:tc:SAML:2.0:bindings:PAOS"},
        {"acs_url": "https://elsewhere.example"},
    ],
)
def test_what_the_metadata_does_not_have_is_nowhere_to_answer_at(asked: dict[str, Any]) -> None:
    with pytest.raises(UnknownAssertionConsumerService):
        asks(**asked)


@pytest.mark.parametrize("profile", [Profile.V1_13, Profile.V1_11])
def test_the_profiles_of_the_stelsel_are_answered_by_artifact_only(profile: Profile) -> None:
    partner = an_app(connection=Connection(profile=profile))

    assert asks(partner, protocol_binding=BINDING_POST).acs_binding == BINDING_ARTIFACT
    with pytest.raises(UnknownAssertionConsumerService):
        asks(partner, acs_url=POSTED)


def test_a_record_of_before_is_answered_by_artifact() -> None:
    data = a_journey().to_bytes().replace(b'"acs_binding": "%s", ' % BINDING_ARTIFACT.encode(), b"")

    assert b"acs_binding" not in data
    assert Journey.from_bytes(data).acs_binding == BINDING_ARTIFACT


def wanted(comparison: str, *classes: str) -> dict[str, Any]:
    return {"context": RequestedContext(comparison, classes), "asks_impossible": "AuthnContextClassRef"}


@pytest.mark.parametrize(
    ("asked", "level", "contexts"),
    [
        (wanted("minimum", LOW, SUBSTANTIAL), LevelOfAssurance.LOA2, (LOW, SUBSTANTIAL)),
        (wanted("exact", SUBSTANTIAL), LevelOfAssurance.LOA3, (SUBSTANTIAL,)),
        (wanted("better", LOW), LevelOfAssurance.LOA2PLUS, ()),
        ({}, LevelOfAssurance.LOA3, ()),
    ],
)
def test_the_classes_of_others_ask_a_level_of_ours(
    asked: dict[str, Any], level: LevelOfAssurance, contexts: tuple[str, ...]
) -> None:
    journey = asks(**asked)

    assert (journey.state, journey.required_level, journey.contexts) == (State.CHOOSING, level, contexts)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (wanted("minimum", HIGH), "niveau-boven-catalogus"),
        (wanted("minimum", "urn:unheard-of"), "passief-niet-mogelijk"),
        ({"asks_impossible": "IsPassive"}, "passief-niet-mogelijk"),
    ],
)
def test_what_cannot_be_is_rejected(asked: dict[str, Any], code: str) -> None:
    assert asks(**asked).code == code


def test_the_profiles_of_the_stelsel_know_its_own_classes_only() -> None:
    assert asks(a_dienstverlener(), **wanted("minimum", LOW)).code == "passief-niet-mogelijk"


def test_of_one_service_an_index_means_a_set_of_attributes() -> None:
    one = an_app(catalogue={PERMITS.service_id: PERMITS}, services={7: PERMITS.service_id})

    assert asks(one, service_index=1).service_id == PERMITS.service_id
    assert asks(an_app(), service_index=1).code == "dienst-onbekend"
    assert asks(replace(one, connection=Connection()), service_index=1).code == "dienst-onbekend"
