"""Noting which partner departs from the interface, so that an operator sees who still needs which tolerance."""

from collections.abc import Iterable
from datetime import datetime

import structlog

from broker.domain.connection import Tolerance
from broker.ports import ConformanceLog

log = structlog.get_logger()


class Conformance:
    """The conformance log of one process, which writes each sighting at most once an hour.

    The software of a dienstverlener deviates in every login or in none, so a count of logins would tell no more and
    cost a write each.
    """

    def __init__(self, kept: ConformanceLog) -> None:
        """``kept`` is shared by all processes."""
        self._kept = kept
        self._noted: dict[tuple[str, Tolerance], datetime] = {}

    def note(self, entity_id: str, seen: Iterable[Tolerance], now: datetime, reference: str | None) -> None:
        """Note what was seen of a proven partner in one message."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        for tolerance in seen:
            if self._noted.get((entity_id, tolerance)) == hour:
                continue
            self._kept.note(entity_id, tolerance.value, now, reference)
            self._noted[entity_id, tolerance] = hour
            log.warning("deviation", partner=entity_id, code=tolerance.value, reference=reference)
