"""Logouts in the state store: what has to be known to answer the dienstverlener, or to show how it ended."""

import json
import secrets
from dataclasses import asdict
from dataclasses import dataclass
from enum import StrEnum

from broker.ports import StateStore
from broker.saml.policy import LIFETIMES

_TTL = int(LIFETIMES.journey.total_seconds())


class Stage(StrEnum):
    """How far a logout is."""

    AT_AD = "at-ad"
    """The authenticatiedienst was asked, and will answer."""
    UNKNOWN = "unknown"
    """We could not end what there may be; closing the browser does."""
    NOTHING = "nothing"
    """There was nothing to end."""


@dataclass(frozen=True, slots=True)
class Logout:
    """One logout: the proven dienstverlener and its request, and who was asked by which request of ours.

    ``in_test`` is the version of the dienstverlener that it tries out, None for the one in force.
    """

    id: str
    reference: str
    dienstverlener: str
    request_id: str
    relay_state: str | None
    stage: Stage
    authenticatiedienst: str | None = None
    ad_request: str | None = None
    in_test: str | None = None


class Logouts:
    """Reads and writes the records of logouts."""

    def __init__(self, state: StateStore) -> None:
        """``state`` is shared by all processes of the makelaar."""
        self._state = state

    @staticmethod
    def new_id() -> str:
        """An id for a new logout; it stands in addresses and travels as RelayState."""
        return secrets.token_hex(16)

    def save(self, logout: Logout) -> None:
        """Keep a logout, or what became of it."""
        self._state.put(_key(logout.id), json.dumps(asdict(logout)).encode(), _TTL)

    def find(self, logout_id: str) -> Logout | None:
        """The logout with this id, None when it does not exist, has been answered, or its time is up."""
        return _read(self._state.get(_key(logout_id))) if _is_id(logout_id) else None

    def take(self, logout_id: str) -> Logout | None:
        """The logout with this id, for whoever answers it: once."""
        return _read(self._state.take(_key(logout_id))) if _is_id(logout_id) else None


def _read(data: bytes | None) -> Logout | None:
    if data is None:
        return None
    values = json.loads(data)
    return Logout(**{**values, "stage": Stage(values["stage"])})


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 64


def _key(logout_id: str) -> str:
    return f"ending:{logout_id}"
