"""The partners in SQL."""

from collections.abc import Collection
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha1
from typing import Any
from typing import cast

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import RowMapping
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from broker.domain.connection import Connection
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports import Source
from broker.ports.partner_index import PartnerIndex
from broker.storage.partner_index import SqlPartnerIndexes
from broker.storage.partner_index import clear_index
from broker.storage.partner_index import write_indexes
from broker.storage.tables import partner
from broker.storage.tables import partner_version
from broker.storage.tables import registry_edition
from broker.storage.tables.login import UNINDEXED
from broker.storage.upsert import INSERTS
from broker.storage.upsert import replacing

# What an operator decided beside the documents outlives them.
_KEPT = ("version", "suspended_at")
_SAVE = replacing(partner, keep=_KEPT)
_REMOVE = delete(partner).where(partner.c.entity_id == bindparam("asked"))
_ROLES = select(partner.c.role).where(partner.c.entity_id.in_(bindparam("asked", expanding=True))).distinct()
_AT_WORK = partner.c.suspended_at.is_(None)
_HASH = select(partner.c.content_hash).where(partner.c.entity_id == bindparam("asked"), _AT_WORK)
_FIND = select(partner).where(partner.c.entity_id == bindparam("asked"))
_HASHES = select(partner.c.entity_id, partner.c.content_hash).where(partner.c.role == bindparam("asked"))
_VERSION = (
    select(partner_version)
    .where(
        partner_version.c.entity_id == bindparam("asked"),
        partner_version.c.content_hash == bindparam("content"),
    )
    .order_by(partner_version.c.number.desc())
    .limit(1)
)
_FOR_SOURCE = select(partner.c.entity_id).where(partner.c.source_id == bindparam("asked"))
_UNINDEXED = select(partner.c.entity_id).where(UNINDEXED).order_by(partner.c.entity_id)
_EDITION = select(func.coalesce(func.sum(registry_edition.c.number), 0)).where(
    registry_edition.c.role.in_(bindparam("asked", expanding=True))
)
_INDEXED = (
    update(partner)
    .where(partner.c.entity_id == bindparam("asked"), partner.c.content_hash == bindparam("hash"))
    .values(name=bindparam("shown"), indexed=bindparam("hash"))
)
_NAME = cast(String, partner.c.name.type)
_NEXT_EDITION = {
    dialect: table_insert(registry_edition)
    .values(role=bindparam("asked"), number=1)
    .on_conflict_do_update(
        index_elements=[registry_edition.c.role], set_={"number": registry_edition.c.number + 1}
    )
    for dialect, table_insert in INSERTS.items()
}

_ENDED_LAST = (
    select(partner_version)
    .where(partner_version.c.entity_id == bindparam("asked"), partner_version.c.ended_at.is_not(None))
    .order_by(partner_version.c.ended_at.desc(), partner_version.c.number.desc())
    .limit(1)
)


