"""Reading the audit log in SQL, and anchoring it."""

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from broker.ports.audit import Anchor
from broker.ports.audit import AuditRecord
from broker.ports.audit import Head
from broker.ports.audit import Opening
from broker.ports.audit import Sealed
from broker.ports.audit import listed
from broker.storage.tables import audit
from broker.storage.tables import audit_anchor
from broker.storage.tables import audit_opening
from broker.storage.upsert import ignoring

_AT_ONCE = 1000
"""Rows in memory while all are read."""

_FIND = select(audit).where(audit.c.reference == bindparam("asked")).order_by(audit.c.at, audit.c.id)
_OPENINGS = select(audit_opening).order_by(audit_opening.c.writer)
_ANCHORS = select(audit_anchor).order_by(audit_anchor.c.number)
_LAST_ANCHOR = select(audit_anchor).order_by(audit_anchor.c.number.desc()).limit(1)
_ANCHOR = ignoring(audit_anchor)
_LAST = (
    select(audit.c.writer, func.max(audit.c.sequence).label("sequence"))
    .where(audit.c.writer.is_not(None))
    .group_by(audit.c.writer)
)
_SEALED = select(audit).where(audit.c.writer.is_not(None)).order_by(audit.c.writer, audit.c.sequence)
_UNSEALED = select(audit).where(audit.c.writer.is_(None)).order_by(audit.c.at, audit.c.id)


class SqlAuditTrail:
    """An ``AuditTrail`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._anchor = _ANCHOR[engine.dialect.name]

    def find(self, reference: str) -> Sequence[AuditRecord]:
        with self._engine.connect() as connection:
            rows = connection.execute(_FIND, {"asked": reference}).mappings().all()
        return [_record(row) for row in rows]

    def openings(self) -> Sequence[Opening]:
        with self._engine.connect() as connection:
            rows = connection.execute(_OPENINGS).mappings().all()
        return [
            Opening(**{**row, "public_key": bytes(row["public_key"]), "signature": bytes(row["signature"])})
            for row in rows
        ]

    def anchors(self) -> Iterator[Anchor]:
        return (_made_anchor(row) for row in self._rows(_ANCHORS))

    def last_anchor(self) -> Anchor | None:
        with self._engine.connect() as connection:
            row = connection.execute(_LAST_ANCHOR).mappings().first()
        return None if row is None else _made_anchor(row)

    def anchor(self, anchor: Anchor) -> bool:
        values = {
            "number": anchor.number,
            "at": anchor.at,
            "previous": anchor.previous,
            "heads": listed(anchor.heads),
            "removed": listed(anchor.removed),
            "key_name": anchor.key_name,
            "signature": anchor.signature,
        }
        with self._engine.begin() as connection:
            done = connection.execute(self._anchor, values, execution_options={"preserve_rowcount": True})
            if done.rowcount != 1:
                return False
            for head in anchor.removed:
                gone = (audit.c.writer == head.writer, audit.c.sequence <= head.sequence)
                connection.execute(delete(audit).where(*gone))
            return True

    def heads(self, since: datetime | None) -> Sequence[Head]:
        return self._last(_LAST if since is None else _LAST.where(audit.c.at >= since))

    def heads_before(self, moment: datetime, at_most: int) -> Sequence[Head]:
        return self._last(_LAST.where(audit.c.at < moment).limit(at_most))

    def remove_unsealed(self, before: datetime) -> int:
        with self._engine.begin() as connection:
            gone = delete(audit).where(audit.c.writer.is_(None), audit.c.at < before)
            return connection.execute(gone).rowcount

    def _last(self, chosen: Select[Any]) -> Sequence[Head]:
        last = chosen.subquery()
        same = and_(audit.c.writer == last.c.writer, audit.c.sequence == last.c.sequence)
        found = select(audit.c.writer, audit.c.sequence, audit.c.digest).join(last, same)
        with self._engine.connect() as connection:
            rows = connection.execute(found.order_by(audit.c.writer)).all()
        return [Head(*row) for row in rows]

    def count(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())

    def sealed(self) -> Iterator[Sealed]:
        return (_sealed(row) for row in self._rows(_SEALED))

    def unsealed(self) -> Iterator[AuditRecord]:
        return (_record(row) for row in self._rows(_UNSEALED))

    def _rows(self, chosen: Select[Any]) -> Iterator[RowMapping]:
        with self._engine.connect() as connection:
            streaming = connection.execution_options(yield_per=_AT_ONCE)
            yield from streaming.execute(chosen).mappings()


def _record(row: RowMapping) -> AuditRecord:
    return AuditRecord(
        reference=row["reference"],
        at=row["at"],
        outcome=row["outcome"],
        dienstverlener=row["dienstverlener"],
        service_id=row["service_id"],
        authenticatiedienst=row["authenticatiedienst"],
        registers=tuple(row["registers"]),
        level=row["level"],
        request_id=row["request_id"],
    )


def _sealed(row: RowMapping) -> Sealed:
    signature = bytes(row["signature"] or b"")
    return Sealed(
        _record(row),
        row["writer"],
        row["sequence"] or 0,
        row["previous"] or "",
        row["digest"] or "",
        signature,
    )


def _made_anchor(row: RowMapping) -> Anchor:
    return Anchor(
        number=row["number"],
        at=row["at"],
        previous=row["previous"],
        heads=tuple(Head(*head) for head in row["heads"]),
        key_name=row["key_name"],
        signature=bytes(row["signature"]),
        removed=tuple(Head(*head) for head in row["removed"]),
    )
