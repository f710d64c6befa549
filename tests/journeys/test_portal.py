"""One login for several services of a dienstverlener: the portaalfunctie (GUC4.3)."""

import base64
from collections.abc import Iterable
from collections.abc import Iterator

import pytest

from broker.assembly import paths
from broker.network import cast
from broker.saml import names
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.box import Box
from tests.journeys import documents
from tests.journeys.documents import CODE
from tests.journeys.documents import DEFAULT
from tests.journeys.documents import HIGH
from tests.journeys.documents import LISTING
from tests.journeys.documents import NO_CHAIN
from tests.journeys.documents import PLAIN
from tests.journeys.documents import PORTAL
from tests.journeys.documents import RSIN_ONLY
from tests.journeys.documents import VESTIGING
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.network import Forger
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import RESPONDER
from tests.journeys.received import SUCCESS
from tests.journeys.received import Received
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

OFFERED = (DEFAULT, PLAIN, CODE, NO_CHAIN, HIGH, VESTIGING, RSIN_ONLY, PORTAL, LISTING)


@pytest.fixture(scope="module")
def portal_dv(box: Box) -> Iterator[ForeignDv]:
    """A dienstverlener with these services and no others."""
    url = "http://localhost:9/portal"
    connected = ForeignDv(box, "portal-dv", "00000099000000006700", url, offered=OFFERED)
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture
def visitor(box: Box, portal_dv: ForeignDv, ledger: Ledger) -> Visitor:
    """A person who comes from there."""
    return Visitor(box, portal_dv, ledger)


def services(received: Received) -> set[int]:
    """The numbers of the services in the answer."""
    assert received.status == SUCCESS
    found = [value.text or "" for value in received.attribute(names.SERVICE_ID)]
    assert len(set(found)) == len(found)
    return {int(service_id.rpartition(":")[2]) for service_id in found}


@pytest.mark.rule("1.4.01", "1.4.03", "1.4.04", "3.4.02")
@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("werknemer", {PLAIN, CODE, DEFAULT, NO_CHAIN, VESTIGING, RSIN_ONLY}),
        ("directeur", {PLAIN, CODE, DEFAULT, NO_CHAIN, VESTIGING, RSIN_ONLY, HIGH}),
        ("laag", {PLAIN, CODE, RSIN_ONLY}),
        ("basis", {PLAIN, RSIN_ONLY}),
        ("vestiging", {VESTIGING}),
    ],
)
def test_the_answer_names_the_services_that_the_person_may_use(
    visitor: Visitor, username: str, expected: set[int]
) -> None:
    received = visitor.complete(username, PORTAL).received()
    assert services(received) == expected
    assert received.plain(names.SERVICE_UUID) == documents.service_uuid(visitor.dv.oin, PORTAL)


@pytest.mark.rule("1.4.02")
def test_a_portal_that_lists_services_is_for_those(visitor: Visitor) -> None:
    assert services(visitor.complete("directeur", LISTING).received()) == {DEFAULT, HIGH}


def test_less_is_not_accepted_than_the_level_that_is_asked(visitor: Visitor) -> None:
    visitor.complete("laag", PORTAL, level="loa2")
    assert services(visitor.received()) == {PLAIN, CODE, RSIN_ONLY}


def test_the_vestiging_to_which_it_is_limited_goes_along(visitor: Visitor) -> None:
    received = visitor.complete("vestiging", PORTAL).received()
    assert received.plain(names.RESTRICTION_VESTIGING) == cast.MARKTKRAAM.vestiging


@pytest.mark.rule("1.4.05", "11.05")
def test_the_screens_name_the_dienstverlener_and_no_service(visitor: Visitor) -> None:
    visitor.ask(PORTAL)
    (heading,) = visitor.page.xpath("//h1")
    assert " ".join(heading.text_content().split()) == "Inloggen bij Waterschap Toets"
    visitor.choose_ad("eigenaar").authenticate("eigenaar")
    assert "Waterschap Toets" in visitor.text
    assert f"Dienst {PORTAL}" not in visitor.text


@pytest.mark.parametrize(
    ("username", "service", "code"),
    [
        ("zonder", PORTAL, "geen-machtiging"),
        ("verlopen", PORTAL, "machtiging-verlopen"),
        ("boekhouder", PORTAL, "keten-niet-toegestaan"),
        ("laag", LISTING, "machtiging-niveau-te-laag"),
        ("basis", LISTING, "niveau-te-laag"),
    ],
)
def test_without_a_single_service_the_login_is_refused(
    visitor: Visitor, username: str, service: int, code: str
) -> None:
    visitor.complete(username, service)
    assert code in visitor.text
    visitor.press("continue").relay().press("back")
    received = visitor.received()
    assert received.status == AUTHN_FAILED
    assert code in received.message


@pytest.mark.rule("1.3.08", "1.4.04")
def test_for_a_client_they_are_the_services_that_both_registers_name(visitor: Visitor) -> None:
    received = visitor.complete("accountant", PORTAL).choose_company(cast.BLOEMIST.name).received()
    assert services(received) == {PLAIN, CODE, DEFAULT, VESTIGING, RSIN_ONLY}
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.BLOEMIST.kvk
    assert received.opened("IntermediateSubjectID") == {"KvKnr": cast.KANTOOR.kvk}


def test_a_chain_that_was_revoked_is_refused_at_a_portal_as_well(visitor: Visitor) -> None:
    visitor.complete("accountant", PORTAL).choose_company(cast.GARAGE.name)
    assert "keten-ingetrokken" in visitor.text


def _service_ids(oin: str, numbers: Iterable[int]) -> str:
    return "".join(
        f"<xc:AttributeValue>{documents.service_id(oin, number)}</xc:AttributeValue>" for number in numbers
    )


@pytest.mark.rule("6.4.13")
@pytest.mark.parametrize(
    "named", [(PORTAL,), (99,), (PLAIN, 99), (PLAIN, PLAIN), (PLAIN, HIGH)], ids=lambda each: str(each)
)
def test_a_register_that_names_a_service_that_is_not_behind_the_portal_is_not_believed(
    box: Box, visitor: Visitor, named: tuple[int, ...]
) -> None:
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_MR)
    visitor.complete("laag", PORTAL)
    visitor.browser.stops.pop()
    answer, oin = visitor.passed[-1], visitor.dv.oin
    change = {_service_ids(oin, (PLAIN, CODE, RSIN_ONLY)): _service_ids(oin, named)}
    message = Forger(box, MR_EEN).change(answer.message, {}, change)
    form = {"SAMLResponse": base64.b64encode(message).decode(), "RelayState": answer.relay_state}
    visitor.post(box.url(MAKELAAR) + paths.HM_ACS_MR, form).relay()
    assert "antwoord-ongeldig" in visitor.text
    visitor.press("back")
    assert visitor.received().status == RESPONDER
