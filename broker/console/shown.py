"""How values are written on the pages: moments, entityIDs in addresses, roles."""

from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from broker.console.context import now
from broker.ports.changes import WORDS
from broker.ports.changes import Change
from broker.screens import current_language
from broker.screens import show_moment
from broker.screens import text

_OF_PARTNERS = ("version-", "activation-", "approval-", "partner-", "source-", "rehearsal-", "setup-link-")
"""How the words of changes begin that have an entityID as their subject."""


def filters() -> dict[str, Callable[..., Any]]:
    """The filters of all templates, by name."""
    return {
        "moment": moment,
        "days": days,
        "address": address,
        "in_words": in_words,
        "of_partner": of_partner,
    }


def moment(at: datetime | None) -> str:
    """A moment in Dutch time, or a dash."""
    return "–" if at is None else show_moment(at, current_language())


def days(at: datetime) -> int:
    """How many whole days from now; negative when it has passed."""
    return (at - now()).days


def in_words(what: str) -> str:
    """What a change was, in words; a word that an older or newer release wrote stays as it is."""
    return text(current_language(), f"console.what.{what}") if what in WORDS else what


def of_partner(change: Change) -> bool:
    """Whether what was changed is a partner, which has a page of its own."""
    return (
        change.what.startswith(_OF_PARTNERS)
        and not change.subject.startswith("link:")
        and (change.what != "partner-removed")
    )


def address(entity_id: str) -> str:
    """An entityID as a part of a path: it may hold slashes and question marks."""
    return urlsafe_b64encode(entity_id.encode()).decode().rstrip("=")


def entity_id_of(part: str) -> str:
    """The entityID that ``address`` wrote. Raises ``ValueError`` for anything else."""
    padded = part + "=" * (-len(part) % 4)
    return urlsafe_b64decode(padded.encode("ascii", "strict")).decode("utf-8")
