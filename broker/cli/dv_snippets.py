"""`makelaar dv snippets`: configuration for the software of a dienstverlener, filled in."""

from pathlib import Path
from typing import Any

import click

from broker.assembly.party import Assembled
from broker.cli.makelaar import open_makelaar
from broker.domain.levels import LevelOfAssurance
from broker.onboarding.snippets import Dienstverlener
from broker.onboarding.snippets import NotPossible
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import Snippet
from broker.onboarding.snippets import as_connected
from broker.onboarding.snippets import newcomer
from broker.onboarding.snippets import snippets
from broker.ports import Role
from broker.saml.errors import UnknownPartner
from broker.screens.language import Language

_LEVELS = click.Choice([level.short for level in LevelOfAssurance if level is not LevelOfAssurance.LOA1])


@click.command("snippets")
@click.argument("entity_id")
@click.option(
    "--for",
    "product",
    type=click.Choice([product.value for product in Product]),
    default=Product.DJANGO.value,
    show_default=True,
    help="The software of the dienstverlener.",
)
@click.option(
    "--url",
    help="Not connected yet: where that software will run; of keycloak the realm, of simplesamlphp its folder.",
)
@click.option(
    "--service-id", help="Not connected yet: urn:etoegang:DV:<OIN>:services:<number>. Default: number 1."
)
@click.option("--service-name", help="Not connected yet: the Dutch name of the service.")
@click.option("--organisation", help="Not connected yet: whose service it is.")
@click.option("--level", type=_LEVELS, help="Not connected yet: the level of the service. Default: loa3.")
@click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files to this folder too. Files that are there already must be the same.",
)
@click.option(
    "--lang",
    type=click.Choice(["nl", "en"]),
    default="en",
    show_default=True,
    help="The language of the words.",
)
def dv_snippets(
    entity_id: str, product: str, url: str | None, folder: Path | None, lang: Language, **service: str | None
) -> None:
    """Print the configuration that software needs to log in here, filled in for the dienstverlener with ENTITY_ID.

    One that is connected is known by its metadata and catalogue:

    \b
    makelaar dv snippets urn:etoegang:DV:00000003123456780000:entities:0001 --for shibboleth

    Of one that is still to be connected, say where its software will run:

    \b
    makelaar dv snippets urn:etoegang:DV:00000003900000010000:entities:9001 \\
      --for django-digid-eherkenning --url http://localhost:8000 --service-name "Mijn dienst"

    Certificates are those of this makelaar at this moment: the one that signs and the one that is announced.
    """
    makelaar = open_makelaar()
    try:
        theirs = _dienstverlener(makelaar, entity_id, url, service)
        snippet = snippets(makelaar, theirs, Product(product), lang)
    except NotPossible as error:
        raise click.ClickException(str(error)) from None
    if folder is not None:
        _write(snippet, folder)
    _print(snippet)


def _dienstverlener(
    makelaar: Assembled, entity_id: str, url: str | None, service: dict[str, str | None]
) -> Dienstverlener:
    """As it is connected, else as the options say. Raises ``click.UsageError`` and ``NotPossible``."""
    given: dict[str, Any] = {name: value for name, value in service.items() if value is not None}
    try:
        partner = makelaar.station.partners.find(entity_id, Role.DV)
    except UnknownPartner:
        if url is None:
            raise click.UsageError(
                f"{entity_id} is not connected yet: say where its software will run, with --url."
            ) from None
        if "level" in given:
            given["level"] = LevelOfAssurance.from_short(given["level"])
        return newcomer(entity_id, url, **given)
    if given or url is not None:
        raise click.UsageError(
            f"{entity_id} is connected: its metadata and catalogue say where it runs and what its service is."
        )
    return as_connected(partner)


def _write(snippet: Snippet, folder: Path) -> None:
    """Put the files in place, all or none. Raises ``click.ClickException`` when another file is in the way."""
    wanted = {folder / each.name: each.text.encode() for each in snippet.files}
    for path, data in wanted.items():
        if path.exists() and path.read_bytes() != data:
            raise click.ClickException(f"{path} is there already and differs. Nothing was written.")
    for path, data in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _print(snippet: Snippet) -> None:
    click.secho(snippet.title, bold=True)
    for number, step in enumerate(snippet.steps, 1):
        click.echo(f"{number}. {step}")
    for each in snippet.files:
        click.secho(f"\n--- {each.name} ---", bold=True)
        click.echo(each.text, nl=False)
    click.echo()
    for note in snippet.notes:
        click.echo(f"- {note}")
