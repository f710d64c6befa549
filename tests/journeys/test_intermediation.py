"""A dienstbemiddelaar takes people to a service of a dienstaanbieder, and learns nothing of them (AUC1)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from broker.domain.identifiers import Oin
from broker.domain.services import Intermediation
from broker.domain.services import Service
from broker.network import cast
from broker.saml import names
from tests.box import Box
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.received import UNSUPPORTED
from tests.journeys.received import Received
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

PROVIDER, INTERMEDIARY = "00000099000000006500", "00000099000000006600"

OPEN, CLOSED, PROVIDERS, APPROVED, OTHERS, UNKNOWN, NAMED = 3, 51, 52, 53, 54, 55, 56
"""The services by index: the same at both, as the dienstaanbieder allows them; one that nobody offers, and one with a
name of the dienstbemiddelaar's own."""


def provided(index: int, intermediation: Intermediation, *allowed: str) -> Service:
    """A service of the dienstaanbieder."""
    listed = frozenset(Oin(oin) for oin in allowed)
    return documents.service(PROVIDER, index, intermediation=intermediation, intermediaries=listed)


def intermediated(index: int, target: int, **changes: Any) -> Service:
    """A service of the dienstbemiddelaar."""
    uuid = documents.instance_uuid(PROVIDER, target)
    return documents.service(INTERMEDIARY, index, intermediated_service=uuid, **changes)


def _without_definition(service: Service) -> Service:
    return replace(service, service_uuid="", names={}, identifier_sets=())


PROVIDED = {
    OPEN: provided(OPEN, Intermediation.GENERAL),
    CLOSED: provided(CLOSED, Intermediation.NONE),
    PROVIDERS: provided(PROVIDERS, Intermediation.PROVIDERS),
    APPROVED: provided(APPROVED, Intermediation.APPROVAL, INTERMEDIARY),
    OTHERS: provided(OTHERS, Intermediation.APPROVAL, PROVIDER),
}
TAKEN = {index: _without_definition(intermediated(index, index)) for index in (*PROVIDED, UNKNOWN)}


@pytest.fixture(scope="module")
def provider(box: Box) -> Iterator[ForeignDv]:
    """The dienstaanbieder."""
    connected = ForeignDv(box, "provider-dv", PROVIDER, "http://localhost:9/da", services=PROVIDED)
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture(scope="module")
def intermediary(box: Box, provider: ForeignDv) -> Iterator[ForeignDv]:
    """The dienstbemiddelaar."""
    named = intermediated(NAMED, OPEN, names={"nl": "Loket voor alles"})
    services = {**TAKEN, NAMED: named}
    connected = ForeignDv(box, "intermediary-dv", INTERMEDIARY, "http://localhost:9/db", services=services)
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture
def visitor(box: Box, intermediary: ForeignDv, ledger: Ledger) -> Visitor:
    """A person at the dienstbemiddelaar."""
    return Visitor(box, intermediary, ledger)


def passed_on(received: Received) -> Received:
    """The same answer, as the dienstaanbieder has it."""
    return Received(received.http, "provider-dv")


@pytest.mark.rule("1.9.01", "1.9.03", "1.9.08", "3.4.06")
def test_the_answer_is_about_the_service_of_the_dienstaanbieder_and_only_that_one_can_read_it(
    visitor: Visitor, provider: ForeignDv, intermediary: ForeignDv
) -> None:
    received = visitor.complete("werknemer", OPEN).received()
    assert received.status == SUCCESS
    assert received.plain(names.SERVICE_ID) == documents.service_id(INTERMEDIARY, OPEN)
    assert received.plain(names.SERVICE_UUID) == documents.service_uuid(PROVIDER, OPEN)
    for attribute in ("LegalSubjectID", "ActingSubjectID"):
        with pytest.raises(AssertionError, match="cannot be opened"):
            received.opened(attribute)
    opened = passed_on(received).opened("LegalSubjectID")
    assert opened == {"KvKnr": cast.BAKKERIJ.kvk, "RSIN": cast.BAKKERIJ.rsin}
    keys = received.find("//samlp:Response/saml:Assertion//xenc:EncryptedKey")
    assert intermediary.entity_id not in {key.get("Recipient") for key in keys}
    path = "saml:Conditions/saml:AudienceRestriction/saml:Audience"
    audiences = [audience.text for audience in received.assertion.iterfind(path, NS)]
    assert audiences == [intermediary.entity_id, provider.entity_id]


def test_a_person_is_the_same_to_the_dienstaanbieder_as_when_they_come_by_themselves(
    box: Box, visitor: Visitor, provider: ForeignDv, ledger: Ledger
) -> None:
    through = passed_on(visitor.complete("werknemer", OPEN).received())
    itself = Visitor(box, provider, ledger).complete("werknemer", OPEN).received()
    assert through.opened("ActingSubjectID") == itself.opened("ActingSubjectID")


