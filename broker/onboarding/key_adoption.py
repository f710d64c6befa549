"""Which partner was seen with which of our keys, and who would break if the next one signed now."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.personal_address import PersonalAddresses
from broker.domain.own_keys import KeyState
from broker.onboarding.actors import require
from broker.onboarding.key_refused import KeyRefused
from broker.onboarding.own_keys import KeyLine
from broker.onboarding.own_keys import OwnKeys
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.sightings import Seen
from broker.ports.sightings import Sighting
from broker.ports.sightings import Unseen
from broker.storage.changes import SqlChangeLog
from broker.storage.network import SqlNetworkStore
from broker.storage.sightings import SqlSightingLog

PAGE = 100


@dataclass(frozen=True, slots=True)
class Adoption:
    """How many partners were seen with a key, by how; ``unseen`` is how many in force are not known to know it."""

    name: str
    state: KeyState
    fingerprint: str
    counts: dict[Seen, int]
    unseen: int


class KeyAdoption:
    """The sightings of an installation."""

    def __init__(self, makelaar: Assembled) -> None:
        """``makelaar`` is that of this installation."""
        self._makelaar = makelaar
        self._keys = OwnKeys(makelaar)
        self._log = SqlSightingLog(makelaar.engine)
        self._clock = makelaar.station.own.clock

    def overview(self) -> tuple[Adoption, ...]:
        """Every key that metadata holds."""
        counts = self._log.counts()
        lines = self._keys.states(self._clock())
        return tuple(self._adoption(line, counts) for line in lines if line.state is not KeyState.RETIRED)

    def of_key(self, name: str) -> Adoption:
        """That of one key. Raises ``KeyRefused`` when there is none of this name."""
        return self._adoption(self._keys.find(name), self._log.counts())

    def _adoption(self, line: KeyLine, counts: Mapping[tuple[str, Seen], int]) -> Adoption:
        fingerprint = line.key.fingerprint
        return Adoption(
            line.key.name,
            line.state,
            fingerprint,
            {how: counts.get((fingerprint, how), 0) for how in Seen},
            self._log.count_without(fingerprint),
        )

    def of_partner(self, entity_id: str) -> Sequence[tuple[str, Sighting]]:
        """The sightings of one partner, each with the name of the key."""
        names = {line.key.fingerprint: line.key.name for line in self._keys.states(self._clock())}
        return [(names.get(each.fingerprint, "?"), each) for each in self._log.of_partner(entity_id)]

    def would_break(self, name: str | None = None, *, after: str = "") -> Sequence[Unseen]:
        """Partners in force that are not known to know a key, by default the next one: a page of ``PAGE``.

        Nobody, when no key is announced. Raises ``KeyRefused`` for a key that is not there.
        """
        key = self._keys.next_key(self._clock()) if name is None else self._keys.find(name).key
        return [] if key is None else self._log.without(key.fingerprint, limit=PAGE, after=after)

    def address(self, entity_id: str) -> str:
        """Where this partner fetches our metadata, so that we see it. Raises ``KeyRefused`` for nobody we know."""
        record = self._makelaar.registry.find(entity_id)
        if record is None:
            raise KeyRefused("partner", entity_id=entity_id)
        path = paths.METADATA if record.role is Role.DV else paths.NETWORK_METADATA
        url = self._makelaar.public_url + path
        return PersonalAddresses.of(self._makelaar.settings).address(url, entity_id)

    def confirm(self, name: str, entity_ids: Iterable[str], actor: Actor, why: str = "") -> int:
        """Keep that these partners said to have a key; how many they are.

        Raises ``KeyRefused`` when one is not connected or there is no such key, and ``NotAllowed``.
        """
        require(actor, OperatorRole.OPERATOR)
        key = self._keys.find(name).key
        told = sorted(set(entity_ids))
        for entity_id in told:
            if self._makelaar.registry.content_hash(entity_id) is None:
                raise KeyRefused("partner", entity_id=entity_id)
        now = self._clock()
        self._log.note([(entity_id, key.fingerprint, Seen.CONFIRMED) for entity_id in told], now)
        history = SqlChangeLog(self._makelaar.engine)
        for entity_id in told:
            history.write(Change(now, actor.name, "key-confirmed", entity_id, why, {"key": name}))
        return len(told)

    def of_the_network(self) -> tuple[str, ...]:
        """The entityIDs that the network metadata brought: the beheerorganisatie hands them our metadata."""
        return tuple(record.entity_id for record in SqlNetworkStore(self._makelaar.engine).partners())
