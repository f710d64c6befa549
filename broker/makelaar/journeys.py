"""Journeys in the state store: one record each, changed only by compare-and-swap."""

from dataclasses import replace

from broker.journey.record import Journey
from broker.ports import StateStore
from broker.saml.policy import LIFETIMES

TTL = int(LIFETIMES.journey.total_seconds())


class StaleJourney(Exception):
    """Another request changed this login in the meantime, or ended it."""


class Journeys:
    """Reads and writes the records of logins."""

    def __init__(self, state: StateStore) -> None:
        """``state`` is shared by all processes of the makelaar."""
        self._state = state

    def start(self, journey: Journey) -> None:
        """Keep a new login."""
        self._state.put(_key(journey.id), journey.to_bytes(), TTL)

    def find(self, journey_id: str) -> Journey | None:
        """The login with this id, None when it does not exist or its time is up."""
        if not journey_id.isalnum() or len(journey_id) > 64:
            return None
        data = self._state.get(_key(journey_id))
        return None if data is None else Journey.from_bytes(data)

    def advance(self, old: Journey, new: Journey) -> Journey:
        """Replace ``old`` by ``new`` and return it. Raises ``StaleJourney`` when ``old`` is no longer what is kept."""
        data = new.to_bytes()
        if not self._state.swap(_key(old.id), old.stored or old.to_bytes(), data, TTL):
            raise StaleJourney
        return replace(new, stored=data)


def _key(journey_id: str) -> str:
    return f"journey:{journey_id}"
