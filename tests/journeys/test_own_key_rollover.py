"""The rehearsal of rolling our own key: people log in all the while, and none of them notices."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import requests

from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.storage.engine import make_engine
from broker.storage.own_keys import SqlOwnKeyStore
from tests.box import Box
from tests.journeys.own_keys import everybody_has
from tests.journeys.own_keys import keys
from tests.journeys.own_keys import next_key
from tests.journeys.own_keys import published
from tests.journeys.own_keys import wait_until
from tests.keys import certificate
from tests.reporting import Report
from tests.walker import Walker

NEXT = "signing-next"
PEOPLE = 2
AROUND = timedelta(seconds=3)
"""How long before the switch people come one after the other again."""


class Crowd:
    """People who log in one after the other, each in a thread, until they are told to stop."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.granted: list[datetime] = []
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._calm = False
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

    @contextmanager
    def calm(self) -> Iterator[None]:
        """Have them come less often, while nothing happens."""
        self._calm = True
        yield
        self._calm = False

    def _go_on(self) -> None:
        # A pause between logins leaves processors to the other tests of this run.
        while not self._stop.wait(1.0 if self._calm else 0.1):
            try:
                page = Walker(self.box).log_in("werknemer", 1)
                if "U bent ingelogd" in page.text:
                    self.granted.append(datetime.now(UTC))
                else:
                    self.failed.append(f"{page.url}: {page.text[:200]}")
            except (requests.RequestException, AssertionError) as error:
                self.failed.append(repr(error))


def switch_of(box: Box) -> datetime:
    """When the next key begins to sign."""
    engine = make_engine(box.settings.database(MAKELAAR))
    (at,) = (key.active_at for key in SqlOwnKeyStore(engine).all() if key.name == NEXT)
    engine.dispose()
    assert at is not None
    return at


def unseen_of(sightings: str) -> set[str]:
    """Whom the command names as not seen with the next key."""
    return {
        line.split()[7] for line in sightings.splitlines() if line.startswith("not seen with the next key:")
    }


def test_nobody_notices_that_our_key_is_rolled(box: Box, report: Report) -> None:
    crowd = Crowd(box)
    old, new = published(box)[0], certificate(NEXT).key_name
    with next_key(box, NEXT):
        with crowd.logging_in():
            keys(box, "announce", NEXT)
            with crowd.calm():
                wait_until(lambda: everybody_has(box, [old, new]), "both keys everywhere")
                # All of the box have it now: as soon as can be.
                keys(box, "activate", NEXT, "--now-anyway")
                switch = switch_of(box)
                time.sleep((switch - AROUND - datetime.now(UTC)).total_seconds())
            before = published(box)
            unseen = unseen_of(keys(box, "sightings"))
            time.sleep((switch - datetime.now(UTC)).total_seconds() + 2.5)
            after = published(box)
            keys(box, "retire", "signing", "--now-anyway")
            retired = datetime.now(UTC)
            time.sleep(3.5)
        received = keys(box, "sightings", GEMEENTE.entity_id)
        last = published(box)
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
    assert (before, after, last) == ([old, new], [new, old], [new])
    assert any(line.split()[:2] == [NEXT, "received"] for line in received.splitlines())
    ours = {party.entity_id for party in PARTIES}
    assert not unseen & ours, "the parties of the box fetched it at addresses of their own"
