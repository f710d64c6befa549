"""Logins by a version in test: what a browser with its ticket goes by, and what everybody else goes by meanwhile."""

import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import pytest

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
        return self.do("test", self.label) if kind is None else self.do("rehearse", self.label, kind)

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
    page = visitor.open(newcomer.ticket()).text
    assert "Waterschap Toets" in page
    assert stranger.ask(3).status == 400
    assert "partij-onbekend" in stranger.text

    visitor.complete("werknemer")
    assert visitor.location.startswith(f"{newcomer.url}/acs?")
    assert visitor.received().status == SUCCESS
    assert [outcome for _, outcome in recorded("dienstverlener", newcomer.entity_id)] == [
        "rehearsal:right:sent"
    ]

    visitor.complete("werknemer", 1)
    assert visitor.received().status == SUCCESS
    assert recorded("dienstverlener", newcomer.entity_id)[-1][1] == "test:granted"
