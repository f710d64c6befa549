"""Tokens with which programs use the API: what each may do, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole


class Scope(StrEnum):
    """What a token may do. Writing does not include reading."""

    PARTNERS_READ = "partners:read"
    PARTNERS_WRITE = "partners:write"
    """Hand in, test, ask approval, activate, withdraw, suspend."""
    APPROVALS_WRITE = "approvals:write"
    """Approve, reject, roll back: what an approver may."""
    CHECKS_WRITE = "checks:write"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    LINKS_READ = "links:read"
    LINKS_WRITE = "links:write"
    WEATHER_READ = "weather:read"
    CHANGES_READ = "changes:read"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token: its name is in the history of whatever it does. The token itself is kept nowhere."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """Who the history says did what is done with it."""
        role = OperatorRole.VIEWER
        if Scope.APPROVALS_WRITE in self.scopes:
            role = OperatorRole.APPROVER
        elif any(scope.endswith(":write") for scope in self.scopes):
            role = OperatorRole.OPERATOR
        return Actor(f"token:{self.name}", role)

    def is_good(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and now < self.expires_at

    def used(self, at: datetime) -> "ApiToken":
        """The same, used at this moment."""
        return replace(self, last_used_at=at)


class TokenTaken(Exception):
    """A token that may still be used has this name."""


class TokenStore(Protocol):
    """The tokens, by the SHA-256 of each. A change and the line of history about it are one transaction."""

    def add(self, token: ApiToken, token_hash: str, change: Change) -> None:
        """Keep a new token. Raises ``TokenTaken`` when one that is good at its making has its name."""

    def by_hash(self, token_hash: str) -> ApiToken | None:
        """The token with this hash, good or not."""

    def list(self) -> Sequence[ApiToken]:
        """All tokens, newest first."""

    def revoke(self, token_id: str, change: Change) -> bool:
        """End a token at the moment of the change; False when there is none that has not ended."""

    def note_use(self, token_id: str, at: datetime) -> None:
        """Keep when it was used last."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request with an Idempotency-Key was, and what was answered; ``status`` None while it is under way."""

    request_hash: str
    status: int | None
    body: str | None


class IdempotencyStore(Protocol):
    """What was answered to requests with an Idempotency-Key, by token and key."""

    def begin(
        self, token_id: str, key: str, request_hash: str, at: datetime, stale: datetime, abandoned: datetime
    ) -> Answered | None:
        """None for the first who brings this key, who must ``finish`` or ``forget`` it; else what is known of it.

        What was begun before ``stale``, or before ``abandoned`` and not finished, is forgotten first.
        """

    def finish(self, token_id: str, key: str, status: int, body: str) -> None:
        """Keep the answer."""

    def forget(self, token_id: str, key: str) -> None:
        """Nothing was done: the key may be used again."""
