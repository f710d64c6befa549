"""Documents that are fetched on a schedule: what comes passes the gate, and what is in force goes on whatever comes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.exchange.fetching import Fetched
from broker.exchange.fetching import NotFetched
from broker.onboarding.fetching import Sources
from broker.onboarding.jobs import SCHEDULE
from broker.ports import Role
from broker.ports.sources import DocumentSource
from broker.ports.versions import VersionState
from broker.storage.outbox import SqlOutbox
from broker.storage.sources import SqlDocumentSources
from tests.exchange.builders import metadata_of
from tests.onboarding.gate.conftest import APPROVER
from tests.onboarding.gate.conftest import MAKER
from tests.onboarding.gate.conftest import Desk
from tests.onboarding.gate.conftest import handed_over
from tests.onboarding.gate.conftest import until_moment
from tests.saml.builders import DV
from tests.saml.builders import NOW

METADATA, CATALOGUE = "https://dv.example/metadata", "https://dv.example/catalogue"
HOUR = timedelta(hours=1)


class Web:
    """What stands at the two addresses, with its validators."""

    def __init__(self, desk: Desk, activates: bool = False) -> None:
        self.desk = desk
        self.at: dict[str, bytes | Exception] = {
            METADATA: handed_over().metadata,
            CATALOGUE: handed_over().catalogue or b"",
        }
        self.asked: list[str] = []
        source = DocumentSource(DV, Role.DV, METADATA, CATALOGUE, HOUR, NOW, activates)
        self.sources.set(source, MAKER)

    @property
    def sources(self) -> Sources:
        return Sources(self.desk.assembled, self.desk.clock.now, self._fetch)

    def _fetch(self, url: str, etag: str, _modified: str) -> Fetched:
        self.asked.append(url)
        stands = self.at[url]
        if isinstance(stands, Exception):
            raise stands
        here = str(hash(stands))
        return Fetched(None if etag == here else stands, here)

    def fetch(self) -> DocumentSource:
        self.sources.fetch_due(SCHEDULE)
        found = SqlDocumentSources(self.desk.engine).find(DV)
        assert found is not None
        return found

    def mails(self) -> list[str]:
        return [each.mail.subject for each in SqlOutbox(self.desk.engine).latest()]


@pytest.fixture
def web(desk: Desk) -> Callable[..., Web]:
    return lambda **options: Web(desk, **options)


def later(desk: Desk) -> None:
    desk.clock.forward(2 * HOUR)


def changed() -> bytes:
    """The same with an end, far away."""
    return until_moment(NOW + timedelta(days=300))


def test_what_is_new_waits_for_a_person_who_is_told(desk: Desk, web: Callable[..., Web]) -> None:
    desk.connect()
    pages = web()
    pages.at[METADATA] = changed()

    done = pages.fetch()

    newest = desk.gate.versions(DV)[0]
    assert (newest.state, newest.created_by, newest.origin) == (VersionState.CONCEPT, "schedule", "url")
    assert done.last_outcome == f"waits: {newest.label}"
    assert pages.mails() == [f"To be looked at: {newest.label}"]
    active = desk.gate.active(DV)
    assert active is not None
    assert active.number == 1

    later(desk)
    pages.fetch()
    assert len(desk.gate.versions(DV)) == 2
    assert len(pages.mails()) == 1


def test_what_is_as_it_was_costs_one_question_each(desk: Desk, web: Callable[..., Web]) -> None:
    desk.connect()
    pages = web()
    assert pages.fetch().last_outcome == "unchanged"
    pages.asked.clear()

    assert pages.fetch().last_at == NOW  # its time has not come
    assert pages.asked == []

    later(desk)
    assert pages.fetch().last_outcome == "unchanged"
    assert pages.asked == [METADATA, CATALOGUE]
    assert len(desk.gate.versions(DV)) == 1


def test_a_source_may_activate_what_has_nothing_to_mend(
    desk: Desk, web: Callable[..., Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.connect()
    pages = web(activates=True)
    pages.at[METADATA] = changed()
    monkeypatch.setattr("broker.checks.CheckReport.is_good", True)

    assert pages.fetch().last_outcome == f"in force: {DV}#2"

    assert desk.registry.content_hash(DV) == desk.gate.versions(DV)[0].content_hash
    assert pages.mails() == []


@pytest.mark.parametrize("why", ["something to mend", "four eyes", "played back"])
def test_but_not_what_a_person_has_to_see(
    desk: Desk, web: Callable[..., Web], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    desk.connect()
    monkeypatch.setattr("broker.checks.CheckReport.is_good", why != "something to mend")
    pages = web(activates=True)
    if why == "played back":
        desk.connect(metadata=changed())
    else:
        pages.at[METADATA] = changed()
    desk.four_eyes = why == "four eyes"
    before = desk.registry.content_hash(DV)

    outcome = pages.fetch().last_outcome or ""

    assert outcome.startswith("waits: ")
    assert desk.registry.content_hash(DV) == before
    assert len(pages.mails()) == 1


def test_what_was_turned_away_does_not_come_back(desk: Desk, web: Callable[..., Web]) -> None:
    desk.connect()
    pages = web()
    pages.at[METADATA] = changed()
    pages.fetch()
    desk.gate.withdraw(desk.gate.versions(DV)[0].id, APPROVER)

    later(desk)
    pages.at[CATALOGUE] = (handed_over().catalogue or b"") + b"\n"
    pages.fetch()
    pages.at[CATALOGUE] = handed_over().catalogue or b""
    later(desk)

    assert pages.fetch().last_outcome == f"withdrawn before: {DV}#2"


@pytest.mark.parametrize(
    ("stands", "told"),
    [
        (NotFetched("answered 500."), "answered 500."),
        (b"<broken", "refused: "),
        (metadata_of("dv2"), "the metadata is of another entityID"),
        (until_moment(NOW - timedelta(days=1)), "refused: "),
    ],
    ids=["away", "broken", "of another", "expired"],
)
def test_whatever_goes_wrong_the_last_good_copy_goes_on(
    desk: Desk, web: Callable[..., Web], stands: Any, told: str
) -> None:
    active = desk.connect()
    pages = web()
    pages.fetch()
    pages.at[METADATA] = stands
    later(desk)

    failed = pages.fetch()

    assert (failed.last_outcome or "").startswith(told)
    assert (failed.failures, failed.last_good_at) == (1, NOW)
    assert failed.next_at < desk.clock.now + timedelta(minutes=2)  # sooner than the schedule says
    assert desk.gate.versions(DV) == [active]
    assert desk.registry.content_hash(DV) == active.content_hash


def test_somebody_is_told_once_of_a_server_that_stays_away(desk: Desk, web: Callable[..., Web]) -> None:
    pages = web()
    pages.at[METADATA] = NotFetched("not reached.")
    waits: list[timedelta] = []
    for _ in range(8):
        failed = pages.fetch()
        waits.append(failed.next_at - desk.clock.now)
        later(desk)

    assert pages.mails() == [f"Not fetched: {DV}"]
    assert waits[0] < waits[2] < waits[4]
    assert max(waits) <= HOUR * 1.1

    pages.at[METADATA] = handed_over().metadata
    assert pages.fetch().failures == 0


def test_nobody_is_asked_too_often_and_each_change_is_noted(desk: Desk, web: Callable[..., Web]) -> None:
    pages = web()
    source = replace(pages.fetch(), every=timedelta(seconds=30))

    with pytest.raises(ValueError):
        pages.sources.set(source, MAKER)
    assert pages.sources.remove(DV, MAKER)
    assert not pages.sources.remove(DV, MAKER)

    noted = [what for _, what in desk.what(DV)]
    assert (noted[0], noted[-1]) == ("source-set", "source-removed")
