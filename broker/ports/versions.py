"""Versions of what a partner handed over, and the way of one from file to live.

What is in force stands in the registry, where logins read it; a version that came in force stays here, so that logins
which began with it can end with it, and so that it can come back.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Final
from typing import Protocol

from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.changes import Change
from broker.ports.partner_index import PartnerIndex


class VersionState(StrEnum):
    """Where a version stands."""

    CONCEPT = "concept"
    """Kept and checked; nobody logs in with it."""
    TEST = "test"
    """Being tried out with its dienstverlener: logins of browsers with a test ticket of it go by it, and no others."""
    WAITING = "waiting"
    """Somebody asked for approval."""
    SCHEDULED = "scheduled"
    """It comes in force at a moment that was set."""
    ACTIVE = "active"
    """In force: its copy stands in the registry."""
    ENDED = "ended"
    """It was in force."""
    REJECTED = "rejected"
    """An approver did not want it."""
    WITHDRAWN = "withdrawn"
    """Whoever brought it in did not want it any more."""


class VersionEvent(StrEnum):
    """What can happen to a version."""

    TESTED = "put in test"
    ASKED = "approval asked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SCHEDULED = "given a date"
    ACTIVATED = "activated"
    HALTED = "not good on its date"
    REPLACED = "replaced, or the partner removed"


OPEN: Final = frozenset(
    {VersionState.CONCEPT, VersionState.TEST, VersionState.WAITING, VersionState.SCHEDULED}
)
"""The states of a version that may still come in force."""

MAY_BE_TRIED: Final = frozenset({VersionState.TEST, VersionState.ACTIVE})
"""The states of a version with which a test login may begin; one that came in force is what every login goes by."""

MAY_END_A_TEST: Final = MAY_BE_TRIED | {VersionState.WAITING, VersionState.SCHEDULED}
"""The states of a version with which a test login that is under way may end: it only moved towards being in force."""

TRANSITIONS: Final[Mapping[tuple[VersionState, VersionEvent], VersionState]] = {
    (VersionState.CONCEPT, VersionEvent.TESTED): VersionState.TEST,
    **{
        (state, VersionEvent.ASKED): VersionState.WAITING
        for state in (VersionState.CONCEPT, VersionState.TEST)
    },
    **{
        (state, VersionEvent.REJECTED): VersionState.REJECTED
        for state in (VersionState.WAITING, VersionState.SCHEDULED)
    },
    **{(state, VersionEvent.WITHDRAWN): VersionState.WITHDRAWN for state in sorted(OPEN)},
    **{(state, VersionEvent.SCHEDULED): VersionState.SCHEDULED for state in sorted(OPEN)},
    **{(state, VersionEvent.ACTIVATED): VersionState.ACTIVE for state in sorted(OPEN)},
    (VersionState.SCHEDULED, VersionEvent.HALTED): VersionState.CONCEPT,
    (VersionState.ACTIVE, VersionEvent.REPLACED): VersionState.ENDED,
}
"""What becomes of a version in each state; whatever is not here cannot happen. docs/onboarding.md is drawn from it."""


class Origin(StrEnum):
    """How a version came in."""

    UPLOAD = "upload"
    PASTE = "paste"
    URL = "url"
    FILE = "file"
    FORM = "form"
    ROLLBACK = "rollback"
    API = "api"
    CLI = "cli"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a partner: its documents as they were handed over, and where it stands.

    ``number`` counts from 1 for each partner. ``report`` and ``difference`` are JSON: what the checks found when it
    came in, and how it differed from what was in force then.
    """

    id: str
    entity_id: str
    number: int
    role: Role
    metadata: bytes = field(repr=False)
    catalogue: bytes | None = field(repr=False)
    content_hash: str
    state: VersionState
    origin: Origin
    created_at: datetime
    created_by: str
    reason: str = ""
    connection: Connection = STANDARD
    report: str | None = field(default=None, repr=False)
    difference: str | None = field(default=None, repr=False)
    activate_at: datetime | None = None
    activated_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def label(self) -> str:
        """Its entityID and number, as commands take it: ``urn:...#3``."""
        return f"{self.entity_id}#{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it may still come in force."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands, without its documents; ``is_suspended`` is whether logins of its partner are stopped."""

    entity_id: str
    number: int
    role: Role
    content_hash: str
    state: VersionState
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class Approval:
    """What one approver said of a version."""

    version_id: str
    operator: str
    at: datetime
    approved: bool
    reason: str


class Overtaken(Exception):
    """Somebody else changed the partner or the version at the same moment; nothing was changed."""


class VersionStore(Protocol):
    """All versions of all partners. A change and the line of history about it are kept in one transaction."""

    def add(self, version: Version, change: Change) -> Version:
        """Keep a version under the next number of its partner, whatever ``number`` says; with that number."""

    def find(self, version_id: str) -> Version | None:
        """The version with this id."""

    def standing(self, version_id: str) -> Standing | None:
        """Where the version with this id stands."""

    def numbered(self, entity_id: str, number: int) -> Version | None:
        """The version of a partner with this number."""

    def of(self, entity_id: str) -> Sequence[Version]:
        """Every version of a partner, newest first."""

    def active(self, entity_id: str) -> Version | None:
        """The version of a partner that is in force."""

    def in_state(self, *states: VersionState) -> Sequence[Version]:
        """The versions of all partners in these states, oldest first."""

    def move(
        self,
        version: Version,
        state: VersionState,
        change: Change,
        *,
        activate_at: datetime | None = None,
        approval: Approval | None = None,
    ) -> Version:
        """Put a version in another state, by what an approver said. Raises ``Overtaken`` when it is not as it was."""

    def approve(self, approval: Approval, change: Change) -> None:
        """Keep what an approver said, in the place of what they said before."""

    def approvals(self, version_id: str) -> Sequence[Approval]:
        """What approvers said of a version, oldest first."""

    def activate(
        self,
        version: Version,
        record: PartnerRecord,
        before: PartnerRecord | None,
        change: Change,
        index: PartnerIndex | None = None,
    ) -> Version:
        """Put a version in force in the place of ``before``: registry, index, states and history in one transaction.

        Raises ``Overtaken`` when something else is in force by now, or when the version is not as it was read, and
        ``ServiceTaken``.
        """

    def remove(self, entity_id: str, change: Change) -> bool:
        """Take a partner out of the registry, and let none of its versions come in force; False when it is unknown."""

    def suspend(self, entity_id: str, since: datetime | None, change: Change) -> bool:
        """Refuse the logins of a partner since a moment, or with None no longer; False when it was so already."""
