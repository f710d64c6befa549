"""`makelaar persons`: whom one can log in as."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from broker.cli.environment import read_settings
from broker.network.world import persons as test_persons


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, for scripts: a list with one object a person."
)
def persons(as_json: bool) -> None:
    """List the test persons of this installation, with what each of them shows.

    Passwords and TOTP secrets are drawn anew for each installation (MAKELAAR_DATA), and are of no use elsewhere.
    """
    known = test_persons(read_settings())
    if not known:
        raise click.ClickException("there are no test persons yet. Start once: makelaar run")
    if as_json:
        click.echo(json.dumps([asdict(person) for person in known], indent=2, ensure_ascii=False))
        return
    table = Table()
    for column in ("username", "password", "totp_secret", "ad", "companies", "shows"):
        table.add_column(column, overflow="fold")
    for person in known:
        companies = "\n".join(f"{name} ({kvk})" for kvk, name in person.companies)
        table.add_row(
            person.username,
            person.password,
            person.totp_secret or "-",
            person.ad_name,
            companies,
            person.shows,
        )
    Console().print(table)
