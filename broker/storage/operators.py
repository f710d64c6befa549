"""The operators in SQL."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.operators import Operator
from broker.ports.operators import Passkey
from broker.storage.changes import write_change
from broker.storage.tables import operator as operators
from broker.storage.tables import passkey as passkeys
from broker.storage.upsert import replacing

_SAVE = replacing(operators)


class SqlOperatorStore:
    """An ``OperatorStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._save = _SAVE[engine.dialect.name]

    def all(self) -> Sequence[Operator]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(operators).order_by(operators.c.username)).mappings()
            return [_operator(row) for row in rows]

    def find(self, username: str) -> Operator | None:
        query = select(operators).where(operators.c.username == username)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _operator(row)

    def save(self, operator: Operator, change: Change) -> None:
        with self._engine.begin() as connection:
            connection.execute(self._save, asdict(operator) | {"role": operator.role.value})
            write_change(connection, change)

    def logged_in(self, username: str, at: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(operators).where(operators.c.username == username).values(last_login_at=at)
            )

    def passkeys(self, username: str) -> Sequence[Passkey]:
        query = select(passkeys).where(passkeys.c.operator == username).order_by(passkeys.c.created_at)
        with self._engine.connect() as connection:
            return [Passkey(**row) for row in connection.execute(query).mappings()]

    def passkey(self, credential_id: str) -> Passkey | None:
        query = select(passkeys).where(passkeys.c.credential_id == credential_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else Passkey(**row)

    def save_passkey(self, passkey: Passkey, change: Change) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(passkeys).values(asdict(passkey)))
            write_change(connection, change)

    def used_passkey(self, credential_id: str, sign_count: int, at: datetime) -> None:
        where = passkeys.c.credential_id == credential_id
        with self._engine.begin() as connection:
            connection.execute(update(passkeys).where(where).values(sign_count=sign_count, last_used_at=at))

    def remove_passkeys(self, username: str, credential_id: str | None, change: Change) -> int:
        where = passkeys.c.operator == username
        if credential_id is not None:
            where &= passkeys.c.credential_id == credential_id
        with self._engine.begin() as connection:
            removed = connection.execute(delete(passkeys).where(where)).rowcount
            if removed:
                write_change(connection, change)
        return int(removed)


def _operator(row: Mapping[Any, Any]) -> Operator:
    return Operator(**{**row, "role": OperatorRole(row["role"])})
