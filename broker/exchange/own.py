"""Who we are in an exchange, with the two things that make a process impure: a clock and chance."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from broker.ports import Signer

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """An XML ID with 128 random bits (SAML core 1.3.4)."""
    return "_" + secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Own:
    """The party we are: its EntityID and key, the clock, and where new IDs come from."""

    entity_id: str
    key: Signer
    clock: Clock = system_clock
    new_id: Callable[[], str] = random_id
