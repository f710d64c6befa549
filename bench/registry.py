"""A registry in a dict: the parties of the driver should cost as little as they can."""

from collections.abc import Sequence

from broker.ports import PartnerRecord
from broker.ports import Role
from broker.saml.artifact import source_id


class DictRegistry:
    """A ``Registry`` of one process, filled before it is read."""

    def __init__(self) -> None:
        """Nobody is known yet."""
        self._records: dict[str, PartnerRecord] = {}
        self._sources: dict[bytes, str] = {}

    def save(self, record: PartnerRecord) -> None:
        """Add or replace."""
        self._records[record.entity_id] = record
        self._sources[source_id(record.entity_id)] = record.entity_id

    def remove(self, entity_id: str) -> bool:
        """Forget; False when it was not known."""
        return self._records.pop(entity_id, None) is not None

    def content_hash(self, entity_id: str) -> str | None:
        """The hash in force, None when unknown."""
        record = self._records.get(entity_id)
        return None if record is None else record.content_hash

    def find(self, entity_id: str) -> PartnerRecord | None:
        """The record, None when unknown."""
        return self._records.get(entity_id)

    def find_version(self, _entity_id: str, _content_hash: str) -> PartnerRecord | None:
        """No versions are kept."""
        return None

    def content_hashes(
        self,
        role: Role,
        *,
        suspended: bool = False,  # noqa: ARG002  # nobody is
    ) -> Sequence[tuple[str, str]]:
        """(entityID, hash) in a role, ordered by entityID."""
        records = self._records.values()
        return sorted((each.entity_id, each.content_hash) for each in records if each.role is role)

    def entity_id_for_source(self, source: bytes) -> str | None:
        """Whose SourceID this is."""
        return self._sources.get(source)
