"""`makelaar keys`: rolling the makelaar's own signing key."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from cryptography import x509
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from broker.assembly import paths
from broker.cli.actors import cli_actor
from broker.cli.documents import read_certificate
from broker.cli.makelaar import open_makelaar
from broker.cli.moments import Moment
from broker.cli.moments import shown
from broker.domain.own_keys import KeyState
from broker.exchange.own import system_clock
from broker.onboarding.key_adoption import PAGE
from broker.onboarding.key_adoption import KeyAdoption
from broker.onboarding.key_refused import KeyRefused
from broker.onboarding.next_key import BITS
from broker.onboarding.next_key import certify_ourselves
from broker.onboarding.next_key import put_certificate
from broker.onboarding.next_key import request_certificate
from broker.onboarding.own_keys import OwnKeys
from broker.ports.sightings import Seen

_AT = click.option("--at", type=Moment(), help="When: 2026-12-01T03:00 (UTC). Default: as soon as can be.")
_ANYWAY = click.option(
    "--now-anyway", is_flag=True, help="Pass over the waiting time, as when the active key was stolen."
)
_WHY = click.option("--why", default="", help="For the history.")

_WAYS_ON = {
    "unknown": "See: makelaar keys list",
    "early": "If all of them have it, or the active key was stolen: --now-anyway.",
    "under-way": "If the key was stolen: --now-anyway.",
}
"""What to do on the command line, by code of ``KeyRefused``."""


@click.group()
def keys() -> None:
    """Roll the key with which the makelaar signs, without anybody noticing.

    A key is announced (our metadata holds it), then active (it signs), then retiring (what it signed is still believed)
    and retired. All nodes follow by the clock; nothing is restarted. From the first step to the last:

    \b
    makelaar keys announce signing-2027                                   a key, and a request for your issuer
    makelaar keys announce signing-2027 --certificate signing-2027.pem    what the issuer sent back
    makelaar keys sightings                                               who would break at the switch
    makelaar keys confirm signing-2027 ENTITY_ID                          somebody told you to have it
    makelaar keys activate signing-2027 --at 2027-01-11T03:00             two weeks later
    makelaar keys retire signing --at 2027-01-25T03:00                    two weeks after that

    Put the files of a key on every node before it is activated. Every step is in the history.
    """


@keys.command("list")
def list_() -> None:
    """List our keys with their states, and the days of each; `makelaar keys show` has the moments."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in ("name", "state", "announced", "active", "retiring", "retired", "ends"):
        table.add_column(column, no_wrap=True)
    own = OwnKeys(open_makelaar())
    lines, folder = own.states(system_clock()), own.folder
    for line in lines:
        key = line.key
        moments = (key.announced_at, key.active_at, key.retiring_at, key.retired_at, line.not_after)
        table.add_row(key.name, line.state, *("-" if at is None else f"{at:%Y-%m-%d}" for at in moments))
    console = Console()
    console.print(table)
    for line in lines:
        if line.absent:
            click.secho(
                f"{line.key.name}: not usable on this node: {line.absent} in {folder}", fg="red", err=True
            )


@keys.command()
@click.argument("name")
def show(name: str) -> None:
    """Show one key: its certificate, and its moments in seconds."""
    with _told():
        line = OwnKeys(open_makelaar()).find(name)
    key = line.key
    for title, value in (
        ("name", key.name),
        ("state", str(line.state)),
        ("SHA-256", key.fingerprint),
        ("certificate", f"{shown(line.not_before)} to {shown(line.not_after)}"),
        ("announced", shown(key.announced_at)),
        ("active", shown(key.active_at)),
        ("retiring", shown(key.retiring_at)),
        ("retired", shown(key.retired_at)),
        ("on this node", line.absent or "usable"),
    ):
        click.echo(f"{title:<13} {value}")


@keys.command()
@click.argument("name")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The certificate that the issuer made for the key of this name (PEM or DER).",
)
@click.option(
    "--self-signed", is_flag=True, help="Make a certificate that nobody vouches for: development only."
)
@click.option(
    "--bits", type=click.Choice([str(each) for each in BITS]), default="2048", help="Of a key that is made."
)
@_WHY
def announce(name: str, certificate: Path | None, self_signed: bool, bits: str, why: str) -> None:
    """Announce the next key, NAME: our metadata holds it from now on, and it signs nothing yet.

    In two steps. The first makes a private key and a request (CSR) to send to your issuer of PKIoverheid certificates;
    the second takes what the issuer sent back:

    \b
    makelaar keys announce signing-2027
    makelaar keys announce signing-2027 --certificate signing-2027.pem

    A key that was made elsewhere: put it in the folder of keys as NAME.key first.
    """
    if certificate is not None and self_signed:
        raise click.UsageError("give --certificate or --self-signed, not both.")
    makelaar = open_makelaar()
    own = OwnKeys(makelaar)
    with _told():
        own.require_unknown(name, system_clock())
        if certificate is not None:
            put_certificate(makelaar, name, _certificate(certificate))
        elif self_signed:
            certify_ourselves(makelaar, name, system_clock())
        elif not (own.folder / name).with_suffix(".crt").exists():
            path = request_certificate(makelaar, name, int(bits))
            click.echo(f"made: {path}")
            click.echo("Next: send it to your issuer, and come back with what it sends:")
            click.echo(f"  makelaar keys announce {name} --certificate FILE")
            return
        line = own.announce(name, cli_actor(), why)
    click.echo(f"announced: {name}, certificate until {shown(line.not_after)}")
    click.echo(f"It is in {makelaar.public_url}{paths.METADATA} beside the active one.")
    click.echo(
        f"Next: put {own.folder / name}.key and .crt on every other node, and tell partners who take our"
    )
    click.echo("metadata by hand. Who has it: makelaar keys sightings. Then, not before")
    days = makelaar.settings.key_announced_days
    click.echo(f"{days} days have passed: makelaar keys activate {name} --at MOMENT")


