"""Fields that several forms have: when, and why."""

from datetime import UTC
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

_HERE = ZoneInfo("Europe/Amsterdam")
_LONGEST_REASON = 1000


def moment_field() -> datetime | None:
    """The date and time that was filled in, as it is in the Netherlands; None for at once. ValueError for another."""
    text = request.form.get("at", "").strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=_HERE).astimezone(UTC) if text else None
    except OverflowError:
        raise ValueError("a moment before or after all that can be counted") from None


def reason_field() -> str:
    """Why, for the history."""
    return request.form.get("reason", "").strip()[:_LONGEST_REASON]
