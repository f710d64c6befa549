"""Setup links: personal addresses at which somebody of a dienstverlener prepares its connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from broker.ports.changes import Change


class LinkState(StrEnum):
    """Whether a link opens anything."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class SetupLink:
    """One link, without its token, for whom ``name`` says.

    ``entity_id`` is None until its dienstverlener is known; ``bound_at`` is when that came of what its holder handed
    over, None where an operator made the link for it.
    """

    id: str
    name: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    entity_id: str | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    bound_at: datetime | None = None

    @property
    def who(self) -> str:
        """Its holder, as the history shows it."""
        return f"link:{self.name}"

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.state(now) is LinkState.GOOD

    def state(self, now: datetime) -> LinkState:
        """What became of it."""
        if self.revoked_at is not None:
            return LinkState.REVOKED
        return LinkState.GOOD if now < self.expires_at else LinkState.EXPIRED


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check report that was made for a link; ``report`` is its JSON."""

    id: str
    setup_link: str
    entity_id: str | None
    at: datetime
    who: str
    report: str


class SetupLinkStore(Protocol):
    """All links, by the SHA-256 of their token, and the reports that were made for them."""

    def add(self, link: SetupLink, token_hash: str, change: Change) -> None:
        """Keep a new link."""

    def by_hash(self, token_hash: str) -> SetupLink | None:
        """The link whose token has this SHA-256, hex."""

    def find(self, link_id: str) -> SetupLink | None:
        """The link with this id."""

    def all(self, entity_id: str | None = None) -> Sequence[SetupLink]:
        """Those of one dienstverlener, or all, newest first."""

    def note_use(self, link_id: str, at: datetime) -> None:
        """It was used."""

    def revoke(self, link_id: str, change: Change) -> bool:
        """End it; False when it has ended already."""

    def bind(self, link_id: str, entity_id: str, at: datetime) -> bool:
        """Give a link without dienstverlener its own, once; False when it has another."""

    def keep_run(self, run: CheckRun) -> None:
        """Keep a report in the place of the one before of this link."""

    def last_run(self, link_id: str) -> CheckRun | None:
        """The report of a link."""
