"""Work that is done beside the logins: who does it, and the mail that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """Who carried out a schedule last: the number of that turn, and until when nobody else may begin the next."""

    name: str
    holder: str
    until: datetime
    tick: int


class LeaseStore(Protocol):
    """One turn of each schedule is carried out by one process, however many there are."""

    def take(self, name: str, tick: int, holder: str, now: datetime, until: datetime) -> bool:
        """Whether this turn is for ``holder``: nobody had it, and whoever had the one before is done or late."""

    def done(self, name: str, tick: int, holder: str, now: datetime) -> None:
        """The turn is over; the next may begin."""

    def every(self) -> Sequence[Lease]:
        """All schedules, by name."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to operators, under a key of its own: what has the same key is told once.

    ``recipient`` empty means whoever ``mail_to`` of the settings names when it is sent.
    """

    key: str
    subject: str
    body: str
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail in the outbox: since when, how often it was tried, when again, and whether it went."""

    id: str
    mail: Mail
    created_at: datetime
    next_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    last_error: str | None = None


class Outbox(Protocol):
    """Mail that was thought of, kept until it is sent: at least once."""

    def put(self, mail: Mail, now: datetime) -> bool:
        """Keep a mail; False when one with its key is there already, sent or not."""

    def due(self, now: datetime, limit: int = 20) -> Sequence[OutgoingMail]:
        """What has to be sent, oldest first."""

    def sent(self, mail_id: str, at: datetime) -> None:
        """It went."""

    def failed(self, mail_id: str, next_at: datetime, error: str) -> None:
        """It did not; to be tried again."""

    def latest(self, limit: int = 50) -> Sequence[OutgoingMail]:
        """The newest first, sent or not."""
