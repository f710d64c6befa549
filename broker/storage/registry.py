"""The partners in SQL."""

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from broker.domain.connection import Connection
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports import Source
from broker.storage.tables import partner
from broker.storage.upsert import replacing

_SAVE = replacing(partner)
_REMOVE = delete(partner).where(partner.c.entity_id == bindparam("asked"))
_HASH = select(partner.c.content_hash).where(partner.c.entity_id == bindparam("asked"))
_FIND = select(partner).where(partner.c.entity_id == bindparam("asked"))
_HASHES = select(partner.c.entity_id, partner.c.content_hash).where(partner.c.role == bindparam("asked"))
_FOR_SOURCE = select(partner.c.entity_id).where(partner.c.source_id == bindparam("asked"))


class SqlRegistry:
    """A ``Registry`` over an engine of ``make_engine``; nothing is remembered between calls."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._save = _SAVE[engine.dialect.name]

    def save(self, record: PartnerRecord) -> None:
        with self._engine.begin() as connection:
            connection.execute(self._save, values_of(record))

    def remove(self, entity_id: str) -> bool:
        with self._engine.begin() as connection:
            return connection.execute(_REMOVE, {"asked": entity_id}).rowcount == 1

    def content_hash(self, entity_id: str) -> str | None:
        with self._engine.connect() as connection:
            return connection.execute(_HASH, {"asked": entity_id}).scalar_one_or_none()

    def find(self, entity_id: str) -> PartnerRecord | None:
        with self._engine.connect() as connection:
            row = connection.execute(_FIND, {"asked": entity_id}).mappings().one_or_none()
        return None if row is None else record_of(row)

    def content_hashes(self, role: Role) -> Sequence[tuple[str, str]]:
        with self._engine.connect() as connection:
            rows = connection.execute(_HASHES, {"asked": role.value}).all()
        # Sorted here: databases differ in how they order text.
        return sorted((entity_id, content_hash) for entity_id, content_hash in rows)

    def entity_id_for_source(self, source_id: bytes) -> str | None:
        with self._engine.connect() as connection:
            return connection.execute(_FOR_SOURCE, {"asked": source_id}).scalar_one_or_none()


def values_of(record: PartnerRecord) -> dict[str, Any]:
    """The columns of a record."""
    return {
        "entity_id": record.entity_id,
        "source_id": source_id(record.entity_id),
        "role": record.role.value,
        "metadata": record.metadata,
        "catalogue": record.catalogue,
        "content_hash": record.content_hash,
        "added_at": record.added_at,
        "connection": record.connection.to_json(),
        "source": record.source.value,
    }


def record_of(row: RowMapping) -> PartnerRecord:
    """The record in these columns."""
    return PartnerRecord(
        entity_id=row["entity_id"],
        role=Role(row["role"]),
        metadata=bytes(row["metadata"]),
        catalogue=None if row["catalogue"] is None else bytes(row["catalogue"]),
        content_hash=row["content_hash"],
        added_at=row["added_at"],
        connection=Connection.from_json(row["connection"] or "{}"),
        source=Source(row["source"] or Source.OPERATOR),
    )


def source_id(entity_id: str) -> bytes:
    """The SourceID by which artifacts name their issuer: SHA-1 of the entityID (SAML bindings 3.6.4), 20
    bytes.
    """
    return sha1(entity_id.encode(), usedforsecurity=False).digest()
