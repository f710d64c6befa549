"""How often somebody may guess."""

from typing import Final

from broker.assembly.name_hasher import NameHasher
from broker.ports import StateStore

ALLOWED: Final = 25
"""An attempt that is still being judged counts as well, so there is room for as many logins at once; NIST SP 800-63B
5.2.2 allows up to a hundred failures.

Past it: `ad.error.locked` on the page, until fifteen minutes after the first attempt."""
_WINDOW = 15 * 60


class Attempts:
    """Counts attempts per username and factor, whether or not anybody has that username.

    An attempt is counted before it is judged, so that guesses that come at once are not all judged; success wipes
    the count of its factor.
    """

    def __init__(self, state: StateStore, names: NameHasher) -> None:
        """``state`` keeps the counts, for fifteen minutes from the first attempt."""
        self._state = state
        self._names = names

    def may_try(self, username: str, factor: str) -> bool:
        """Count an attempt; False when there were ``ALLOWED`` before it."""
        return self._state.count(self._key(username, factor), _WINDOW) <= ALLOWED

    def succeeded(self, username: str, factor: str) -> None:
        """Forget the attempts that led to this success."""
        self._state.drop(self._key(username, factor))

    def _key(self, username: str, factor: str) -> str:
        return f"attempts:{factor}:{self._names.hash(username)}"
