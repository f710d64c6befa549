"""The rehearsal of rolling our own key: people log in all the while, and none of them notices."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
import requests

from broker.assembly import paths
from broker.cli.run import REFRESH_SECONDS
from broker.onboarding.own_keys import LEAD
from broker.ports import Role
from broker.saml.metadata import read_metadata
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.box import Box
from tests.box import running_box
from tests.reporting import Report
from tests.walker import Walker

NEXT = "signing-next"
PEOPLE = 2


class Crowd:
    """People who log in one after the other, each in a thread, until they are told to stop."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.granted: list[datetime] = []
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._go_on, daemon=True) for _ in range(PEOPLE)]

    @contextmanager
    def logging_in(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(30)

    def _go_on(self) -> None:
        # A pause between logins leaves processors to the other tests of this run.
        while not self._stop.wait(0.1):
            try:
                page = Walker(self.box).log_in("werknemer", 1)
                if "U bent ingelogd" in page.text:
                    self.granted.append(datetime.now(UTC))
                else:
                    self.failed.append(f"{page.url}: {page.text[:200]}")
            except (requests.RequestException, AssertionError) as error:
                self.failed.append(repr(error))


def published(box: Box) -> list[str]:
    """The signing certificates in our metadata, by fingerprint."""
    data = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).content
    return [each.key_name for each in read_metadata(data, Role.HM, datetime.now(UTC))[0].signing]


def keys(box: Box, *arguments: str) -> str:
    result = box.command("keys", *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def own_box() -> Iterator[Box]:
    """A box of its own: the others go on with the key they have."""
    with running_box() as box:
        yield box


def test_nobody_notices_that_our_key_is_rolled(own_box: Box, report: Report) -> None:
    crowd = Crowd(own_box)
    (old,) = published(own_box)
    with crowd.logging_in():
        keys(own_box, "announce", NEXT, "--self-signed")
        announced = datetime.now(UTC)
        # As long as partners need: those of the box look every few seconds.
        switch = announced + timedelta(seconds=REFRESH_SECONDS) + LEAD
        keys(own_box, "activate", NEXT, "--now-anyway", "--at", switch.isoformat())
        time.sleep((switch - datetime.now(UTC)).total_seconds() - 1)
        before = published(own_box)
        unseen = keys(own_box, "sightings")
        time.sleep((switch - datetime.now(UTC)).total_seconds() + 2.5)
        after = published(own_box)
        keys(own_box, "retire", "signing", "--now-anyway")
        retired = datetime.now(UTC)
        time.sleep(3.5)
    received = keys(own_box, "sightings", GEMEENTE.entity_id)
    stages = Counter(
        "announced" if at < switch else "active" if at < retired else "retired" for at in crowd.granted
    )
    for stage in ("announced", "active", "retired"):
        report(
            "Logins while our own key was rolled",
            stage=stage,
            granted=stages[stage],
            failed=len(crowd.failed),
        )

    assert crowd.failed == []
    assert min(stages[stage] for stage in ("announced", "active", "retired")) >= PEOPLE
    (new,) = set(before) - {old}
    assert (before, after, published(own_box)) == ([old, new], [new, old], [new])
    assert any(line.split()[:2] == [NEXT, "received"] for line in received.splitlines())
    assert "not seen with" not in unseen, "the parties of the box fetched it at addresses of their own"
