"""Setup links in SQL, with the check reports made for them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from broker.ports.changes import Change
from broker.ports.setup_links import CheckRun
from broker.ports.setup_links import SetupLink
from broker.storage.changes import write_change
from broker.storage.tables import check_run
from broker.storage.tables import setup_link


class SqlSetupLinks:
    """A ``SetupLinkStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, link: SetupLink, token_hash: str, change: Change) -> None:
        values = {name: getattr(link, name) for name in link.__slots__}
        with self._engine.begin() as connection:
            connection.execute(insert(setup_link), {**values, "token_hash": token_hash})
            write_change(connection, change)

    def by_hash(self, token_hash: str) -> SetupLink | None:
        with self._engine.connect() as connection:
            query = select(setup_link).where(setup_link.c.token_hash == token_hash)
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _read(row)

    def find(self, link_id: str) -> SetupLink | None:
        with self._engine.connect() as connection:
            query = select(setup_link).where(setup_link.c.id == link_id)
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _read(row)

    def all(self, entity_id: str | None = None) -> Sequence[SetupLink]:
        query = select(setup_link).order_by(setup_link.c.created_at.desc(), setup_link.c.id)
        if entity_id is not None:
            query = query.where(setup_link.c.entity_id == entity_id)
        with self._engine.connect() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    def note_use(self, link_id: str, at: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(setup_link).where(setup_link.c.id == link_id).values(last_used_at=at))

    def revoke(self, link_id: str, change: Change) -> bool:
        query = update(setup_link).where(setup_link.c.id == link_id, setup_link.c.revoked_at.is_(None))
        with self._engine.begin() as connection:
            if connection.execute(query.values(revoked_at=change.at)).rowcount != 1:
                return False
            write_change(connection, change)
        return True

    def bind(self, link_id: str, entity_id: str, at: datetime) -> bool:
        this = setup_link.c.id == link_id
        unbound = update(setup_link).where(this, setup_link.c.entity_id.is_(None))
        known = select(setup_link.c.id).where(this, setup_link.c.entity_id == entity_id)
        with self._engine.begin() as connection:
            if connection.execute(unbound.values(entity_id=entity_id, bound_at=at)).rowcount == 1:
                return True
            return connection.execute(known).one_or_none() is not None

    def keep_run(self, run: CheckRun) -> None:
        values = {name: getattr(run, name) for name in run.__slots__}
        with self._engine.begin() as connection:
            connection.execute(delete(check_run).where(check_run.c.setup_link == run.setup_link))
            connection.execute(insert(check_run), values)

    def last_run(self, link_id: str) -> CheckRun | None:
        query = select(check_run).where(check_run.c.setup_link == link_id).order_by(check_run.c.at.desc())
        with self._engine.connect() as connection:
            row = connection.execute(query.limit(1)).mappings().one_or_none()
        return None if row is None else CheckRun(**{name: row[name] for name in CheckRun.__slots__})


def _read(row: RowMapping) -> SetupLink:
    return SetupLink(**{name: row[name] for name in SetupLink.__slots__})
