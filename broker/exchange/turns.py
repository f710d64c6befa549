"""Bounds on how many threads wait for one partner, so that one that says nothing does not take them all.

While it is well, an answer takes milliseconds and whoever comes when all turns are taken waits for the next. When every
turn is held by somebody who has waited long, whoever comes then is told at once that the partner is not available.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from broker.saml.policy import CALLS


class NoTurn(Exception):
    """Everybody who may wait for this partner does so, and has for long."""


class Turns:
    """The turns of one process, by partner."""

    def __init__(
        self,
        at_once: int,
        patience: float = CALLS.patience_seconds,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``at_once`` may wait for a partner at the same time; ``patience`` is in seconds."""
        self._at_once = at_once
        self._patience = patience
        self._clock = clock
        self._begun: defaultdict[str, list[float]] = defaultdict(list)
        self._condition = Condition()

    @contextmanager
    def turn(self, partner: str) -> Iterator[None]:
        """Hold a turn while the context lasts. Raises ``NoTurn``."""
        begun = self._take(partner)
        try:
            yield
        finally:
            with self._condition:
                self._begun[partner].remove(begun)
                if not self._begun[partner]:
                    del self._begun[partner]
                self._condition.notify_all()

    def _take(self, partner: str) -> float:
        with self._condition:
            while len(self._begun[partner]) >= self._at_once:
                left = max(self._begun[partner]) + self._patience - self._clock()
                if left <= 0:
                    raise NoTurn
                self._condition.wait(left)
            begun = self._clock()
            self._begun[partner].append(begun)
            return begun
