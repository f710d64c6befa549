"""People who keep logging in while something goes wrong, and what became of each login."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

import requests

from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.box import Box
from tests.walker import Walker

GRANTED = "granted"
CUT_OFF = "cut off"
"""The node that had the request in hand is gone, and the load balancer said so: the person loads the page again."""
TOLD = "told"
"""A page of ours with a reference: begin again."""
AT_A_PARTNER = "told by a partner"
"""A partner could not fetch a message of ours, and said so: begin again."""
BROKEN = "broken"
"""Anything else: it must not happen."""


PEOPLE = 3


@dataclass(frozen=True)
class Login:
    """One login: when it began and ended (seconds, monotonic), and what became of it."""

    began: float
    ended: float
    outcome: str
    seen: str = ""


@dataclass
class Crowd:
    """So many people at once."""

    box: Box
    people: int = PEOPLE
    logins: list[Login] = field(default_factory=list)

    @contextmanager
    def logging_in(self) -> Iterator[None]:
        """Have them log in, one login after the other, until this is over; the last ones are finished."""
        stop = threading.Event()

        def go_on() -> None:
            while not stop.is_set():
                began = time.monotonic()
                outcome, seen = self._log_in()
                self.logins.append(Login(began, time.monotonic(), outcome, seen))

        threads = [threading.Thread(target=go_on, daemon=True) for _ in range(self.people)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)

    def outcomes(self) -> Counter[str]:
        """How many logins ended in each way."""
        return Counter(login.outcome for login in self.logins)

    def granted_since(self, moment: float) -> list[Login]:
        """The logins that began after a moment, and were granted."""
        return [login for login in self.logins if login.outcome == GRANTED and login.began >= moment]

    def recovered_after(self, moment: float) -> float:
        """Seconds from a moment until a login was granted that began after it."""
        return min(login.ended for login in self.granted_since(moment)) - moment

    def broken(self) -> list[str]:
        """What people saw where nothing was explained to them."""
        return [login.seen for login in self.logins if login.outcome == BROKEN]

    def _log_in(self) -> tuple[str, str]:
        walker = Walker(self.box)
        try:
            walker.log_in("werknemer", 1)
        except (AssertionError, requests.RequestException) as error:
            if walker.answer is None:
                return BROKEN, repr(error)
        return self._became(walker)

    def _became(self, walker: Walker) -> tuple[str, str]:
        text, status = walker.text, walker.status
        if "U bent ingelogd" in text:
            return GRANTED, ""
        seen = f"{status} {walker.url}: {text[:300]}"
        if status == 502 and "Bad Gateway" in text:
            return CUT_OFF, seen
        if walker.url.startswith(self.box.url(MAKELAAR)):
            return (TOLD if "EH-" in text and status in (400, 410, 503) else BROKEN), seen
        # Pages of error of the parties in the box say what to do; the dienstverlener has one of its own.
        failed_at_dv = walker.url.startswith(self.box.url(GEMEENTE)) and status < 500
        if "Wat kunt u nu doen?" in text or failed_at_dv:
            return AT_A_PARTNER, seen
        return BROKEN, seen
