"""Logging: one JSON object a line, and only fields that are known to hold no personal data."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any
from typing import Final

import structlog

ALLOWED: Final = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "party",
        "reference",
        "code",
        "reason",
        "partner",
        "service_id",
        "state",
        "outcome",
        "error",
        "place",
        "endpoint",
        "loa",
        "registers",
        "seconds",
        "count",
        "digest",
    }
)
"""Fields that may be logged. Whatever else is passed is dropped, and the line says which field it was."""


def keep_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list; names of dropped fields stay, their values do not."""
    dropped = sorted(name for name in event if name not in ALLOWED)
    kept: MutableMapping[str, Any] = {name: value for name, value in event.items() if name in ALLOWED}
    if dropped:
        kept["event"] = f"{kept.get('event')} (dropped: {', '.join(dropped)})"
    return kept


def configure(party: str) -> None:
    """Send structured lines of this party to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_party(party),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _with_party(party: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["party"] = party
        return event

    return add
