"""Noting which partner was seen with which of our keys, at next to no cost for a login.

Each process writes the same sighting once an hour at most. What is seen in logins is written a few seconds later by a
thread of its own, all together; when the process ends before that, it is seen again at the next login.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from broker.assembly.party import Assembled
from broker.domain.own_keys import OwnKey
from broker.ports.sightings import Seen
from broker.ports.sightings import SightingLog
from broker.saml.policy import LIFETIMES
from broker.storage.sightings import SqlSightingLog

log = structlog.get_logger()

WRITTEN_AFTER_SECONDS = 5.0

_Mark = tuple[str, str, Seen]
Later = Callable[[Callable[[], None]], None]
"""Calls a function after a while, in another thread."""


class PublishedKeys(Protocol):
    """Which keys of ours are in use."""

    def published(self, moment: datetime) -> tuple[OwnKey, ...]:
        """The keys that metadata holds, the one that signs first."""


def in_a_while(call: Callable[[], None]) -> None:
    """Call it in ``WRITTEN_AFTER_SECONDS``; a process that ends does not wait for it."""
    timer = threading.Timer(WRITTEN_AFTER_SECONDS, call)
    timer.daemon = True
    timer.start()


class Sightings:
    """The sightings of one process. Safe for threads."""

    def __init__(self, kept: SightingLog, keys: PublishedKeys, later: Later = in_a_while) -> None:
        """``kept`` is shared by all processes."""
        self._kept = kept
        self._keys = keys
        self._later = later
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._noted: set[_Mark] = set()
        self._pending: set[_Mark] = set()

    def fetched(self, entity_id: str, now: datetime) -> None:
        """A partner fetched our metadata, and so all keys in it. Written at once: it is no part of a login."""
        for key in self._keys.published(now):
            self._note((entity_id, key.fingerprint, Seen.FETCHED), now)
        self._write(now)

    def accepted(self, entity_id: str, now: datetime) -> None:
        """A partner answered a question of ours; which key signed that is certain once it is active for a login."""
        signing = next(iter(self._keys.published(now)), None)
        if signing is None or signing.active_at is None or now - LIFETIMES.journey < signing.active_at:
            return
        if self._note((entity_id, signing.fingerprint, Seen.ACCEPTED), now):
            self._later(lambda: self._write(now))

    def received(self, entity_id: str, now: datetime) -> None:
        """A partner that proved itself is given an answer, signed at this moment."""
        signing = next(iter(self._keys.published(now)), None)
        if signing is not None and self._note((entity_id, signing.fingerprint, Seen.RECEIVED), now):
            self._later(lambda: self._write(now))

    def _note(self, mark: _Mark, now: datetime) -> bool:
        """Keep it for writing; whether nobody else is going to write."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._hour == hour and mark in self._noted:
            return False
        with self._lock:
            if self._hour != hour:
                self._hour, self._noted = hour, set()
            self._noted.add(mark)
            was_empty = not self._pending
            self._pending.add(mark)
            return was_empty

    def _write(self, now: datetime) -> None:
        with self._lock:
            pending, self._pending = self._pending, set()
        try:
            self._kept.note(pending, now)
        except SQLAlchemyError as error:
            # Who was seen will be seen again; nothing depends on it.
            log.warning("sightings_unwritten", error=type(error).__name__, count=len(pending))


def sightings_of(makelaar: Assembled) -> Sightings:
    """Those of a process of the makelaar."""
    if makelaar.ring is None:
        raise ValueError("only the makelaar has keys that roll")
    return Sightings(SqlSightingLog(makelaar.engine), makelaar.ring)
