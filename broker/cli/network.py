"""`makelaar network`: the metadata of the network, from the beheerorganisatie."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from broker.assembly.network import Outcome
from broker.assembly.network import take_edition
from broker.assembly.party import Assembled
from broker.cli.documents import read_certificate
from broker.cli.documents import read_document
from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.ports import EditionTaken
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from broker.saml.keys import Certificate
from broker.saml.network_metadata import read_network_metadata
from broker.saml.policy import LIMITS
from broker.storage.network import SqlNetworkStore

_ROLES = (Role.AD, Role.MR, Role.EB)
_SHRINK = click.option(
    "--force", is_flag=True, help="Take it even when it leaves out more than half of the partners."
)


@click.group()
def network() -> None:
    """Connect the authenticatiediensten and registers of the network, all at once.

    The beheerorganisatie publishes one signed document with everyone in it. Who appears in it can be used from the
    next login on, and who vanishes from it no longer; nothing needs to be restarted. What you connect yourself stays as
    you want it.
    """


@network.command()
@click.argument("source")
@click.option(
    "--certificate",
    "certificates",
    multiple=True,
    help="A certificate of the beheerorganisatie (PEM or DER). Several, while it changes keys.",
)
@_SHRINK
def add(source: str, certificates: tuple[str, ...], force: bool) -> None:
    """Take the network metadata in SOURCE (a file or URL).

    It must be signed with a key of a certificate that you name here, or in network_certificates of the settings; take
    that certificate from the beheerorganisatie by a way you trust. The number in its Name must not go back.

    \b
    makelaar network add --certificate bo.crt https://metadata.example.nl/network.xml
    """
    makelaar = open_makelaar()
    named = [Path(each) for each in certificates] or list(makelaar.settings.network_certificates)
    _take(makelaar, source, named, force=force)


@network.command()
@_SHRINK
def refresh(force: bool) -> None:
    """Fetch the network metadata again from network_url of the settings.

    Run it from cron, at least once in the cacheDuration of the document (a week). It prints what changed, and exits
    with 1 when the document was refused or could not be fetched; the last good one then goes on.
    """
    makelaar = open_makelaar()
    if not makelaar.settings.network_url:
        raise click.ClickException("no network_url is set. See config/makelaar.toml.")
    _take(makelaar, makelaar.settings.network_url, list(makelaar.settings.network_certificates), force=force)


@network.command()
def show() -> None:
    """Show the edition that was taken last, and who came with it."""
    makelaar = open_makelaar()
    store = SqlNetworkStore(makelaar.engine)
    last = store.last()
    if last is None:
        raise click.ClickException("no network metadata was taken yet. Take it: makelaar network add SOURCE")
    click.echo(f"edition        {last.edition}")
    click.echo(f"taken          {_moment(last.taken_at)}")
    click.echo(f"refresh before {_moment(last.refresh_before)}")
    click.echo(f"valid until    {_moment(last.valid_until)}")
    brought = {record.entity_id for record in store.partners()}
    now = system_clock()
    for role in _ROLES:
        for versions in makelaar.station.partners.versions_in_role(role):
            if versions[0].entity_id not in brought:
                continue
            for version in versions:
                state = "in force" if version.holds_at(now) else "not in force"
                start, end = _moment(version.valid_from), _moment(version.valid_until)
                click.echo(
                    f"{role}  {version.entity_id}  {version.display_name('nl')}  ({state}, {start} to {end})"
                )


@network.command()
@click.confirmation_option(
    "--yes", prompt="Remove every partner that the network metadata brought?", help="Do not ask."
)
def remove() -> None:
    """Forget the network metadata and everyone it brought. What you connected yourself stays."""
    count = SqlNetworkStore(open_makelaar().engine).forget()
    click.echo(f"removed: {count} {'partner' if count == 1 else 'partners'}")


def _take(makelaar: Assembled, source: str, certificates: Sequence[Path], *, force: bool) -> None:
    if not certificates:
        raise click.ClickException(
            "name a certificate of the beheerorganisatie: --certificate FILE, or network_certificates in the settings."
        )
    trusted = [_certificate(path) for path in certificates]
    click.echo(f"reading {source}", err=True)
    data = read_document(source, LIMITS.network_metadata_bytes)
    now = system_clock()
    try:
        document = read_network_metadata(data, trusted, now)
        click.echo(f"{document.edition.name}: {len(document.listed)} parties, signature good", err=True)
        outcome = take_edition(SqlNetworkStore(makelaar.engine), document, now, may_shrink=force)
    except DocumentRefused as refused:
        _print_findings(refused.findings)
        raise click.ClickException("refused; nothing was changed, and the last good one goes on.") from None
    except EditionTaken:
        raise click.ClickException("another process took an edition at this moment. Try again.") from None
    _print_findings(outcome.findings)
    _print_outcome(outcome)


def _certificate(path: Path) -> Certificate:
    try:
        return Certificate.from_der(read_certificate(path).public_bytes(Encoding.DER))
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}. Give a file that can be read.") from None
    except ValueError as error:
        raise click.ClickException(f"{path}: {error}. Give a certificate, PEM or DER.") from None


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        click.secho(str(finding), fg="red" if finding.severity is Severity.ERROR else "yellow", err=True)


def _print_outcome(outcome: Outcome) -> None:
    click.echo(f"taken: {outcome.edition}")
    for word, entity_ids in (
        ("appeared", outcome.appeared),
        ("changed", outcome.changed),
        ("vanished", outcome.vanished),
        ("left as you connected it", outcome.own),
        ("not usable, the last good copy goes on if there was one", outcome.unusable),
    ):
        for entity_id in entity_ids:
            click.echo(f"{word}: {entity_id}")
    click.echo(f"unchanged: {outcome.unchanged}")


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
