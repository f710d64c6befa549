"""Where documents are fetched from, in SQL."""

import json
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import Select
from sqlalchemy import delete
from sqlalchemy import select

from broker.ports import Role
from broker.ports.changes import Change
from broker.ports.sources import DocumentSource
from broker.storage.changes import write_change
from broker.storage.tables import document_source
from broker.storage.upsert import replacing

_PUT = replacing(document_source)


class SqlDocumentSources:
    """``DocumentSources`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, source: DocumentSource, change: Change | None = None) -> None:
        values = {name: getattr(source, name) for name in DocumentSource.__slots__ if name != "every"}
        values |= {
            "role": source.role.value,
            "every_seconds": int(source.every.total_seconds()),
            "validators": json.dumps(dict(source.validators)),
        }
        with self._engine.begin() as connection:
            connection.execute(_PUT[self._engine.dialect.name], values)
            if change is not None:
                write_change(connection, change)

    def remove(self, entity_id: str, change: Change) -> bool:
        own = document_source.c.entity_id == entity_id
        with self._engine.begin() as connection:
            gone = connection.execute(delete(document_source).where(own)).rowcount == 1
            if gone:
                write_change(connection, change)
        return gone

    def find(self, entity_id: str) -> DocumentSource | None:
        found = self._read(select(document_source).where(document_source.c.entity_id == entity_id))
        return found[0] if found else None

    def every(self) -> Sequence[DocumentSource]:
        return sorted(self._read(select(document_source)), key=lambda source: source.entity_id)

    def due(self, now: datetime, limit: int = 20) -> Sequence[DocumentSource]:
        query = select(document_source).where(document_source.c.next_at <= now)
        return self._read(query.order_by(document_source.c.next_at).limit(limit))

    def _read(self, query: Select[Any]) -> list[DocumentSource]:
        with self._engine.connect() as connection:
            return [_source_of(row) for row in connection.execute(query).mappings()]


def _source_of(row: RowMapping) -> DocumentSource:
    named = {"role", "every", "validators"}
    values = {name: row[name] for name in DocumentSource.__slots__ if name not in named}
    return DocumentSource(
        **values,
        role=Role(row["role"]),
        every=timedelta(seconds=row["every_seconds"]),
        validators=json.loads(row["validators"] or "{}"),
    )