class SqlRegistry(SqlPartnerIndexes):
    """A ``Registry`` over an engine of ``make_engine``; nothing is remembered between calls."""

    def save(self, record: PartnerRecord, index: PartnerIndex | None = None) -> None:
        with self._engine.begin() as connection:
            save_partner(connection, record, index)

    def remove(self, entity_id: str) -> bool:
        with self._engine.begin() as connection:
            note_changes(connection, [entity_id])
            clear_index(connection, [entity_id])
            return connection.execute(_REMOVE, {"asked": entity_id}).rowcount == 1

    def reindex(self, entity_id: str, content_hash: str, index: PartnerIndex) -> None:
        with self._engine.begin() as connection:
            note_changes(connection, [entity_id])
            values = {"asked": entity_id, "hash": content_hash, "shown": index.name[: _NAME.length]}
            if connection.execute(_INDEXED, values).rowcount == 1:
                write_indexes(connection, [(entity_id, index)])

    def unindexed(self) -> Sequence[str]:
        with self._engine.connect() as connection:
            return connection.execute(_UNINDEXED).scalars().all()

    def edition(self, *roles: Role) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(_EDITION, {"asked": [str(role) for role in roles]}).scalar_one())

    def content_hash(self, entity_id: str) -> str | None:
        with self._engine.connect() as connection:
            return connection.execute(_HASH, {"asked": entity_id}).scalar_one_or_none()

    def find(self, entity_id: str) -> PartnerRecord | None:
        with self._engine.connect() as connection:
            row = connection.execute(_FIND, {"asked": entity_id}).mappings().one_or_none()
        return None if row is None else record_of(row)

    def find_version(self, entity_id: str, content_hash: str) -> PartnerRecord | None:
        asked = {"asked": entity_id, "content": content_hash}
        with self._engine.connect() as connection:
            row = connection.execute(_VERSION, asked).mappings().one_or_none()
        return None if row is None else _record_of_version(row)

    def ended_last(self, entity_id: str) -> tuple[PartnerRecord, datetime] | None:
        """The version of a partner that was in force before, and when it ended; None when none was."""
        with self._engine.connect() as connection:
            row = connection.execute(_ENDED_LAST, {"asked": entity_id}).mappings().one_or_none()
        return None if row is None else (_record_of_version(row), row["ended_at"])

    def content_hashes(self, role: Role, *, suspended: bool = False) -> Sequence[tuple[str, str]]:
        query = _HASHES if suspended else _HASHES.where(_AT_WORK)
        with self._engine.connect() as connection:
            rows = connection.execute(query, {"asked": role.value}).all()
        # Sorted here: databases differ in how they order text.
        return sorted((entity_id, content_hash) for entity_id, content_hash in rows)

    def entity_id_for_source(self, source_id: bytes) -> str | None:
        with self._engine.connect() as connection:
            return connection.execute(_FOR_SOURCE, {"asked": source_id}).scalar_one_or_none()


def save_partner(connection: SqlConnection, record: PartnerRecord, index: PartnerIndex | None) -> None:
    """Save a partner with its index in the transaction of ``connection``: other changes may belong with it.

    Without an index it is found by entityID only, until ``assembly.partner_index.build_index`` comes by. Raises
    ``ports.partner_index.ServiceTaken``, and the transaction is spent.
    """
    save_partners(connection, [(record, index)])


def save_partners(
    connection: SqlConnection, partners: Sequence[tuple[PartnerRecord, PartnerIndex | None]]
) -> None:
    """Save partners as ``save_partner`` does, many in few statements."""
    # First: who changes partners of one role waits here for the other, and never halfway.
    note_changes(
        connection, [record.entity_id for record, _ in partners], {record.role for record, _ in partners}
    )
    save = _SAVE[connection.dialect.name]
    connection.execute(save, [values_of(record, index) for record, index in partners])
    clear_index(connection, [record.entity_id for record, index in partners if index is None])
    write_indexes(connection, [(record.entity_id, index) for record, index in partners if index is not None])


def note_changes(connection: SqlConnection, entity_ids: Sequence[str], roles: Collection[Role] = ()) -> None:
    """Let the editions go up of the roles that these partners have, and of ``roles``, in this transaction."""
    before = connection.execute(_ROLES, {"asked": list(entity_ids)}).scalars()
    for role in sorted({*before, *roles}):
        connection.execute(_NEXT_EDITION[connection.dialect.name], {"asked": str(role)})


def values_of(record: PartnerRecord, index: PartnerIndex | None = None) -> dict[str, Any]:
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
        "name": None if index is None else index.name[: _NAME.length],
        "indexed": None if index is None else record.content_hash,
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
        version=row["version"],
        suspended_at=row["suspended_at"],
    )


def _record_of_version(row: RowMapping) -> PartnerRecord:
    return PartnerRecord(
        entity_id=row["entity_id"],
        role=Role(row["role"]),
        metadata=bytes(row["metadata"]),
        catalogue=None if row["catalogue"] is None else bytes(row["catalogue"]),
        content_hash=row["content_hash"],
        added_at=row["created_at"],
        connection=Connection.from_json(row["connection"]),
        version=row["number"],
    )


def source_id(entity_id: str) -> bytes:
    """The SourceID by which artifacts name their issuer: SHA-1 of the entityID (SAML bindings 3.6.4), 20
    bytes.
    """
    return sha1(entity_id.encode(), usedforsecurity=False).digest()
