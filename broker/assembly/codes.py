"""The second factor: time-based one-time codes (RFC 6238), each good for one login.

Except the codes that a login page itself displays, those of the test persons: single use protects nothing that
anybody may read, and it would keep twenty tabs, or two scripts, from being the same test person within half a minute.
"""

from collections.abc import Callable
from collections.abc import Iterator
from datetime import datetime

import pyotp

from broker.assembly.name_hasher import NameHasher
from broker.ports import StateStore

_STEP = 30
_STEPS = (0, 1, -1)
"""This step first, then one ahead and one back, for clocks that differ (RFC 6238, 5.2)."""

_TTL = _STEP * 4
"""Longer than a code is accepted."""


class Codes:
    """The codes of the people of one party."""

    def __init__(
        self, state: StateStore, names: NameHasher, on_display: Callable[[str], bool] = lambda _: False
    ) -> None:
        """``state`` remembers which codes were used; ``on_display`` tells whose codes the login page shows: by default
        nobody's."""
        self._state = state
        self._names = names
        self._on_display = on_display

    def accept(self, username: str, secret: str, code: str, now: datetime) -> bool:
        """Whether the code fits now and was not used before (RFC 6238, 5.2). White space in it does not count."""
        typed = "".join(code.split())
        totp = pyotp.TOTP(secret, interval=_STEP)
        for step in _steps(now):
            if pyotp.utils.strings_equal(totp.generate_otp(step), typed):
                return self._on_display(username) or self._state.claim(self._key(username, step), _TTL)
        return False

    def current(self, secret: str, now: datetime) -> str:
        """The code of this moment, to display."""
        return pyotp.TOTP(secret, interval=_STEP).generate_otp(next(_steps(now)))

    def _key(self, username: str, step: int) -> str:
        return f"otp:{self._names.hash(username)}:{step}"


def _steps(now: datetime) -> Iterator[int]:
    current = int(now.timestamp()) // _STEP
    return (current + offset for offset in _STEPS)
