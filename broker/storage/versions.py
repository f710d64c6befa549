"""The versions of partners in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from broker.domain.connection import Connection
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.changes import Change
from broker.ports.partner_index import PartnerIndex
from broker.ports.versions import OPEN
from broker.ports.versions import Approval
from broker.ports.versions import Origin
from broker.ports.versions import Overtaken
from broker.ports.versions import Standing
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.storage.changes import write_change
from broker.storage.partner_index import clear_index
from broker.storage.registry import note_changes
from broker.storage.registry import save_partner
from broker.storage.registry import values_of
from broker.storage.tables import approval
from broker.storage.tables import partner
from broker.storage.tables import partner_version
from broker.storage.upsert import replacing

_LATEST = select(partner_version).order_by(partner_version.c.entity_id, partner_version.c.number.desc())
_STANDING = (
    select(
        partner_version.c.entity_id,
        partner_version.c.number,
        partner_version.c.role,
        partner_version.c.content_hash,
        partner_version.c.state,
        partner.c.suspended_at,
    )
    .select_from(partner_version.outerjoin(partner, partner.c.entity_id == partner_version.c.entity_id))
    .where(partner_version.c.id == bindparam("asked"))
)
_APPROVE = replacing(approval)
_TRIES = 5
"""How often a number is chosen anew when somebody else took it."""


class SqlVersions:
    """A ``VersionStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._approve = _APPROVE[engine.dialect.name]

    def add(self, version: Version, change: Change) -> Version:
        for _ in range(_TRIES):
            try:
                with self._engine.begin() as connection:
                    numbered = replace(version, number=_next_number(connection, version.entity_id))
                    connection.execute(insert(partner_version).values(columns_of(numbered)))
                    detail = {**change.detail, "number": numbered.number}
                    write_change(connection, replace(change, detail=detail))
                return numbered
            except IntegrityError:
                continue
        raise Overtaken("others keep adding versions of this partner")

    def find(self, version_id: str) -> Version | None:
        return self._one(select(partner_version).where(partner_version.c.id == version_id))

    def standing(self, version_id: str) -> Standing | None:
        with self._engine.connect() as connection:
            row = connection.execute(_STANDING, {"asked": version_id}).mappings().one_or_none()
        if row is None:
            return None
        return Standing(
            entity_id=row["entity_id"],
            number=row["number"],
            role=Role(row["role"]),
            content_hash=row["content_hash"],
            state=VersionState(row["state"]),
            is_suspended=row["suspended_at"] is not None,
        )

    def numbered(self, entity_id: str, number: int) -> Version | None:
        return self._one(_LATEST.where(_is(entity_id), partner_version.c.number == number))

    def of(self, entity_id: str) -> Sequence[Version]:
        return self._all(_LATEST.where(_is(entity_id)))

    def active(self, entity_id: str) -> Version | None:
        active = partner_version.c.state == VersionState.ACTIVE.value
        return self._one(_LATEST.where(_is(entity_id), active).limit(1))

    def in_state(self, *states: VersionState) -> Sequence[Version]:
        wanted = partner_version.c.state.in_([state.value for state in states])
        found = self._all(select(partner_version).where(wanted))
        return sorted(found, key=lambda version: (version.created_at, version.entity_id, version.number))

    def move(
        self,
        version: Version,
        state: VersionState,
        change: Change,
        *,
        activate_at: datetime | None = None,
        approval: Approval | None = None,
    ) -> Version:
        with self._engine.begin() as connection:
            _move(connection, version, state=state.value, activate_at=activate_at)
            if approval is not None:
                connection.execute(self._approve, _approval_columns(approval))
            write_change(connection, change)
        return replace(version, state=state, activate_at=activate_at)

    def approve(self, approval: Approval, change: Change) -> None:
        with self._engine.begin() as connection:
            connection.execute(self._approve, _approval_columns(approval))
            write_change(connection, change)

    def approvals(self, version_id: str) -> Sequence[Approval]:
        query = select(approval).where(approval.c.version_id == version_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        found = (Approval(**{name: row[name] for name in Approval.__slots__}) for row in rows)
        return sorted(found, key=lambda each: (each.at, each.operator))

    def activate(
        self,
        version: Version,
        record: PartnerRecord,
        before: PartnerRecord | None,
        change: Change,
        index: PartnerIndex | None = None,
    ) -> Version:
        now = change.at
        try:
            with self._engine.begin() as connection:
                _put(connection, record, before, index)
                ended = {"state": VersionState.ENDED.value, "ended_at": now}
                active = partner_version.c.state == VersionState.ACTIVE.value
                others = partner_version.c.id != version.id
                connection.execute(
                    update(partner_version).where(_is(version.entity_id), active, others).values(ended)
                )
                _move(
                    connection, version, state=VersionState.ACTIVE.value, activated_at=now, activate_at=None
                )
                write_change(connection, change)
        except IntegrityError:
            raise Overtaken("somebody else connected this partner at the same moment") from None
        return replace(version, state=VersionState.ACTIVE, activated_at=now, activate_at=None)

    def remove(self, entity_id: str, change: Change) -> bool:
        ended = {"state": VersionState.ENDED.value, "ended_at": change.at}
        withdrawn = {"state": VersionState.WITHDRAWN.value, "activate_at": None}
        is_open = partner_version.c.state.in_(sorted(state.value for state in OPEN))
        active = partner_version.c.state == VersionState.ACTIVE.value
        with self._engine.begin() as connection:
            note_changes(connection, [entity_id])
            clear_index(connection, [entity_id])
            gone = connection.execute(delete(partner).where(partner.c.entity_id == entity_id)).rowcount == 1
            if gone:
                connection.execute(update(partner_version).where(_is(entity_id), active).values(ended))
                connection.execute(update(partner_version).where(_is(entity_id), is_open).values(withdrawn))
                write_change(connection, change)
        return gone

    def suspend(self, entity_id: str, since: datetime | None, change: Change) -> bool:
        suspended = partner.c.suspended_at
        other = suspended.is_(None) if since is not None else suspended.is_not(None)
        with self._engine.begin() as connection:
            note_changes(connection, [entity_id])
            changed = connection.execute(
                update(partner).where(partner.c.entity_id == entity_id, other).values(suspended_at=since)
            )
            if changed.rowcount == 1:
                write_change(connection, change)
        return changed.rowcount == 1

    def _one(self, query: Select[Any]) -> Version | None:
        found = self._all(query)
        return found[0] if found else None

    def _all(self, query: Select[Any]) -> list[Version]:
        with self._engine.connect() as connection:
            return [_version_of(row) for row in connection.execute(query).mappings()]


def _is(entity_id: str) -> ColumnElement[bool]:
    return partner_version.c.entity_id == entity_id


def _next_number(connection: SqlConnection, entity_id: str) -> int:
    highest = select(func.max(partner_version.c.number)).where(_is(entity_id))
    return (connection.execute(highest).scalar_one() or 0) + 1


def _put(
    connection: SqlConnection, record: PartnerRecord, before: PartnerRecord | None, index: PartnerIndex | None
) -> None:
    """What is in force from now on, when ``before`` still is; of two at once the second finds another one there."""
    note_changes(connection, [record.entity_id], {record.role})
    if before is None:
        connection.execute(insert(partner).values(values_of(record)))
    row = partner.c.entity_id == record.entity_id
    is_before = (
        ()
        if before is None
        else (
            partner.c.content_hash == before.content_hash,
            partner.c.version.is_not_distinct_from(before.version),
        )
    )
    claimed = update(partner).where(row, *is_before).values(version=record.version)
    if connection.execute(claimed).rowcount != 1:
        raise Overtaken("something else came in force at the same moment")
    save_partner(connection, record, index)


def _move(connection: SqlConnection, version: Version, **values: Any) -> None:
    same = (partner_version.c.id == version.id, partner_version.c.state == version.state.value)
    if connection.execute(update(partner_version).where(*same).values(values)).rowcount != 1:
        raise Overtaken("the version was changed at the same moment")


def _approval_columns(approval: Approval) -> dict[str, Any]:
    return {name: getattr(approval, name) for name in Approval.__slots__}


def columns_of(version: Version) -> dict[str, Any]:
    """The columns of a version."""
    values = {name: getattr(version, name) for name in Version.__slots__}
    values["connection"] = version.connection.to_json()
    for name in ("role", "state", "origin"):
        values[name] = values[name].value
    return values


def _version_of(row: RowMapping) -> Version:
    values = {name: row[name] for name in Version.__slots__}
    values["metadata"] = bytes(row["metadata"])
    values["catalogue"] = None if row["catalogue"] is None else bytes(row["catalogue"])
    values["connection"] = Connection.from_json(row["connection"])
    values |= {
        "role": Role(row["role"]),
        "state": VersionState(row["state"]),
        "origin": Origin(row["origin"]),
    }
    return Version(**values)
