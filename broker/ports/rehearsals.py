"""Behaviour tests: which answer somebody's software was given on purpose, and what it did with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One test login. ``kind`` is the id of what it gets: see ``broker.rehearsals.kinds``.

    ``version_id`` is the version that was tried out, None for the one in force. ``reference`` is that of the login in
    the audit log. ``answered_at`` is when the answer left, ``resolved_at`` when its artifact was fetched,
    ``asked_again_at`` when the dienstverlener sent the browser to log in once more. ``seen`` is what the person says
    to have seen.
    """

    id: str
    entity_id: str
    kind: str
    started_by: str
    started_at: datetime
    service_id: str | None = None
    version_id: str | None = None
    reference: str | None = None
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    asked_again_at: datetime | None = None
    seen: str | None = None
    seen_by: str | None = None
    seen_at: datetime | None = None


class RehearsalStore(Protocol):
    """All behaviour tests."""

    def add(self, rehearsal: Rehearsal) -> None:
        """Keep a new one, and that it was started in the history of changes."""

    def find(self, rehearsal_id: str) -> Rehearsal | None:
        """The one with this id."""

    def of(self, entity_id: str, limit: int = 200) -> Sequence[Rehearsal]:
        """Those of one dienstverlener, newest first."""

    def answered(self, rehearsal_id: str, reference: str, at: datetime) -> None:
        """Its answer leaves now, in the login with this reference."""

    def resolved(self, rehearsal_id: str, at: datetime) -> None:
        """Its artifact was fetched."""

    def asked_again(self, rehearsal_id: str, at: datetime) -> None:
        """The dienstverlener sends the browser to log in once more."""

    def saw(self, rehearsal_id: str, seen: str, who: str, at: datetime) -> None:
        """What somebody saw; it may be said again."""
