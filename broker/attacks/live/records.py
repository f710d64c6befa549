"""What the makelaar remembers: its state store, audit log and log file, read beside it."""

import json
import time
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from broker.assembly.partner_index import index_of
from broker.assembly.party import Assembled
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.audit import AuditRecord
from broker.saml.artifact import decode_artifact
from broker.settings import MAKELAAR
from broker.storage.audit_trail import SqlAuditTrail
from broker.storage.redis_client import connect
from broker.storage.tables import audit
from broker.storage.tables import state

_AT_ONCE = 500
"""Keys of Redis in one question."""

Snapshot = Mapping[str, bytes]
"""Every key of the state store with its value."""


@dataclass(frozen=True)
class Records:
    """The records of one makelaar."""

    makelaar: Assembled

    def snapshot(self) -> Snapshot:
        """Everything in the state store at this moment."""
        url = self.makelaar.settings.state_url
        if url.startswith("redis"):
            return _redis_snapshot(url)
        with self.makelaar.engine.connect() as connection:
            living = state.c.expires_at > int(time.time() * 1000)
            rows = connection.execute(select(state.c.key, state.c.value).where(living)).all()
        return {str(key): bytes(value or b"") for key, value in rows}

    def audited(self, reference: str) -> list[AuditRecord]:
        """The audit records of a reference, oldest first."""
        return list(SqlAuditTrail(self.makelaar.engine).find(reference))

    def granted(self) -> int:
        """How many logins have succeeded."""
        with self.makelaar.engine.connect() as connection:
            counted = connection.execute(
                select(func.count()).select_from(audit).where(audit.c.outcome == "granted")
            )
            return int(counted.scalar_one())

    def end_lifetime(self, artifact: str) -> None:
        """Wait until an artifact has expired, which is made to be in a second instead of minutes."""
        key, store = f"artifact:{decode_artifact(artifact).handle.hex()}", self.makelaar.state
        value = store.get(key)
        if value is not None:
            store.put(key, value, 1)
            time.sleep(1.1)

    def registered(self) -> Mapping[str, PartnerRecord]:
        """Every partner that is registered, by entityID."""
        registry = self.makelaar.registry
        names = [name for role in Role for name, _ in registry.content_hashes(role)]
        return {name: record for name in names if (record := registry.find(name)) is not None}

    def put_back(self, before: Mapping[str, PartnerRecord]) -> None:
        """Make the partners those that they were."""
        registry, lowest = self.makelaar.registry, self.makelaar.settings.lowest_level
        for name, record in self.registered().items():
            if name not in before:
                registry.remove(name)
            elif before[name] != record:
                registry.save(before[name], index_of(before[name], MAKELAAR.oin, lowest))
        for name in before.keys() - self.registered().keys():
            registry.save(before[name], index_of(before[name], MAKELAAR.oin, lowest))

    @property
    def log_size(self) -> int:
        """How many bytes the log file of the makelaar has; 0 where there is none."""
        return self._log.stat().st_size if self._log.is_file() else 0

    def logged(self, since: int) -> bytes:
        """What was added to the log file after it had so many bytes."""
        if not self._log.is_file():
            return b""
        with self._log.open("rb") as file:
            file.seek(since)
            return file.read()

    @property
    def _log(self) -> Path:
        return self.makelaar.settings.log_folder / f"{self.makelaar.party.name}.log"


@cache
def _client(url: str) -> Any:
    return connect(url)


def _redis_snapshot(url: str) -> Snapshot:
    client = _client(url)
    keys = list(client.scan_iter(count=1000))
    # One question for many keys, but in a cluster, where each may lie elsewhere.
    ask = getattr(client, "mget_nonatomic", client.mget)
    values = [value for batch in _batches(keys) for value in ask(batch)]
    return {
        key.decode() if isinstance(key, bytes) else str(key): value
        for key, value in zip(keys, values, strict=True)
        if value is not None
    }


def _batches(keys: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def journey_in(snapshot: Snapshot, journey_id: str) -> dict[str, Any]:
    """The record of a login, empty when it is not there."""
    data = snapshot.get(f"journey:{journey_id}")
    return {} if data is None else dict(json.loads(data))


def given_out(before: Snapshot, after: Snapshot, *prefixes: str) -> list[str]:
    """The keys with these prefixes that came or changed. One that went may only have been past its lifetime."""
    return sorted(
        key for key, value in after.items() if key.startswith(prefixes) and before.get(key) != value
    )


def changed(before: Snapshot, after: Snapshot, *prefixes: str) -> list[str]:
    """The keys with these prefixes that came, went or changed."""
    keys = {key for key in before.keys() | after.keys() if key.startswith(prefixes)}
    return sorted(key for key in keys if before.get(key) != after.get(key))
