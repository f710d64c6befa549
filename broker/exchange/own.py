"""Who we are in an exchange, with the two things that make a process impure: a clock and chance."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from typing import Protocol

from broker.ports import Signer

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """An XML ID with 128 random bits (SAML core 1.3.4)."""
    return "_" + secrets.token_hex(16)


class Keys(Protocol):
    """The keys of a party, of which one signs at a time."""

    def at(self, moment: datetime) -> Signer:
        """The key to sign with at this moment."""


@dataclass(frozen=True, slots=True)
class OneKey:
    """The only key of a party, for ever."""

    signer: Signer

    def at(self, _moment: datetime) -> Signer:
        """That key."""
        return self.signer


@dataclass(frozen=True, slots=True)
class Own:
    """The party we are: its EntityID and keys, the clock, and where new IDs come from."""

    entity_id: str
    keys: Keys
    clock: Clock = system_clock
    new_id: Callable[[], str] = random_id

    @property
    def key(self) -> Signer:
        """The key to sign with now. Take it once for whatever must be signed with one and the same key."""
        return self.keys.at(self.clock())
