"""`makelaar dv source`: documents that are fetched on a schedule."""

import re
from datetime import timedelta

import click

from broker.cli.actors import cli_actor
from broker.cli.documents import read_document
from broker.cli.makelaar import open_makelaar
from broker.cli.versions import told
from broker.exchange.own import system_clock
from broker.onboarding.fetching import Sources
from broker.ports import Role
from broker.ports.sources import DocumentSource
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import entity_id_in
from broker.storage.sources import SqlDocumentSources

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@click.group()
def source() -> None:
    """Fetch the documents of dienstverleners on a schedule; the worker does it.

    What comes passes the gate like anything else: it is checked and compared, and waits for you. What is in force goes
    on when nothing comes, or nothing good.
    """


@source.command("set")
@click.argument("metadata")
@click.option("--catalogue", help="The URL of the dienstencatalogus; without it the one in force goes along.")
@click.option(
    "--every", default="1h", show_default=True, help="How often: 30m, 6h, 1d; at most every five minutes."
)
@click.option(
    "--activate",
    is_flag=True,
    help="Put in force by itself what has nothing to mend, and takes no service or address away.",
)
@click.option("--reason", default="", help="Why, for the history.")
@told
def set_source(metadata: str, catalogue: str | None, every: str, activate: bool, reason: str) -> None:
    """Fetch the dienstverlener at the URL METADATA from now on.

    \b
    makelaar dv source set https://dv.example.nl/metadata --catalogue https://dv.example.nl/catalogus.xml --every 6h

    It is fetched once to see whose it is, and then by the worker.
    """
    makelaar = open_makelaar()
    for url in (metadata, catalogue):
        if url is not None and "://" not in url:
            raise click.UsageError(f"{url} is no URL.")
    try:
        entity_id = entity_id_in(read_document(metadata))
    except DocumentRefused as refused:
        raise click.ClickException(f"{metadata}: {refused}") from None
    now = system_clock()
    wanted = DocumentSource(entity_id, Role.DV, metadata, catalogue, _duration(every), now, activate)
    try:
        Sources(makelaar, now).set(wanted, cli_actor(), reason)
    except ValueError as error:
        raise click.UsageError(f"--every: {error}.") from None
    click.echo(f"fetched every {every}: {entity_id}")


@source.command("list")
def list_sources() -> None:
    """List what is fetched, and what came of it last."""
    found = SqlDocumentSources(open_makelaar().engine).every()
    if not found:
        click.echo("nothing is fetched. Begin: makelaar dv source set METADATA-URL")
    for each in found:
        click.echo(f"{each.entity_id}  {each.metadata_url}  every {each.every}")
        last = "never" if each.last_at is None else f"{each.last_at:%Y-%m-%d %H:%M} UTC"
        failed = f", {each.failures} failures" if each.failures else ""
        click.echo(f"  last {last}{failed}: {each.last_outcome or '-'}")


@source.command("remove")
@click.argument("entity_id")
@told
def remove_source(entity_id: str) -> None:
    """Fetch ENTITY_ID no longer. What is in force stays."""
    if not Sources(open_makelaar(), system_clock()).remove(entity_id, cli_actor()):
        raise click.ClickException(f"{entity_id} is not fetched. See: makelaar dv source list")
    click.echo(f"fetched no longer: {entity_id}")


@source.command("fetch")
@click.argument("entity_id")
@told
def fetch_source(entity_id: str) -> None:
    """Fetch ENTITY_ID now, without waiting for its time."""
    makelaar = open_makelaar()
    wanted = SqlDocumentSources(makelaar.engine).find(entity_id)
    if wanted is None:
        raise click.ClickException(f"{entity_id} is not fetched. See: makelaar dv source list")
    done = Sources(makelaar, system_clock()).fetch_one(wanted, cli_actor())
    click.echo(done.last_outcome or "-")
    if done.failures:
        raise click.exceptions.Exit(1)


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text)
    if found is None:
        raise click.UsageError(f"--every {text}: give a number and m, h or d, as 6h.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
