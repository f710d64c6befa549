"""Tokens of the API: made by an approver, shown once, and known afterwards by their SHA-256 alone."""

import hashlib
import secrets
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.actors import require
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.tokens import ApiToken
from broker.ports.tokens import Scope
from broker.ports.tokens import TokenStore
from broker.storage.tokens import SqlTokens

PREFIX: Final = "makelaar_"
"""How a token begins, so that who finds one somewhere knows what it is."""

LONGEST_DAYS: Final = 366
"""How long a token may live."""

DAYS: Final = 90
"""How long it lives when nothing is said."""

_SECRET_BYTES = 32
_NOTED_EVERY = timedelta(minutes=1)


class UnknownToken(LookupError):
    """No token has this id or name, or it has ended already."""


class Tokens:
    """The tokens of the makelaar."""

    def __init__(self, engine: Engine, clock: Clock = system_clock) -> None:
        """Works on the database of the makelaar."""
        self._store: TokenStore = SqlTokens(engine)
        self._clock = clock

    def make(
        self, name: str, scopes: Iterable[Scope], actor: Actor, days: int = DAYS, reason: str = ""
    ) -> tuple[ApiToken, str]:
        """A new token, and its text, which is kept nowhere.

        Raises ``NotAllowed``, ``TokenTaken``, and ValueError for a name or number of days that will not do.
        """
        require(actor, OperatorRole.APPROVER)
        if not name.strip() or len(name) > 200 or not name.isprintable():
            raise ValueError("give the token a name that says which program uses it")
        if not 1 <= days <= LONGEST_DAYS:
            raise ValueError(f"a token lives for 1 to {LONGEST_DAYS} days")
        wanted = frozenset(scopes)
        if not wanted:
            raise ValueError("a token needs at least one scope")
        now = self._clock()
        token = ApiToken(secrets.token_hex(8), name, wanted, actor.name, now, now + timedelta(days=days))
        text = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        detail: dict[str, str | int | None] = {"scopes": " ".join(sorted(wanted)), "days": days}
        self._store.add(
            token, _hash(text), Change(now, actor.name, "token-made", token.actor.name, reason, detail)
        )
        return token, text

    def find(self, text: str) -> ApiToken | None:
        """The token with this text if it may be used now; that it was used is noted once a minute."""
        now = self._clock()
        token = self._store.by_hash(_hash(text)) if text.startswith(PREFIX) else None
        if token is None or not token.is_good(now):
            return None
        if token.last_used_at is None or now - token.last_used_at >= _NOTED_EVERY:
            self._store.note_use(token.id, now)
        return token

    def list(self) -> Sequence[ApiToken]:
        """All tokens, newest first, those that ended too."""
        return self._store.list()

    def revoke(self, wanted: str, actor: Actor, reason: str = "") -> ApiToken:
        """End the token with this id, or this name, at once. Raises ``NotAllowed`` and ``UnknownToken``."""
        require(actor, OperatorRole.APPROVER)
        now = self._clock()
        for token in self._store.list():
            if wanted in {token.id, token.name} and token.revoked_at is None:
                change = Change(now, actor.name, "token-revoked", token.actor.name, reason)
                if self._store.revoke(token.id, change):
                    return token
        raise UnknownToken(f"there is no token {wanted} that has not ended")


def _hash(text: str) -> str:
    """A fast hash is enough: nobody can guess 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()