@keys.command()
@click.argument("name")
@_AT
@_ANYWAY
@_WHY
def activate(name: str, at: datetime | None, now_anyway: bool, why: str) -> None:
    """Sign with key NAME from a moment on; the one before is believed until you retire it.

    \b
    makelaar keys activate signing-2027 --at 2026-12-01T03:00

    Given again before that moment, it moves.
    """
    makelaar = open_makelaar()
    own = OwnKeys(makelaar)
    with _told():
        line = own.activate(name, cli_actor(), at, anyway=now_anyway, why=why)
    click.echo(f"{name} signs from {shown(line.key.active_at)}; until then the present one does.")
    if KeyAdoption(makelaar).would_break(name):
        click.secho("Not every partner was seen with it. Who: makelaar keys sightings", fg="yellow", err=True)
    for other in own.states(system_clock()):
        if other.key.retiring_at == line.key.active_at:
            click.echo(f"Next: some days after that moment: makelaar keys retire {other.key.name}")


@keys.command()
@click.argument("name")
@_AT
@_ANYWAY
@_WHY
def retire(name: str, at: datetime | None, now_anyway: bool, why: str) -> None:
    """Take key NAME out of our metadata.

    \b
    makelaar keys retire signing --at 2026-12-15T03:00

    That is one that no longer signs, or an announced one that never will.
    """
    own = OwnKeys(open_makelaar())
    with _told():
        line = own.retire(name, cli_actor(), at, anyway=now_anyway, why=why)
    click.echo(f"{name} is retired from {shown(line.key.retired_at)}.")
    if line.state is KeyState.RETIRED:
        click.echo(f"Next: take {own.folder / name}.key away from every node; nothing needs it any more.")


@keys.command()
@click.argument("entity_id", required=False)
@click.option("--key", help="Who is not known to have this key. Default: the next one.")
def sightings(entity_id: str | None, key: str | None) -> None:
    """Show which partners have which of our keys, and who would break at the switch.

    Seen is who fetched our metadata at an address of its own (fetched), who answered a question signed with the key
    (accepted), or who you confirmed. Who was given an answer signed with it (received) may have refused that. With an
    ENTITY_ID: all of that partner.
    """
    adoption = KeyAdoption(open_makelaar())
    with _told():
        if entity_id is not None:
            address = adoption.address(entity_id)
            for name, seen in adoption.of_partner(entity_id):
                click.echo(f"{name:<20} {seen.how:<10} {shown(seen.first_at)}, last {shown(seen.last_at)}")
            click.echo(f"its own address for our metadata: {address}")
            return
        breaking = adoption.would_break(key)
    table = Table(box=SIMPLE_HEAD)
    for column in ("name", "state", *Seen, "not seen"):
        table.add_column(column, no_wrap=True)
    for each in adoption.overview():
        table.add_row(each.name, each.state, *(str(each.counts[how]) for how in Seen), str(each.unseen))
    Console().print(table)
    for partner in breaking:
        click.echo(
            f"not seen with {key or 'the next key'}: {partner.role} {partner.entity_id} {partner.name}"
        )
    if len(breaking) == PAGE:
        click.echo("... and more")


@keys.command()
@click.argument("name")
@click.argument("entity_ids", nargs=-1)
@click.option("--network", is_flag=True, help="Everybody who came with the network metadata.")
@_WHY
def confirm(name: str, entity_ids: tuple[str, ...], network: bool, why: str) -> None:
    """Keep that partners said to have our key NAME, as those do who take our metadata by hand.

    \b
    makelaar keys confirm signing-2027 urn:etoegang:DV:00000003900000010000:entities:0001

    Authenticatiediensten and registers get our metadata from the beheerorganisatie: --network, once that published it.
    """
    adoption = KeyAdoption(open_makelaar())
    if not entity_ids and not network:
        raise click.UsageError("name partners by entityID, or give --network.")
    told = (*entity_ids, *(adoption.of_the_network() if network else ()))
    with _told():
        count = adoption.confirm(name, told, cli_actor(), why)
    click.echo(f"confirmed: {count}")


def _certificate(path: Path) -> x509.Certificate:
    try:
        return read_certificate(path)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}. Give a certificate, PEM or DER.") from None


@contextmanager
def _told() -> Iterator[None]:
    """What a service refuses, as the command line says it."""
    try:
        yield
    except KeyRefused as refused:
        way_on = _WAYS_ON.get(refused.code)
        raise click.ClickException(f"{refused} {way_on}" if way_on else str(refused)) from None
