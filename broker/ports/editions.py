"""The editions of the dienstencatalogus that a makelaar published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class EditionMade(Exception):
    """Another process made this edition at the same moment; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What an edition is, without the document.

    ``oin`` is of the dienstverlener whose part it is, empty for the catalogue of all. ``content_hash`` is the SHA-256
    (hex) over what it was made of, which ``until`` (None: for ever) does not change by itself.
    """

    oin: str
    sequence: int
    content_hash: str
    made_at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartnersMark:
    """Whether partners of one role changed, told without looking at any of them: it is another after each change."""

    count: int
    last: datetime | None = None
    versions: int = 0
    suspended: int = 0
    last_suspended: datetime | None = None


class EditionStore(Protocol):
    """All editions, the newest of each catalogue first in line."""

    def mark(self) -> PartnersMark:
        """The mark of the dienstverleners as they are now. Its cost hardly grows with their number."""

    def size(self) -> int:
        """How many bytes the catalogues of all dienstverleners have together, as they were handed over."""

    def entities_of(self, oin: str) -> tuple[str, ...]:
        """The entityIDs of the dienstverleners that have a service under this OIN, in order."""

    def latest(self, oin: str) -> Edition | None:
        """The newest edition of a catalogue, None before the first."""

    def find(self, oin: str, sequence: int) -> Edition | None:
        """One edition of a catalogue."""

    def document(self, edition: Edition) -> bytes:
        """What was published. Raises ``LookupError`` when it is kept no longer."""

    def add(self, edition: Edition, document: bytes, keep: int) -> None:
        """Keep an edition and the ``keep`` newest beside it. Raises ``EditionMade`` when its number is taken."""

    def listed(self, oin: str, limit: int) -> tuple[Edition, ...]:
        """The newest editions of a catalogue, newest first."""
