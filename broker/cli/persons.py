"""`makelaar persons`: whom one can log in as."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click
import pyotp

from broker.cli.environment import read_settings
from broker.domain.levels import LevelOfAssurance
from broker.network.persons import TestPerson
from broker.network.persons import from_abroad
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
    known += from_abroad()
    if as_json:
        click.echo(json.dumps([asdict(person) for person in known], indent=2, ensure_ascii=False))
        return
    for person in known:
        click.echo("\n".join(f"{name:<12} {value}" for name, value in _lines(person)) + "\n")


def _lines(person: TestPerson) -> Iterator[tuple[str, str]]:
    """What there is to know of a person, a line each: a table would break passwords and secrets in two."""
    yield "username", person.username
    yield "password", person.password or "none: choose the person from the list"
    if person.totp_secret is not None:
        yield "totp_secret", person.totp_secret
        yield "code now", pyotp.TOTP(person.totp_secret).now()
    yield "ad", f"{person.ad_name}, {LevelOfAssurance.from_short(person.level).label}"
    companies = [f"{name} ({kvk})" for kvk, name in person.companies]
    yield "companies", f"\n{'':<13}".join(companies) or "-"
    yield "shows", person.shows_en
