"""`makelaar db`: the schema of the database."""

import click
from sqlalchemy.exc import SQLAlchemyError

from broker.cli.environment import read_settings
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.migrations import HEAD
from broker.storage.migrations import current
from broker.storage.migrations import upgrade as upgrade_schema


@click.group()
def db() -> None:
    """The schema of the database.

    An upgrade only adds, so nodes of the version before go on beside it; what is not needed any more goes a version
    later. Upgrade first, then replace the nodes one by one.
    """


@db.command()
def upgrade() -> None:
    """Bring the database to this version, once for all nodes.

    \b
    MAKELAAR_DATABASE_URL=postgresql://... makelaar db upgrade

    In one transaction: it is done whole or not at all. Whoever comes second waits. A database of a newer version is
    left as it is.
    """
    settings = read_settings()
    before = _revision(settings)
    upgrade_schema(make_engine(settings.database(MAKELAAR)))
    after = _revision(settings)
    click.echo(f"{before} -> {after}" if before != after else f"{after}: nothing to do")


@db.command()
def status() -> None:
    """Say of which version the database is; exits with 1 when it needs an upgrade."""
    revision = _revision(read_settings())
    click.echo(f"{revision}, this version needs {HEAD}")
    if revision < HEAD:
        click.echo("Bring it up to date: makelaar db upgrade", err=True)
        raise SystemExit(1)


def _revision(settings: Settings) -> str:
    """The revision of the database, ``r0000`` for an empty one. Raises ``click.ClickException``."""
    if not settings.database_url:
        settings.folder(MAKELAAR).mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database(MAKELAAR))
    try:
        with engine.connect():
            return current(engine) or "r0000"
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database does not answer ({type(error).__name__}).") from None
    finally:
        engine.dispose()
