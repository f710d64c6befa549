"""Who misbehaves how, and when: the same seed and the same logins give the same misbehaviours."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Misbehaviour
from broker.network.nasty.catalogue import Where
from broker.network.nasty.catalogue import repertoire
from broker.ports import Role
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings

EMBEDDED: Final = tuple(party for party in PARTIES if party.role is not Role.HM)
"""The parties that can misbehave: all of the box but the makelaar."""


class UnknownMisbehaviour(ValueError):
    """Somebody is told to do what is not in the table, or nobody goes by that name; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one party misbehaves: what it may do, and in one of how many cases it does."""

    seed: str
    choices: tuple[Misbehaviour, ...]
    one_in: int


def plan_for(settings: Settings, party: Party) -> Plan | None:
    """The plan of a party, None when it behaves. Raises ``UnknownMisbehaviour`` for any plan that is none.

    What ``misbehave`` says of a party it does always; by ``nasty`` alone it does anything it can, sometimes.
    """
    named = read_plans(settings.misbehave)
    seed = settings.nasty or ""
    if party in named:
        return Plan(seed, named[party], 1)
    if settings.nasty is None or party not in EMBEDDED:
        return None
    return Plan(seed, repertoire(party.role), settings.nasty_one_in)


def read_plans(told: Iterable[str]) -> dict[Party, tuple[Misbehaviour, ...]]:
    """What each party was told to do, from texts as ``mr2=obligation-dropped``. Raises ``UnknownMisbehaviour``."""
    plans: dict[Party, tuple[Misbehaviour, ...]] = {}
    for text in told:
        who, _, what = text.partition("=")
        party = _party(who.strip())
        found = MISBEHAVIOURS.get(what.strip())
        if found is None or party.role not in found.roles:
            able = ", ".join(each.name for each in repertoire(party.role))
            raise UnknownMisbehaviour(f"{text}: {party.name} can do {able}")
        plans[party] = (*plans.get(party, ()), found)
    return plans


def names_of(party: Party) -> tuple[str, ...]:
    """What a party may be called: its name, its role with its number among those of that role, and what it shows."""
    same = [other for other in EMBEDDED if other.role is party.role]
    number = str(same.index(party) + 1)
    short = party.role.lower()
    shown = tuple(party.display_name(lang).split()[0].lower() for lang in ("nl",))
    return (party.name, short + number, *((short,) if number == "1" else ()), *shown)


def _party(who: str) -> Party:
    found = [party for party in EMBEDDED if who.lower() in names_of(party)]
    if len(found) != 1:
        known = ", ".join(names_of(party)[1] + f" ({party.name})" for party in EMBEDDED)
        raise UnknownMisbehaviour(f"{who or 'nobody'} is none of the parties: {known}")
    return found[0]


class Chooser:
    """Says for each occasion whether to misbehave, and how. Counts occasions of a kind, in this process."""

    def __init__(self, plan: Plan, party: str) -> None:
        """``party`` makes two parties with one seed choose differently."""
        self._plan = plan
        self._party = party
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def choose(
        self, occasion: str, where: Iterable[Where], can: Callable[[Misbehaviour], bool]
    ) -> Misbehaviour | None:
        """What to do at the next occasion of this name; None to behave. ``can`` leaves out what cannot be done now."""
        with self._lock:
            number = self._counts[occasion]
            self._counts[occasion] += 1
        digest = hmac.digest(
            self._plan.seed.encode(), f"{self._party}:{occasion}:{number}".encode(), hashlib.sha256
        )
        if int.from_bytes(digest[:8]) % self._plan.one_in:
            return None
        places = frozenset(where)
        able = [each for each in self._plan.choices if each.where in places and can(each)]
        return _weighed(able, int.from_bytes(digest[8:16])) if able else None


def _weighed(able: Sequence[Misbehaviour], number: int) -> Misbehaviour:
    left = number % sum(each.weight for each in able)
    for each in able:
        if left < each.weight:
            return each
        left -= each.weight
    raise AssertionError("the weights add up")
