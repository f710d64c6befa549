"""The schema of the SQL store, as Alembic revisions that are part of the installed package."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import ProgrammingError

HEAD = "r0004"
"""The newest revision, so that a start with a finished database need not read the scripts to know."""

_LOCK_NUMBER = 0x45486D69
"""Of the PostgreSQL advisory lock; any constant will do that nothing else in the database uses."""

# Alembic keeps the running migration in a global of its process.
_one_thread = threading.Lock()


def upgrade(engine: Engine) -> None:
    """Bring the database to ``HEAD``; costs one query when it is there already.

    Any number of processes may call this at once: one migrates, in one transaction, and the others wait for
    it. A database of a newer version is left as it is: migrations expand first and contract a version later, so
    that this version can run beside the next one. Raises SQLAlchemyError when the database cannot be reached.
    """
    if is_current(engine):
        return
    # A fifth of a second to import, which a start with a finished database need not spend.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "broker.storage:migrations")
    with _one_thread, _exclusive(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether the database is at ``HEAD`` or beyond. Revisions are numbered, so they compare as text."""
    revision = current(engine)
    return revision is not None and revision >= HEAD


def current(engine: Engine) -> str | None:
    """The revision of the database; None for one without any table of ours."""
    try:
        with engine.connect() as connection:
            revision: str | None = connection.execute(
                text("SELECT version_num FROM alembic_version")
            ).scalar()
            return revision
    except (OperationalError, ProgrammingError):
        # No such table: an empty database. (One that cannot be reached will say so again at the next
        # statement.)
        return None


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    """A connection inside a transaction that no other process can hold at the same time."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
            yield connection
        return
    # The driver would begin too late (before the first INSERT) to make DDL part of the transaction.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
