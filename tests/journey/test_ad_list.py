"""A dienstverlener asks which authenticatiediensten can serve a service, and is held to the dienstencatalogus."""

import pytest

from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import Intermediation
from broker.domain.services import Service
from broker.journey.ad_list import QuestionRefused
from broker.journey.ad_list import asked_level
from tests.domain.builders import a_service

HERE = Oin("00000099000000001000")
INSTANCE = "0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7711"
OTHER = "0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7722"
Parameters = list[tuple[str, str]]


def ask(parameters: Parameters, *services: Service) -> LevelOfAssurance:
    return asked_level(parameters, services or (a_service(), a_service(instance_uuid=OTHER)), HERE)


def refusal(parameters: Parameters, *services: Service) -> str:
    with pytest.raises(QuestionRefused) as caught:
        ask(parameters, *services)
    return str(caught.value)


@pytest.mark.rule("1.8.01", "7.1.11")
def test_a_service_is_asked_by_the_uuid_of_its_instance() -> None:
    assert ask([("ServiceUUID", INSTANCE)]) is LevelOfAssurance.LOA3
    assert ask([("ServiceUUID", INSTANCE.upper())]) is LevelOfAssurance.LOA3


@pytest.mark.rule("1.8.01", "1.8.02")
@pytest.mark.parametrize("asked", LevelOfAssurance)
def test_a_level_may_be_asked_up_to_that_of_the_catalogue(asked: LevelOfAssurance) -> None:
    parameters = [("RequestedAuthnContext", asked.urn), ("ServiceUUID", INSTANCE)]

    if asked <= LevelOfAssurance.LOA3:
        assert ask(parameters) is asked
    else:
        assert refusal(parameters).startswith("RequestedAuthnContext: higher than the catalogue allows")
        assert "assurance-class:loa3" in refusal(parameters)


@pytest.mark.rule("1.8.02")
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([], "ServiceUUID: it must be there"),
        ([("ServiceUUID", "")], "ServiceUUID: it must be there"),
        ([("ServiceUUID", "x" * 36)], "ServiceUUID: no service"),
        ([("ServiceUUID", a_service().service_uuid)], "ServiceDefinition"),
        ([("ServiceUUID", INSTANCE), ("ServiceUUID", INSTANCE)], "ServiceUUID: it may occur once"),
        ([("ServiceUUID", INSTANCE), ("serviceuuid", INSTANCE)], "an unknown parameter"),
        ([("ServiceUUID", INSTANCE), ("lang", "nl")], "an unknown parameter"),
        ([("ServiceUUID", INSTANCE), ("RequestedAuthnContext", "")], "not a level of assurance"),
        (
            [("ServiceUUID", INSTANCE), ("RequestedAuthnContext", "loa3")],
            "urn:etoegang:core:assurance-class:loa3",
        ),
    ],
)
def test_a_question_that_does_not_fit_is_refused_by_parameter_and_rule(
    parameters: Parameters, words: str
) -> None:
    assert words in refusal(parameters)


@pytest.mark.rule("1.8.02")
@pytest.mark.parametrize(
    ("service", "words"),
    [
        (a_service(makelaars=frozenset({Oin("00000099000000009000")})), "another makelaar"),
        (a_service(classifiers=frozenset({EIDAS_INBOUND_CLASSIFIER})), "eIDAS"),
        (a_service(identifier_sets=()), "no identifier"),
    ],
)
def test_a_service_for_which_nobody_chooses_here_has_no_list(service: Service, words: str) -> None:
    assert words in refusal([("ServiceUUID", INSTANCE)], service)


def test_a_uuid_that_two_dienstverleners_use_leads_to_neither() -> None:
    assert "several dienstverleners" in refusal([("ServiceUUID", INSTANCE)], a_service(), a_service())


def test_what_was_sent_is_not_repeated() -> None:
    for parameters in (
        [("ServiceUUID", "<b>")],
        [("<b>", "")],
        [("ServiceUUID", INSTANCE), ("RequestedAuthnContext", "<b>")],
    ):
        assert "<b>" not in refusal(parameters)


@pytest.mark.rule("1.8.02", "1.9.06")
def test_of_an_intermediated_service_the_level_is_that_of_the_dienstaanbieder_if_it_allows_it() -> None:
    taken = a_service(
        instance_uuid=OTHER, service_uuid="", intermediated_service=INSTANCE, level=LevelOfAssurance.LOA4
    )
    allowing = a_service(intermediation=Intermediation.GENERAL)

    assert ask([("ServiceUUID", OTHER)], taken, allowing) is LevelOfAssurance.LOA3
    for provided in ((a_service(),), ()):
        assert "does not allow" in refusal([("ServiceUUID", OTHER)], taken, *provided)


def test_a_definition_is_pointed_out_wherever_it_stands_in_the_list() -> None:
    asked = [("ServiceUUID", a_service().service_uuid)]
    other = a_service(service_uuid=OTHER, instance_uuid=INSTANCE[:-1] + "f")
    assert "ServiceDefinition" in refusal(asked, a_service(), other)
    assert "ServiceDefinition" in refusal(asked, other, a_service())


def test_an_instance_is_found_even_when_a_definition_has_the_same_uuid() -> None:
    other = a_service(service_uuid=INSTANCE, instance_uuid=OTHER)
    assert ask([("ServiceUUID", INSTANCE)], a_service(), other) is a_service().level
