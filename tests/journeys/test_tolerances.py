"""What a dienstverlener departs in is let through, noted, and refused once the operator forbids it."""

from collections.abc import Iterator

import pytest

from broker.domain.connection import Tolerance
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import SUCCESS
from tests.journeys.received import UNSUPPORTED
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def loose(box: Box) -> Iterator[ForeignDv]:
    """A dienstverlener whose tolerances are changed here."""
    connected = ForeignDv(box, "loose-dv", "00000099000000006200", "http://localhost:9/loose")
    connected.connect()
    yield connected
    connected.disconnect()


def tolerances(dv: ForeignDv, *options: str) -> str:
    done = dv.box.command("dv", "tolerances", dv.entity_id, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def row(table: str, tolerance: Tolerance) -> str:
    return next(line for line in table.splitlines() if f" {tolerance} " in f" {line} ")


@pytest.mark.rule("2.31", "2.57")
def test_a_deviation_is_let_through_noted_and_can_be_forbidden(
    box: Box, loose: ForeignDv, ledger: Ledger
) -> None:
    def asks() -> Visitor:
        return Visitor(box, loose, ledger).ask(AssertionConsumerServiceURL=f"{loose.url}/acs")

    visitor = asks()
    visitor.choose_ad("werknemer")
    visitor.authenticate("werknemer")
    assert visitor.received().status == SUCCESS
    assert "EH-" in row(tolerances(loose), Tolerance.ACS_URL)
    assert "EH-" not in row(tolerances(loose), Tolerance.COMPARISON)

    tolerances(loose, "--forbid", Tolerance.ACS_URL)
    visitor = asks()
    assert visitor.status == 400
    visitor.press("back")
    refused = visitor.received()
    assert refused.status == UNSUPPORTED
    assert "code afwijking-niet-toegestaan (acs-url)" in refused.message

    tolerances(loose, "--allow", Tolerance.ACS_URL)
    assert asks().status == 200


@pytest.mark.rule("3.1.15", "3.1.16")
def test_a_spent_artifact_gives_the_answer_of_saml_once_the_other_is_forbidden(loose: ForeignDv) -> None:
    artifact = "AAQAAA" + "A" * 52 + "A="
    assert loose.resolve(artifact).outer_status == ("Requester", "RequestUnsupported")
    tolerances(loose, "--forbid", Tolerance.FAULT_FOR_SPENT_ARTIFACT)
    received = loose.resolve(artifact)
    assert received.outer_status == SUCCESS
    assert not received.find("//samlp:Response")
    tolerances(loose, "--allow", Tolerance.FAULT_FOR_SPENT_ARTIFACT)


def test_a_tolerance_is_not_both_forbidden_and_allowed(loose: ForeignDv) -> None:
    done = loose.box.command("dv", "tolerances", loose.entity_id, "--forbid", "acs-url", "--allow", "acs-url")
    assert done.returncode == 2
    assert "not both" in done.stderr


def test_the_tolerances_of_a_stranger_are_an_error_that_says_where_to_look(box: Box) -> None:
    done = box.command("dv", "tolerances", "urn:nobody")
    assert done.returncode == 1
    assert "makelaar dv list" in done.stderr
