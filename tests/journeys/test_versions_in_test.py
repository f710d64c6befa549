"""Logins by a version in test: what a browser with its ticket goes by, and what everybody else goes by meanwhile."""

import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import pytest

from broker.network.dienstencatalogus import FRESH_SECONDS
from broker.settings import AD_SLEUTEL
from tests.box import Box
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

OVER = "Deze test is voorbij"
NEXT_SERVICE = 1


@dataclass
class TriedDv(ForeignDv):
    """A dienstverlener that hands over what is still to come in force."""

    number: int = 0

    def submit(self) -> "TriedDv":
        """Hand over what it is now, as a concept."""
        with tempfile.TemporaryDirectory() as folder:
            metadata, catalogue = Path(folder) / "metadata.xml", Path(folder) / "catalogue.xml"
            metadata.write_bytes(self.metadata())
            catalogue.write_bytes(documents.catalogue(self.name, self.oin, self.offered, self.services))
            done = self.box.command(
                "dv", "submit", str(metadata), "--catalogue", str(catalogue), "--new-keys"
            )
        assert done.returncode == 0, done.stderr
        newest = self.box.command("dv", "versions", self.entity_id).stdout.split()[0]
        return replace(self, number=int(newest.removeprefix("#")))

    @property
    def label(self) -> str:
        """How commands call this version."""
        return f"{self.entity_id}#{self.number}"

    def do(self, *command: str) -> str:
        """A command that succeeds."""
        done = self.box.command("dv", *command)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ticket(self, kind: str | None = None) -> str:
        """The address of a new test ticket of this version."""
        plain = self.do("test", self.label)
        return plain if kind is None else self.do("rehearse", self.label, kind)

    def forget(self) -> None:
        """Leave nothing of it that a login could go by."""
        self.box.command("dv", "remove", self.entity_id)
        for line in self.box.command("dv", "versions", self.entity_id).stdout.splitlines():
            number, state = line.split()[:2]
            if state not in {"ended", "withdrawn", "rejected"}:
                self.do("withdraw", self.entity_id + number)


@pytest.fixture
def newcomer(box: Box) -> Iterator[TriedDv]:
    """A dienstverlener of which nothing was ever in force."""
    dv = TriedDv(box, "newcomer-dv", "00000099000000006960", "http://localhost:9/newcomer", offered=(3, 1))
    yield dv.submit()
    dv.forget()


@pytest.fixture(scope="module")
def known(box: Box) -> Iterator[TriedDv]:
    """A dienstverlener that is in force."""
    dv = TriedDv(box, "tried-dv", "00000099000000006970", "http://localhost:9/tried", offered=(3, 11))
    dv.connect()
    yield dv
    dv.forget()


@pytest.fixture
def tried(known: TriedDv) -> Iterator[TriedDv]:
    """The same with another key, another address, and services of which one is new."""
    dv = replace(
        known, name="tried-dv-next", url=f"{known.url}/next", offered=(3, NEXT_SERVICE, 11), received=[]
    ).submit()
    yield dv
    if "#" in dv.label and f"#{dv.number}" in dv.do("versions", dv.entity_id):
        dv.box.command("dv", "withdraw", dv.label)


@pytest.fixture
def browser(box: Box, ledger: Ledger) -> Callable[[TriedDv], Visitor]:
    """Makes people with browsers of their own, at a dienstverlener as it is handed to it."""
    return lambda dv: Visitor(box, dv, ledger)


def test_a_newcomer_logs_in_by_its_version_in_test_and_nobody_else_does(
    newcomer: TriedDv, browser: Callable[[TriedDv], Visitor], recorded: Recorded
) -> None:
    visitor, stranger = browser(newcomer), browser(newcomer)
    page = visitor.take_part(newcomer.ticket()).text
    assert "Waterschap Toets" in page
    assert stranger.ask(3).status == 400
    assert "partij-onbekend" in stranger.text

    visitor.complete("werknemer")
    assert visitor.location.startswith(f"{newcomer.url}/acs?")
    assert visitor.received().status == SUCCESS
    assert recorded("dienstverlener", newcomer.entity_id)[-1][1] == "rehearsal:right:sent"

    visitor.complete("werknemer", 1)
    assert visitor.received().status == SUCCESS
    assert recorded("dienstverlener", newcomer.entity_id)[-1][1] == "test:granted"


def test_at_the_same_moment_one_browser_goes_by_the_version_in_test_and_another_by_what_is_in_force(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor]
) -> None:
    tester, other = browser(tried), browser(known)
    tester.take_part(tried.ticket())

    tester.ask(NEXT_SERVICE)
    other.ask(3)
    assert "Dienst 1" in tester.text
    tester.choose_ad("werknemer").authenticate("werknemer")
    other.choose_ad("werknemer").authenticate("werknemer")

    assert tester.location.startswith(f"{tried.url}/acs?")
    assert other.location.startswith(f"{known.url}/acs?")
    assert tester.received().status == SUCCESS
    assert other.received().status == SUCCESS
    # Each holds identifiers that its own key opens, and the key of the other does not.
    assert tried.received[-1].opened("LegalSubjectID")
    assert known.received[-1].opened("LegalSubjectID")


def test_with_a_ticket_the_keys_in_force_prove_nothing_and_without_one_those_of_the_version(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor]
) -> None:
    tester = browser(tried)
    tester.take_part(tried.ticket())
    tester.post(known.sso, known.form(known.ask(3), "state-1"))
    assert tester.status == 400
    tester.open(f"{known.sso}?{known.query(known.ask(3), 'state-1')}")
    assert tester.status == 400

    assert browser(tried).ask(3).status == 400
    assert browser(known).ask(NEXT_SERVICE).text.count("Dienst 1") == 0


