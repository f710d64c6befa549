"""Where the documents of a partner are fetched from on a schedule, and what came of it last."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Protocol

from broker.ports import Role
from broker.ports.changes import Change


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """The addresses of one partner's documents.

    With ``activates`` what comes in without anything to mend is put in force by itself. ``validators`` are those of the
    last good answers, by name; ``failures`` counts those since.
    """

    entity_id: str
    role: Role
    metadata_url: str
    catalogue_url: str | None
    every: timedelta
    next_at: datetime
    activates: bool = False
    last_at: datetime | None = None
    last_good_at: datetime | None = None
    last_outcome: str | None = None
    failures: int = 0
    validators: Mapping[str, str] = field(default_factory=dict)


class DocumentSources(Protocol):
    """The sources of all partners, one each."""

    def put(self, source: DocumentSource, change: Change | None = None) -> None:
        """Add or replace the source of a partner, with the line of history when somebody changed it."""

    def remove(self, entity_id: str, change: Change) -> bool:
        """Fetch no longer; False when it was not fetched."""

    def find(self, entity_id: str) -> DocumentSource | None:
        """The source of a partner."""

    def every(self) -> Sequence[DocumentSource]:
        """All sources, by entityID."""

    def due(self, now: datetime, limit: int = 20) -> Sequence[DocumentSource]:
        """Those of which the time has come, longest waiting first."""