@pytest.mark.rule("1.9.08")
def test_in_a_chain_client_and_intermediary_are_for_the_dienstaanbieder_as_well(visitor: Visitor) -> None:
    visitor.complete("accountant", OPEN).choose_company(cast.BLOEMIST.name)
    received = passed_on(visitor.received())
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.BLOEMIST.kvk
    assert received.opened("IntermediateSubjectID") == {"KvKnr": cast.KANTOOR.kvk}


@pytest.mark.rule("6.3.14")
def test_authenticatiedienst_and_register_are_asked_about_the_dienstaanbieder(
    visitor: Visitor, provider: ForeignDv, intermediary: ForeignDv
) -> None:
    visitor.complete("werknemer", OPEN)
    requests = [visitor.last("AuthnRequest"), visitor.last("XACMLAuthzDecisionQuery")]
    for passing in requests:
        extensions = etree.fromstring(passing.message).find("samlp:Extensions", NS)
        assert extensions is not None
        said = "".join(str(text) for text in extensions.itertext())
        assert provider.entity_id in said
        assert intermediary.entity_id not in passing.message.decode()
    assert documents.service_uuid(PROVIDER, OPEN) in requests[0].message.decode()
    assert documents.service_id(PROVIDER, OPEN) in requests[1].message.decode()


@pytest.mark.rule("1.9.07", "11.06")
@pytest.mark.parametrize(
    ("service", "heading"),
    [
        (OPEN, "Inloggen bij Waterschap Toets en bij Waterschap Toets voor Dienst 3"),
        (NAMED, "Inloggen bij Waterschap Toets voor Loket voor alles en bij Waterschap Toets voor Dienst 3"),
    ],
)
def test_the_screen_names_the_dienstaanbieder_and_its_service(
    visitor: Visitor, service: int, heading: str
) -> None:
    visitor.ask(service)
    (found,) = visitor.page.xpath("//h1")
    assert " ".join(found.text_content().split()) == heading


@pytest.mark.rule("1.9.03", "1.9.04", "1.9.05")
@pytest.mark.parametrize("service", [OPEN, APPROVED])
def test_who_is_allowed_goes_on(visitor: Visitor, service: int) -> None:
    assert "ad" in visitor.ask(service).fields()


@pytest.mark.rule("1.9.02", "1.9.04", "1.9.05", "1.9.06")
@pytest.mark.parametrize(
    ("service", "code"),
    [
        (CLOSED, "bemiddeling-niet-toegestaan"),
        (OTHERS, "bemiddeling-niet-toegestaan"),
        (PROVIDERS, "bemiddeling-niet-toegestaan"),
        (UNKNOWN, "dienst-onbekend"),
    ],
)
def test_who_is_not_allowed_goes_nowhere(
    visitor: Visitor, recorded: Recorded, service: int, code: str
) -> None:
    visitor.ask(service)
    assert code in visitor.text
    assert "ad" not in visitor.fields()
    visitor.press("back")
    received = visitor.received()
    assert received.status == UNSUPPORTED
    assert visitor.request is not None
    assert {outcome for _, outcome in recorded("request_id", visitor.request.id)} == {code}


def test_a_level_above_that_of_the_dienstaanbieder_is_refused(visitor: Visitor) -> None:
    assert "niveau-boven-catalogus" in visitor.ask(OPEN, level="loa4").text


def test_the_check_tells_what_will_be_refused(intermediary: ForeignDv) -> None:
    done = intermediary.add()
    assert done.returncode == 0
    assert done.stderr.count("IntermediatedService is of no connected dienstverlener") == 1
    assert done.stderr.count("the dienstaanbieder does not allow this intermediation") == 3
    assert documents.service_id(INTERMEDIARY, CLOSED) in done.stderr


@pytest.mark.parametrize("profile", ["1.11", "saml"])
def test_a_profile_in_which_the_dienstbemiddelaar_could_read_everything_is_refused(
    intermediary: ForeignDv, profile: str
) -> None:
    done = intermediary.add("--profile", profile)
    assert done.returncode != 0
    assert "identifiers for the dienstaanbieder would be in clear" in done.stderr


@pytest.mark.rule("1.9.06")
def test_a_permission_that_is_withdrawn_counts_from_the_next_login_on(
    visitor: Visitor, provider: ForeignDv
) -> None:
    provider.services = {**PROVIDED, OPEN: provided(OPEN, Intermediation.NONE)}
    provider.connect()
    try:
        assert "bemiddeling-niet-toegestaan" in visitor.ask(OPEN).text
    finally:
        provider.services = PROVIDED
        provider.connect()
