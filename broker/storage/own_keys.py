"""The own keys of the makelaar in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from broker.domain.own_keys import OwnKey
from broker.ports.changes import Change
from broker.ports.own_keys import KeysChanged
from broker.storage.changes import write_change
from broker.storage.tables import own_key
from broker.storage.upsert import ignoring

_ALL = select(own_key).order_by(own_key.c.name)
_ADD = ignoring(own_key)
_COUNTED = {"preserve_rowcount": True}
"""For an INSERT SQLAlchemy does not ask the driver by itself how many rows there were."""
_COLUMNS = tuple(column.name for column in own_key.c)
_REPLACE = (
    update(own_key)
    .where(
        *(
            own_key.c[name].is_not_distinct_from(bindparam(f"was_{name}", type_=own_key.c[name].type))
            for name in _COLUMNS
            if name != "certificate"
        )
    )
    .values({name: bindparam(f"new_{name}", type_=own_key.c[name].type) for name in _COLUMNS})
)


class SqlOwnKeyStore:
    """An ``OwnKeyStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._add = _ADD[engine.dialect.name]

    def all(self) -> Sequence[OwnKey]:
        with self._engine.connect() as connection:
            rows = connection.execute(_ALL).mappings().all()
        return [OwnKey(**{**row, "certificate": bytes(row["certificate"])}) for row in rows]

    def add(self, key: OwnKey, change: Change) -> bool:
        with self._engine.begin() as connection:
            added = connection.execute(self._add, _values(key), execution_options=_COUNTED).rowcount == 1
            if added:
                write_change(connection, change)
        return added

    def replace(self, changes: Sequence[tuple[OwnKey, OwnKey]], change: Change) -> None:
        with self._engine.begin() as connection:
            for before, after in changes:
                values = _values(before, "was_") | _values(after, "new_")
                if connection.execute(_REPLACE, values).rowcount != 1:
                    raise KeysChanged(before.name)
            write_change(connection, change)


def _values(key: OwnKey, prefix: str = "") -> dict[str, Any]:
    return {prefix + name: getattr(key, name) for name in _COLUMNS}
