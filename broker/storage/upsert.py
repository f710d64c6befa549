"""Add-or-replace in one statement, the same way on SQLite and PostgreSQL."""

from collections.abc import Callable
from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

Insert = sqlite.Insert | postgresql.Insert

INSERTS: dict[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""The INSERT with an ON CONFLICT clause, by name of SQLAlchemy dialect."""


def replacing(
    table: Table, where: ColumnElement[bool] | None = None, keep: Collection[str] = ()
) -> dict[str, Insert]:
    """By dialect: an INSERT that replaces every other column but ``keep`` when the primary key is there already.

    A row that is there and is not as ``where`` says stays as it is.
    """
    return {dialect: _replacing(insert(table), table, where, keep) for dialect, insert in INSERTS.items()}


def ignoring(table: Table) -> dict[str, Insert]:
    """By dialect: an INSERT that does nothing when the primary key is there already."""
    keys = list(table.primary_key.columns)
    return {
        name: insert(table).on_conflict_do_nothing(index_elements=keys) for name, insert in INSERTS.items()
    }


def _replacing(
    insert: Insert, table: Table, where: ColumnElement[bool] | None, keep: Collection[str]
) -> Insert:
    fresh = {
        column.name: insert.excluded[column.name]
        for column in table.c
        if not column.primary_key and column.name not in keep
    }
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=fresh, where=where
    )
