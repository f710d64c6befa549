"""`makelaar dv link`, `links` and `unlink`: personal addresses for whoever connects a dienstverlener."""

import click

from broker.cli.actors import cli_actor
from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.onboarding.setup_links import DAYS
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.setup_links import UnknownDienstverlener
from broker.onboarding.setup_links import UnknownLink
from broker.onboarding.setup_links import address_of


@click.command()
@click.argument("entity_id", required=False)
@click.option("--new", "newcomer", metavar="NAME", help="For a dienstverlener that is still to come.")
@click.option("--days", type=int, default=DAYS, show_default=True, help="How long it opens something.")
def link(entity_id: str | None, newcomer: str | None, days: int) -> None:
    """Make a setup link for the dienstverlener with ENTITY_ID, or with --new for one that is still to come.

    \b
    makelaar dv link urn:etoegang:DV:00000003900000010000:entities:9001
    makelaar dv link --new "Gemeente Voorbeeld" --days 30

    Whoever opens it can check metadata and dienstencatalogus, hand them over as a concept, and do test logins: see
    docs/behaviour-tests.md. The address is shown now, and never again; send it to one person.
    """
    if (entity_id is None) == (newcomer is None):
        raise click.UsageError("give ENTITY_ID, or --new NAME.")
    makelaar = open_makelaar()
    name = newcomer or entity_id or ""
    try:
        made, token = SetupLinks(makelaar.engine).make(entity_id, name, cli_actor(), days)
    except UnknownDienstverlener:
        raise click.ClickException(
            f"{entity_id} is not connected and handed nothing over. Use --new NAME, or see: makelaar dv list"
        ) from None
    except ValueError as error:
        raise click.ClickException(f"{error}.") from None
    click.echo(f"link {made.id} for {made.name}, until {made.expires_at:%Y-%m-%d %H:%M} UTC:", err=True)
    click.echo(address_of(makelaar.settings, token))


@click.command()
def links() -> None:
    """List the setup links: for whom, until when, and when each was used last."""
    found = SetupLinks(open_makelaar().engine).of()
    now = system_clock()
    if not found:
        click.echo("there is no setup link. Make one: makelaar dv link ENTITY_ID")
    for each in found:
        used = f"{each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "never used"
        click.echo(f"{each.id}  {each.state(now):<8}until {each.expires_at:%Y-%m-%d}  {used}  {each.name}")


@click.command()
@click.argument("link_id")
@click.option("--why", default="", help="For the history.")
def unlink(link_id: str, why: str) -> None:
    """End the setup link with LINK_ID at once. `makelaar dv links` lists them."""
    try:
        ended = SetupLinks(open_makelaar().engine).revoke(link_id, cli_actor(), why)
    except UnknownLink:
        raise click.ClickException(
            f"there is no setup link {link_id} to end. See: makelaar dv links"
        ) from None
    click.echo(f"ended: {ended.id} of {ended.name}")
