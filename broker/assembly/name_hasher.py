"""Usernames as keys of the state store, which may hold no personal data."""

import hashlib
import hmac

from broker.storage.middelen import folded


class NameHasher:
    """Turns usernames into keys that only this party can compute."""

    def __init__(self, secret: bytes) -> None:
        """``secret`` is the party's own."""
        self._secret = secret

    def hash(self, username: str) -> str:
        """The key of a username, the same for all spellings that count as one."""
        return hmac.new(self._secret, folded(username).encode(), hashlib.sha256).hexdigest()[:32]
