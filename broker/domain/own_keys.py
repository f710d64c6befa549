"""The keys of the makelaar: which one signs and which ones partners are told of, by the clock alone.

A key is announced, then active, then retiring, then retired. Moments are kept and states are not, so that every process
that knows the moments is in the same state without talking to any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum


class KeyState(StrEnum):
    """Where a key is in its life; no key goes back."""

    ANNOUNCED = "announced"
    """Partners are told of it; it signs nothing yet."""
    ACTIVE = "active"
    """It signs."""
    RETIRING = "retiring"
    """It signs nothing any more; what it signed may still be on its way, so partners are told of it."""
    RETIRED = "retired"
    """Nobody is told of it."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One key of ours by its certificate (DER) and moments; None where nothing was decided.

    ``name`` is that of its files, ``fingerprint`` the SHA-256 of the certificate in hex, which is its KeyName.
    """

    name: str
    fingerprint: str
    certificate: bytes = field(repr=False)
    announced_at: datetime
    active_at: datetime | None = None
    retiring_at: datetime | None = None
    retired_at: datetime | None = None

    def state(self, moment: datetime) -> KeyState:
        """Its state at this moment."""
        if self.retired_at is not None and self.retired_at <= moment:
            return KeyState.RETIRED
        if self.retiring_at is not None and self.retiring_at <= moment:
            return KeyState.RETIRING
        if self.active_at is not None and self.active_at <= moment:
            return KeyState.ACTIVE
        return KeyState.ANNOUNCED


_PUBLISHED = (KeyState.ACTIVE, KeyState.ANNOUNCED, KeyState.RETIRING)


def signing_keys(keys: Iterable[OwnKey], moment: datetime) -> tuple[OwnKey, ...]:
    """The key that signs, and after it those that did before and are still believed, the last one first."""
    used = [key for key in keys if key.state(moment) in (KeyState.ACTIVE, KeyState.RETIRING)]
    return tuple(
        sorted(used, key=lambda key: (key.state(moment) is KeyState.ACTIVE, _began(key)), reverse=True)
    )


def _began(key: OwnKey) -> datetime:
    return key.active_at or key.announced_at


def published_keys(keys: Iterable[OwnKey], moment: datetime) -> tuple[OwnKey, ...]:
    """The keys that metadata holds: the one that signs, the next one, and those still believed, in that order."""
    published = [key for key in keys if key.state(moment) in _PUBLISHED]
    return tuple(sorted(published, key=lambda key: (_PUBLISHED.index(key.state(moment)), key.name)))
