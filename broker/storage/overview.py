"""Lists of partners in SQL, a page at a time: of each the little that a list shows, and no documents."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import Select
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from broker.ports import Role
from broker.ports.overview import PartnerLine
from broker.ports.versions import OPEN
from broker.ports.versions import VersionState
from broker.storage.tables import expiry
from broker.storage.tables import partner
from broker.storage.tables import partner_version
from broker.storage.tables import service

_SHOWN = (partner.c.entity_id, partner.c.name, partner.c.role, partner.c.version, partner.c.suspended_at)
_ESCAPE = "\\"


class SqlOverview:
    """An ``Overview`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lines(
        self, search: str = "", role: Role | None = None, after: str = "", limit: int = 50
    ) -> Sequence[PartnerLine]:
        query = select(*_SHOWN).where(partner.c.entity_id > after).order_by(partner.c.entity_id).limit(limit)
        if role is not None:
            query = query.where(partner.c.role == role.value)
        if search:
            wanted = f"%{_literally(search)}%"
            query = query.where(
                or_(
                    partner.c.entity_id.ilike(wanted, escape=_ESCAPE),
                    partner.c.name.ilike(wanted, escape=_ESCAPE),
                )
            )
        return self._lines(query)

    def line(self, entity_id: str) -> PartnerLine | None:
        connected = self._lines(select(*_SHOWN).where(partner.c.entity_id == entity_id))
        if connected:
            return connected[0]
        newest = (
            select(partner_version.c.role, partner_version.c.state, partner_version.c.number)
            .where(partner_version.c.entity_id == entity_id)
            .order_by(partner_version.c.number.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(newest).one_or_none()
        if row is None:
            return None
        return PartnerLine(entity_id, entity_id, Role(row.role), VersionState(row.state), row.number)

    def _lines(self, query: Select[Any]) -> list[PartnerLine]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        ends = self._ends(row.entity_id for row in rows)
        return [
            PartnerLine(
                row.entity_id,
                row.name or row.entity_id,
                Role(row.role),
                VersionState.ACTIVE,
                row.version,
                row.suspended_at,
                ends.get(row.entity_id),
            )
            for row in rows
        ]

    def newcomers(self) -> Sequence[PartnerLine]:
        is_open = partner_version.c.state.in_(sorted(state.value for state in OPEN))
        known = select(partner.c.entity_id).where(partner.c.entity_id == partner_version.c.entity_id)
        shown = (
            partner_version.c.entity_id,
            partner_version.c.role,
            partner_version.c.state,
            partner_version.c.number,
        )
        query = select(*shown).where(is_open, ~known.exists()).order_by(partner_version.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        newest = {row.entity_id: row for row in rows}
        return [
            PartnerLine(row.entity_id, row.entity_id, Role(row.role), VersionState(row.state), row.number)
            for row in sorted(newest.values(), key=lambda row: str(row.entity_id))
        ]

    def names(self, entity_ids: Iterable[str]) -> dict[str, str]:
        """The names of those of these who are connected, by entityID."""
        query = select(partner.c.entity_id, partner.c.name).where(
            partner.c.entity_id.in_(sorted(set(entity_ids))), partner.c.name.is_not(None)
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def count_services(self, entity_ids: Sequence[str]) -> dict[str, int]:
        """How many services each of these has, who has any."""
        query = (
            select(service.c.entity_id, func.count())
            .where(service.c.entity_id.in_(entity_ids))
            .group_by(service.c.entity_id)
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def _ends(self, entity_ids: Iterable[str]) -> dict[str, datetime]:
        """The first moment at which something of each ends."""
        query = (
            select(expiry.c.entity_id, func.min(expiry.c.not_after))
            .where(expiry.c.entity_id.in_(list(entity_ids)))
            .group_by(expiry.c.entity_id)
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}


def _literally(search: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        search = search.replace(sign, _ESCAPE + sign)
    return search