def test_an_answer_of_a_test_is_given_to_a_key_of_the_version_and_to_no_other(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor]
) -> None:
    tester = browser(tried)
    tester.take_part(tried.ticket())
    artifact = tester.complete("werknemer").landing["SAMLart"]

    with_key_in_force = known.soap(known.resolve_message(artifact))
    assert b"Assertion" not in with_key_in_force.content
    assert tried.resolve(artifact).status == SUCCESS
    assert b"Assertion" not in tried.soap(tried.resolve_message(artifact)).content


@pytest.mark.parametrize("end", ["withdrawn", "rejected", "stopped", "suspended", "cookie gone"])
def test_a_test_that_ends_during_a_login_ends_it_without_any_answer(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor], recorded: Recorded, end: str
) -> None:
    tester = browser(tried)
    ticket = tried.ticket()
    tester.take_part(ticket)
    tester.ask(3).choose_ad("werknemer")
    if end == "withdrawn":
        tried.do("withdraw", tried.label)
    elif end == "rejected":
        assert tried.box.command("dv", "activate", tried.label, "--at", "2099-01-01").returncode == 0
        tried.do("reject", tried.label, "--reason", "no")
    elif end == "stopped":
        browser(tried).take_part(ticket).press("cancel")
    elif end == "suspended":
        tried.do("suspend", tried.entity_id, "--reason", "stolen")
    else:
        tester.session.cookies.set("hm-test", None)
    tester.authenticate("werknemer")
    if end == "suspended":
        tried.do("resume", tried.entity_id)

    assert tester.status == 410
    assert OVER in tester.text
    assert not [each for each in tester.passed if each.address.startswith(known.url)]


def test_a_login_by_a_version_that_comes_in_force_meanwhile_ends_with_it_and_once_it_is_replaced_no_longer(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor]
) -> None:
    tester, late = browser(tried), browser(tried)
    ticket = tried.ticket()
    tester.take_part(ticket)
    late.take_part(ticket)
    tester.ask(NEXT_SERVICE).choose_ad("werknemer")
    late.ask(NEXT_SERVICE).choose_ad("werknemer")

    tried.do("activate", tried.label)
    tester.authenticate("werknemer")
    assert tester.location.startswith(f"{tried.url}/acs?")
    assert tester.received().status == SUCCESS

    known.do("rollback", known.entity_id, "1", "--reason", "again")
    late.authenticate("werknemer")
    assert late.status == 410
    assert OVER in late.text
    assert late.open(ticket).status == 410
    assert browser(known).ask(3).status == 200
    # Whoever logs in next is not to be encrypted for with the key that was in force for a moment.
    time.sleep(FRESH_SECONDS)


def test_whoever_cancels_in_a_test_goes_back_to_the_address_of_the_version(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor], recorded: Recorded
) -> None:
    tester = browser(tried)
    tester.take_part(tried.ticket())
    tester.ask(3).press("cancel")
    assert tester.location.startswith(f"{tried.url}/acs?")
    assert tester.received().status[-1] == "AuthnFailed"
    assert recorded("dienstverlener", tried.entity_id)[-1][1] == "rehearsal:right:geannuleerd"


def test_a_wrong_answer_is_given_by_the_version_too(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor]
) -> None:
    tester = browser(tried)
    tester.take_part(tried.ticket("no-machtiging"))
    tester.complete("werknemer", NEXT_SERVICE)
    assert tester.location.startswith(f"{tried.url}/acs?")
    assert tester.received().status != SUCCESS


def test_the_question_of_a_version_is_asked_and_its_answer_shown_without_it(
    newcomer: TriedDv, browser: Callable[[TriedDv], Visitor]
) -> None:
    tester = browser(newcomer)
    tester.open(newcomer.ticket("look")).press("look")
    tester.choose_ad("werknemer").authenticate("werknemer")
    assert "Dit zou de dienstverlener ontvangen" in tester.text
    assert documents.service_id(newcomer.oin, 3) in tester.text


def test_a_ticket_of_a_version_changes_nothing_at_another_dienstverlener(
    tried: TriedDv, dv: ForeignDv, browser: Callable[[TriedDv], Visitor], box: Box, ledger: Ledger
) -> None:
    elsewhere = Visitor(box, dv, ledger)
    elsewhere.take_part(tried.ticket())
    tried.do("withdraw", tried.label)
    elsewhere.complete("werknemer")
    assert elsewhere.received().status == SUCCESS


def test_a_ticket_is_made_of_a_version_in_test_and_of_no_other(known: TriedDv, tried: TriedDv) -> None:
    concept = known.box.command("dv", "rehearse", tried.label, "right")
    assert concept.returncode != 0
    assert (
        f"is concept, and is not tried out. Put it in test first: makelaar dv test {tried.label}"
        in concept.stderr
    )
    withdrawn = known.box.command("dv", "withdraw", tried.label)
    assert withdrawn.returncode == 0
    gone = known.box.command("dv", "test", tried.label)
    assert gone.returncode != 0
    assert "is withdrawn, and is not tried out.\n" in gone.stderr


def test_a_logout_ends_the_login_of_the_test_and_none_of_those_in_force(
    known: TriedDv, tried: TriedDv, browser: Callable[[TriedDv], Visitor], box: Box
) -> None:
    tester = browser(tried)
    tester.take_part(tried.ticket())
    tester.complete("werknemer", documents.JOINED)
    given = tester.received()
    wish = tried.ask_to_log_out(given.name_id)

    tester.post(tried.slo, known.form(known.ask_to_log_out(given.name_id)))
    assert tester.status == 400
    assert "Uitloggen is niet gelukt" in tester.text
    tester.post(tried.slo, tried.form(wish)).relay()
    assert tester.url == box.url(AD_SLEUTEL) + "/logged-out"
