"""What a dienstverlener asks, held against its metadata and catalogue."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from broker.domain.connection import EVERY_TOLERANCE
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.domain.references import is_reference
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import Intermediation
from broker.domain.services import Service
from broker.journey.begin import Provided
from broker.journey.begin import begin
from broker.journey.begin import rejected
from broker.journey.begin import requested_service
from broker.journey.record import Journey
from broker.journey.table import State
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.contexts import RequestedContext
from broker.saml.errors import UnknownAssertionConsumerService
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from tests.domain.builders import a_service
from tests.saml.builders import DV
from tests.saml.builders import an_authn_request

MAKELAAR = Oin("00000099000000001000")
PERMITS = a_service()
TAXES = a_service(
    service_id="urn:etoegang:DV:00000099000000004000:services:8", level=LevelOfAssurance.LOA2PLUS
)
FIRST = "https://dv.example.nl/first"
DEFAULT = "https://dv.example.nl/default"
POSTED = "https://dv.example.nl/posted"


def a_dienstverlener(*services: Service, **changes: Any) -> Partner:
    """A dienstverlener with two services, of which the first is the default, and three consumers."""
    services = services or (PERMITS, TAXES)
    values: dict[str, Any] = {
        "entity_id": DV,
        "oin": "00000099000000004000",
        "display_names": {"nl": "Gemeente Voorbeeld"},
        "signing": (),
        "encryption": (),
        "assertion_consumers": (
            Endpoint(BINDING_ARTIFACT, FIRST, 1),
            Endpoint(BINDING_ARTIFACT, DEFAULT, 2, is_default=True),
            Endpoint(BINDING_POST, POSTED, 3),
        ),
        "services": {7 + position: service.service_id for position, service in enumerate(services)},
        "default_service": services[0].service_id,
        "catalogue": {service.service_id: service for service in services},
    }
    return Partner(**(values | changes))


def begun(
    request: AuthnRequest | None = None,
    partner: Partner | None = None,
    lowest: LevelOfAssurance = LOWEST_LEVEL,
    find_provided: Callable[[str], Provided | None] = lambda _: None,
    **asked: Any,
) -> Journey:
    return begin(
        request or an_authn_request(**asked),
        partner or a_dienstverlener(),
        makelaar=MAKELAAR,
        relay_state="case-12",
        language="en",
        randomness=bytes(range(24)),
        lowest=lowest,
        find_provided=find_provided,
    )


def test_a_request_in_order_begins_with_choosing_an_authenticatiedienst() -> None:
    journey = begun(id="_asked", service_index=7, acs_index=1, provider_name="Vergunningen")

    assert journey.state is State.CHOOSING
    assert (journey.dienstverlener, journey.request_id, journey.acs) == (DV, "_asked", FIRST)
    assert (journey.service_id, journey.level) == (PERMITS.service_id, LevelOfAssurance.LOA3)
    assert (journey.relay_state, journey.language, journey.code) == ("case-12", "en", None)
    assert (journey.force_authn, journey.provider_name) == (True, "Vergunningen")


def test_id_and_reference_are_drawn_from_different_chance() -> None:
    journey = begun()

    assert is_reference(journey.reference)
    assert journey.id == bytes(range(5, 24)).hex()


def test_several_authenticatiediensten_limit_the_choice_and_one_is_the_choice() -> None:
    assert begun(idp_list=("urn:a", "urn:b")).scoped == ("urn:a", "urn:b")
    assert begun(idp_list=("urn:a",)).scoped == ()
    assert begun().scoped == ()


EIDAS = a_service(
    identifier_sets=((IdentifierType.EIDAS_LEGAL,),), classifiers=frozenset({EIDAS_INBOUND_CLASSIFIER})
)
EB = "urn:etoegang:EB:00000099000000007000:entities:0001"


@pytest.mark.rule("1.5.03", "11.14")
def test_a_request_for_a_service_of_eidas_begins_on_the_way_to_the_eidas_berichtenservice() -> None:
    journey = begun(partner=a_dienstverlener(EIDAS), service_index=7)

    assert (journey.state, journey.code) == (State.FORWARDING, None)


@pytest.mark.parametrize(
    ("service", "wanted", "code"),
    [
        (EIDAS, (EB,), None),
        (EIDAS, ("urn:etoegang:AD:x",), None),
        (PERMITS, (EB,), "eidas-niet-mogelijk"),
        (replace(PERMITS, is_portal=True), (EB,), "eidas-geen-portaal"),
        (replace(EIDAS, is_portal=True), (), "eidas-geen-portaal"),
        (replace(EIDAS, identifier_sets=((IdentifierType.KVKNR,),)), (), "identificatie-niet-leverbaar"),
        (replace(PERMITS, identifier_sets=((IdentifierType.BSN,),)), (), "identificatie-niet-leverbaar"),
    ],
)
def test_what_eidas_cannot_do_is_rejected(
    service: Service, wanted: tuple[str, ...], code: str | None
) -> None:
    request = an_authn_request(service_index=7, idp_list=wanted)
    journey = begin(
        request,
        a_dienstverlener(service) if service.is_eidas_inbound else a_dienstverlener(service, TAXES),
        makelaar=MAKELAAR,
        relay_state=None,
        language="nl",
        randomness=bytes(range(24)),
        berichtenservices=(EB,),
    )

    assert journey.code == code
    assert (journey.state is State.REJECTED) is (code is not None)


@pytest.mark.parametrize("profile", list(Profile))
def test_who_takes_identifiers_in_clear_only_gets_none_of_eidas(profile: Profile) -> None:
    partner = a_dienstverlener(EIDAS, connection=Connection(profile=profile))
    journey = begun(partner=partner, service_index=7)

    assert journey.code == (None if profile is Profile.V1_13 else "identificatie-niet-leverbaar")


@pytest.mark.parametrize("unanswerable", ["IsPassive", "Subject", "Conditions"])
def test_what_this_interface_does_not_know_is_rejected(unanswerable: str) -> None:
    journey = begun(asks_impossible=unanswerable)

    assert (journey.state, journey.code) == (State.REJECTED, "passief-niet-mogelijk")


LOA = "urn:etoegang:core:assurance-class:loa"


@pytest.mark.parametrize(
    ("context", "level"),
    [
        (RequestedContext("exact", (LOA + "2",)), LevelOfAssurance.LOA2),
        (RequestedContext("minimum", (LOA + "3", LOA + "2plus")), LevelOfAssurance.LOA2PLUS),
        (RequestedContext("maximum", (LOA + "2", LOA + "3")), LevelOfAssurance.LOA3),
        (RequestedContext("better", (LOA + "2",)), LevelOfAssurance.LOA2PLUS),
    ],
)
def test_another_comparison_or_several_classes_are_understood(
    context: RequestedContext, level: LevelOfAssurance
) -> None:
    assert begun(level=None, context=context).level is level


@pytest.mark.parametrize(
    "context",
    [
        RequestedContext("minimum", ()),
        RequestedContext("minimum", ("urn:oasis:names:tc:SAML:2.0:ac:classes:Password",)),
        RequestedContext("minimum", (LOA + "2", "http://eidas.europa.eu/LoA/high")),
        RequestedContext("worse", (LOA + "2",)),
        RequestedContext("better", (LOA + "4",)),
    ],
)
def test_a_class_that_is_not_of_the_afsprakenstelsel_is_rejected(context: RequestedContext) -> None:
    journey = begun(level=None, context=context, asks_impossible="RequestedAuthnContext")
    assert (journey.state, journey.code) == (State.REJECTED, "passief-niet-mogelijk")


@pytest.mark.rule("2.26", "8.27")
def test_a_passive_request_is_rejected_as_it_comes_off_the_wire() -> None:
    element = write_authn_request(an_authn_request())
    element.set("IsPassive", "true")

    assert begun(read_authn_request(element)).code == "passief-niet-mogelijk"


@pytest.mark.rule("2.35", "8.15")
def test_an_index_that_is_not_in_the_metadata_is_rejected() -> None:
    journey = begun(service_index=9)

    assert (journey.state, journey.code, journey.service_id) == (State.REJECTED, "dienst-onbekend", "")


@pytest.mark.rule("2.34")
def test_without_an_index_the_default_service_is_meant() -> None:
    assert begun(service_index=None).service_id == PERMITS.service_id


def test_without_an_index_and_without_a_default_the_request_is_rejected() -> None:
    journey = begun(partner=a_dienstverlener(default_service=None), service_index=None)

    assert (journey.state, journey.code) == (State.REJECTED, "dienst-onbekend")


def test_a_service_that_the_metadata_has_and_the_catalogue_does_not_is_unknown() -> None:
    assert requested_service(an_authn_request(service_index=7), a_dienstverlener(catalogue={})) is None
    assert begun(partner=a_dienstverlener(catalogue={})).code == "dienst-onbekend"


@pytest.mark.rule("1.2.01", "8.15")
def test_a_service_of_another_makelaar_is_rejected() -> None:
    elsewhere = a_service(makelaars=frozenset({Oin("00000099000000009000")}))

    journey = begun(partner=a_dienstverlener(elsewhere))

    assert (journey.state, journey.code) == (State.REJECTED, "dienst-andere-makelaar")
    assert journey.service_id == elsewhere.service_id


@pytest.mark.rule("8.16")
def test_a_service_whose_identifiers_nobody_can_deliver_is_rejected() -> None:
    journey = begun(partner=a_dienstverlener(a_service(identifier_sets=())))

    assert (journey.state, journey.code) == (State.REJECTED, "identificatie-niet-leverbaar")


@pytest.mark.rule("2.49", "2.53", "5.04")
@pytest.mark.parametrize("asked", LevelOfAssurance)
def test_a_level_above_the_catalogue_is_rejected_and_any_other_is_what_the_login_needs(
    asked: LevelOfAssurance,
) -> None:
    journey = begun(level=asked, service_index=7)

    if asked is LevelOfAssurance.LOA1:
        assert (journey.state, journey.code) == (State.REJECTED, "niveau-ingetrokken")
    elif asked > LevelOfAssurance.LOA3:
        assert (journey.state, journey.code) == (State.REJECTED, "niveau-boven-catalogus")
    else:
        assert (journey.state, journey.required_level) == (State.CHOOSING, asked)


@pytest.mark.rule("5.02")
def test_the_lowest_level_is_as_the_operator_says() -> None:
    withdrawn, high = LevelOfAssurance.LOA1, LevelOfAssurance.LOA4

    assert begun(level=withdrawn, lowest=withdrawn).required_level is withdrawn
    assert begun(level=LevelOfAssurance.LOA3, lowest=high).code == "niveau-ingetrokken"


@pytest.mark.rule("2.52", "5.07")
def test_without_a_level_the_catalogue_decides() -> None:
    assert begun(level=None, service_index=8).required_level is LevelOfAssurance.LOA2PLUS


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"acs_index": 1, "acs_url": None}, FIRST),
        ({"acs_index": 2, "acs_url": None}, DEFAULT),
        ({"acs_index": None, "acs_url": FIRST}, FIRST),
        ({"acs_index": None, "acs_url": None}, DEFAULT),
    ],
    ids=["by index", "by another index", "by URL", "neither: the default"],
)
def test_the_answer_goes_to_a_consumer_of_the_metadata(asked: dict[str, Any], expected: str) -> None:
    assert begun(**asked).acs == expected


def test_without_a_default_consumer_the_first_is_meant() -> None:
    consumers = (Endpoint(BINDING_POST, POSTED, 3), Endpoint(BINDING_ARTIFACT, FIRST, 4))

    journey = begun(partner=a_dienstverlener(assertion_consumers=consumers), acs_index=None)

    assert journey.acs == FIRST


@pytest.mark.rule("2.09", "2.29", "2.30", "2.31")
@pytest.mark.parametrize(
    "asked",
    [
        {"acs_index": 4, "acs_url": None},
        {"acs_index": 3, "acs_url": None},
        {"acs_index": None, "acs_url": "https://evil.example/acs"},
        {"acs_index": None, "acs_url": FIRST + "/"},
        {"acs_index": None, "acs_url": POSTED},
        {"acs_index": 1, "acs_url": FIRST},
    ],
    ids=[
        "unknown index",
        "index of a POST consumer",
        "unknown URL",
        "URL with a tail",
        "URL of a POST consumer",
        "both",
    ],
)
def test_a_consumer_that_is_not_proven_stops_everything(asked: dict[str, Any]) -> None:
    with pytest.raises(UnknownAssertionConsumerService):
        begun(**asked)


def test_an_unproven_consumer_weighs_more_than_any_other_fault() -> None:
    with pytest.raises(UnknownAssertionConsumerService):
        begun(asks_impossible="IsPassive", service_index=99, acs_index=99)


def test_rejecting_keeps_everything_else() -> None:
    journey = begun()

    assert rejected(journey, "verzoek-herhaald") == replace(
        journey, state=State.REJECTED, code="verzoek-herhaald"
    )


TAKEN = a_service(
    service_uuid="",
    names={},
    identifier_sets=(),
    level=LevelOfAssurance.LOA4,
    dienstverlener=Oin("00000099000000005000"),
    intermediated_service="instance-of-provider",
)
PROVIDER = "urn:etoegang:DV:00000099000000006000:entities:0001"


def taken(provided: Service | None, **changes: Any) -> Journey:
    def find(instance_uuid: str) -> Provided | None:
        assert instance_uuid == "instance-of-provider"
        return None if provided is None else Provided(PROVIDER, provided)

    return begun(partner=a_dienstverlener(TAKEN, **changes), service_index=7, find_provided=find, level=None)


@pytest.mark.rule("1.9.06")
def test_an_intermediated_service_is_held_against_that_of_the_dienstaanbieder() -> None:
    journey = taken(a_service(service_id="urn:provided", intermediation=Intermediation.GENERAL))

    assert journey.state is State.CHOOSING
    assert (journey.dienstverlener, journey.service_id) == (DV, TAKEN.service_id)
    assert (journey.provider, journey.provider_service) == (PROVIDER, "urn:provided")
    assert journey.recipient == PROVIDER
    assert journey.required_level is LevelOfAssurance.LOA3
    assert Journey.from_bytes(journey.to_bytes()).recipient == PROVIDER


@pytest.mark.rule("1.9.06")
def test_an_intermediated_service_that_is_not_there_or_not_allowed_is_rejected() -> None:
    assert taken(None).code == "dienst-onbekend"
    assert taken(a_service()).code == "bemiddeling-niet-toegestaan"


@pytest.mark.rule("1.9.08")
@pytest.mark.parametrize("profile", [Profile.V1_11, Profile.SAML])
def test_in_a_profile_in_clear_nothing_is_intermediated(profile: Profile) -> None:
    allowing = a_service(intermediation=Intermediation.GENERAL)

    journey = taken(allowing, connection=Connection(profile=profile))

    assert (journey.state, journey.code) == (State.REJECTED, "bemiddeling-niet-toegestaan")


def test_another_service_is_for_the_dienstverlener_itself() -> None:
    journey = begun()

    assert (journey.provider, journey.recipient) == (None, DV)


@pytest.mark.rule("2.23", "2.50", "2.51")
@pytest.mark.parametrize("tolerance", list(Tolerance))
def test_a_deviation_that_is_forbidden_to_a_dienstverlener_is_rejected_by_name(tolerance: Tolerance) -> None:
    strict = a_dienstverlener(connection=Connection(tolerances=EVERY_TOLERANCE - {tolerance}))
    journeys = [
        begin(
            an_authn_request(),
            partner,
            makelaar=MAKELAAR,
            relay_state=None,
            language="nl",
            randomness=bytes(range(24)),
            deviations=frozenset({tolerance}),
        )
        for partner in (strict, a_dienstverlener())
    ]
    assert [(journey.code, journey.detail) for journey in journeys] == [
        ("afwijking-niet-toegestaan", tolerance.value),
        (None, None),
    ]
