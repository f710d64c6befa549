"""Who changed what, when and why: the history of everything an operator can change."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Final
from typing import Protocol

WORDS: Final = frozenset(
    {
        *("version-submitted", "version-in-test", "approval-asked", "version-approved", "version-rejected"),
        *(
            "version-withdrawn",
            "version-scheduled",
            "version-activated",
            "version-rolled-back",
            "version-kept",
            "activation-failed",
        ),
        *("partner-suspended", "partner-resumed", "partner-removed", "source-set", "source-removed"),
        *("key-registered", "key-replaced", "key-announced", "key-activated", "key-retired", "key-confirmed"),
        *("setup-link-made", "setup-link-revoked", "rehearsal-started", "token-made", "token-revoked"),
        *("operator-added", "operator-invited-again", "operator-enrolled", "operator-disabled"),
        *("operator-role-changed", "operator-password-changed"),
        *("operator-second-factor-set", "operator-second-factor-reset", "passkey-added", "passkey-removed"),
    }
)
"""All that can be written: each has a text in both languages (``console.what`` in ``broker/screens/texts``)."""


class OperatorRole(StrEnum):
    """What somebody may do; each may do what those before may."""

    VIEWER = "viewer"
    """Look."""
    OPERATOR = "operator"
    """Bring in versions, test them, withdraw them, make setup links, handle keys."""
    APPROVER = "approver"
    """Approve what others brought in, and manage operators and tokens."""

    def covers(self, needed: "OperatorRole") -> bool:
        """Whether this role may do what ``needed`` may."""
        order = list(OperatorRole)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for a change: ``name`` is what the history shows, an operator's username or what stands for one.

    The command line is ``cli:<user>``, a token ``token:<name>``, a setup link ``link:<name>``, and the makelaar itself,
    by a schedule that somebody set, ``schedule``. Four eyes compare names.
    """

    name: str
    role: OperatorRole


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``what`` is one of ``WORDS``, ``subject`` what was changed (an entityID, a key, ...).

    ``detail`` holds what a reader needs beside it, and no personal data but the name of who did it.
    """

    at: datetime
    who: str
    what: str
    subject: str
    why: str = ""
    detail: Mapping[str, str | int | None] = field(default_factory=dict)


class ChangeLog(Protocol):
    """The history. Only adds and reads."""

    def write(self, change: Change) -> None:
        """Durable when this returns. Raises ``ValueError`` for a word that is not in ``WORDS``."""

    def of(self, subject: str, limit: int = 100) -> Sequence[Change]:
        """The changes of one subject, newest first."""

    def latest(self, limit: int = 100) -> Sequence[Change]:
        """The changes of everything, newest first."""
