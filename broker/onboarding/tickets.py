"""Test tickets: an unguessable value in a cookie, by which a browser takes part in a test of one dienstverlener.

The state store holds a ticket under the SHA-256 of its value, for half an hour. Without it a login is an ordinary one.
"""

import hashlib
import json
import secrets
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace
from typing import Final

from broker.ports import StateStore

LASTS_SECONDS: Final = 30 * 60
"""How long a ticket holds: a test login takes minutes."""
_SECRET_BYTES: Final = 24
_SECRET_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a browser may test. ``answered`` tells that the one answer of the rehearsal has left.

    ``version_id`` is the version that logins at the dienstverlener go by, answered or not; None for the one in force.
    ``login_url`` is where the dienstverlener lets people log in, when whoever started the test knew.
    """

    rehearsal: str
    kind: str
    entity_id: str
    started_by: str
    service_id: str | None = None
    version_id: str | None = None
    login_url: str | None = None
    answered: bool = False


class Tickets:
    """The tickets that are out."""

    def __init__(self, state: StateStore) -> None:
        """``state`` is the makelaar's."""
        self._state = state

    def issue(self, ticket: Ticket) -> str:
        """Put a ticket out; its value, which is kept nowhere."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._state.put(_key(secret), _write(ticket), LASTS_SECONDS)
        return secret

    def find(self, secret: str) -> Ticket | None:
        """The ticket with this value, None when there is none (any more)."""
        if len(secret) != _SECRET_CHARACTERS:
            return None
        data = self._state.get(_key(secret))
        return None if data is None else Ticket(**json.loads(data))

    def answer(self, secret: str, ticket: Ticket) -> Ticket | None:
        """Use up the one answer of a ticket; None when another request was first, or its time is up."""
        used = replace(ticket, answered=True)
        swapped = self._state.swap(_key(secret), _write(ticket), _write(used), LASTS_SECONDS)
        return used if swapped else None

    def drop(self, secret: str) -> None:
        """End a test before its time."""
        self._state.drop(_key(secret))


def _write(ticket: Ticket) -> bytes:
    return json.dumps(asdict(ticket)).encode("utf-8")


def _key(secret: str) -> str:
    return f"test-ticket:{hashlib.sha256(secret.encode('utf-8')).hexdigest()}"
