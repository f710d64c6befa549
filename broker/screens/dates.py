"""Moments as a person in the Netherlands reads them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from broker.screens.language import Language

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def show_moment(moment: datetime, language: Language) -> str:
    """An aware ``moment`` in Dutch time, e.g. ``22 november 2026, 14:05``; ``ValueError`` if naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown: nobody knows when it was")
    local = moment.astimezone(_AMSTERDAM)
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M}"
