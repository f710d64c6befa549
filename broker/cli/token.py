"""`makelaar token`: with which programs use the API."""

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from broker.cli.actors import cli_actor
from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.onboarding.tokens import DAYS
from broker.onboarding.tokens import Tokens
from broker.onboarding.tokens import UnknownToken
from broker.ports.tokens import Scope
from broker.ports.tokens import TokenTaken

_WIDTH = 120


@click.group()
def token() -> None:
    """Make, list and revoke the tokens with which programs use the API (docs/api.md)."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; may be given more than once.",
)
@click.option("--days", type=int, default=DAYS, show_default=True, help="How long it may be used.")
@click.option("--why", default="", help="For the history.")
def make(name: str, scopes: tuple[str, ...], days: int, why: str) -> None:
    """Make a token for the program NAME. It is shown now, and never again.

    \b
    makelaar token make deploy --scope checks:write --scope partners:write

    Keep it where the program reads its secrets.
    """
    tokens = Tokens(open_makelaar().engine)
    try:
        made, text = tokens.make(name, map(Scope, scopes), cli_actor(), days, why)
    except (TokenTaken, ValueError) as error:
        raise click.ClickException(f"{error}.") from None
    click.echo(f"{made.name} ({made.id}) may be used until {made.expires_at:%Y-%m-%d %H:%M} UTC:", err=True)
    click.echo(text)


@token.command("list")
def list_() -> None:
    """List the tokens: what each may do, until when, and when it was used last."""
    tokens = Tokens(open_makelaar().engine).list()
    if not tokens:
        click.echo("there is no token. Make one: makelaar token make NAME --scope checks:write")
        return
    now = system_clock()
    table = Table(box=SIMPLE_HEAD)
    for column in ("id", "name", "scopes", "until (UTC)", "last used", "state"):
        table.add_column(column, no_wrap=True)
    for each in tokens:
        state = "good" if each.is_good(now) else "revoked" if each.revoked_at else "expired"
        used = f"{each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "-"
        scopes = " ".join(sorted(each.scopes))
        table.add_row(each.id, each.name, scopes, f"{each.expires_at:%Y-%m-%d %H:%M}", used, state)
    console = Console(soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    console.print(table)


@token.command()
@click.argument("name")
@click.option("--why", default="", help="For the history.")
def revoke(name: str, why: str) -> None:
    """End the token with this NAME or id; its next request is refused."""
    try:
        ended = Tokens(open_makelaar().engine).revoke(name, cli_actor(), why)
    except UnknownToken as error:
        raise click.ClickException(f"{error}. See: makelaar token list") from None
    click.echo(f"revoked: {ended.name} ({ended.id})")
