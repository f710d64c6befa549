"""`makelaar dv rehearse` and `makelaar dv rehearsals`: what a dienstverlener does with wrong answers."""

import click

from broker.assembly.party import Assembled
from broker.cli.actors import cli_actor
from broker.cli.makelaar import open_makelaar
from broker.cli.versions import find_version
from broker.cli.versions import told
from broker.onboarding.gate import Gate
from broker.onboarding.rehearsing import NotThisTest
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.tickets import LASTS_SECONDS
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.kinds import RIGHT
from broker.rehearsals.seen import Seen
from broker.saml.errors import UnknownPartner


def _list_kinds(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        click.echo(f"{LOOK:<24}{'':<10}show what an answer would hold; nothing is sent")
        for kind in KINDS.values():
            click.echo(f"{kind.id:<24}{kind.expectation:<10}{kind.title('en')}")
        context.exit()


_SERVICE = click.option(
    "--service", "service_id", help="Only for this service, by ServiceID. `look` needs it, or the default."
)
_LOGIN = click.option("--login", "login_url", help="The address where the dienstverlener lets people log in.")


@click.command()
@click.argument("entity_id")
@click.argument("kind", type=click.Choice([LOOK, *KINDS]), metavar="KIND")
@_SERVICE
@_LOGIN
@click.option(
    "--kinds", is_flag=True, is_eager=True, expose_value=False, callback=_list_kinds, help="List the kinds."
)
def rehearse(entity_id: str, kind: str, service_id: str | None, login_url: str | None) -> None:
    """Start a test login at the dienstverlener with ENTITY_ID, which ends with the answer KIND.

    \b
    makelaar dv rehearse --kinds
    makelaar dv rehearse urn:etoegang:DV:00000003900000010000:entities:9001 expired \\
      --login https://dv.example.nl/login

    You get an address to open in a browser. That browser alone, at that dienstverlener alone, then gets this answer
    once, whatever is in production; the page says what should happen and asks what you saw. KIND `look` shows what an
    answer would hold, without sending it.

    With ENTITY_ID#NUMBER that browser goes by a version that is in test: see `makelaar dv test`.
    """
    makelaar = open_makelaar()
    version = find_version(Gate(makelaar), entity_id) if "#" in entity_id else None
    _start(
        makelaar, entity_id if version is None else version.entity_id, kind, version, service_id, login_url
    )


@click.command()
@click.argument("version")
@_SERVICE
@_LOGIN
@told
def test(version: str, service_id: str | None, login_url: str | None) -> None:
    """Try out VERSION, an entityID and number, before it is in force.

    \b
    makelaar dv test urn:etoegang:DV:00000003123456780000:entities:0001#3 --login https://dv.example.nl/login

    A concept is put in test. You get an address to open in a browser: for half an hour that browser logs in at this
    dienstverlener by this version, its keys, addresses and services. Everybody else goes by what is in force. When it
    works: makelaar dv activate.
    """
    makelaar = open_makelaar()
    gate = Gate(makelaar)
    found = find_version(gate, version)
    if found.state is VersionState.CONCEPT:
        found = gate.put_in_test(found.id, cli_actor())
        click.echo(f"in test: {found.label}", err=True)
    _start(makelaar, found.entity_id, RIGHT, found, service_id, login_url)


def _start(
    makelaar: Assembled,
    entity_id: str,
    kind: str,
    version: Version | None,
    service_id: str | None,
    login_url: str | None,
) -> None:
    """Start a test, and print where its browser must go."""
    try:
        started = Rehearsals(makelaar).start(
            entity_id,
            kind,
            cli_actor(),
            service_id=service_id,
            login_url=login_url,
            version_id=None if version is None else version.id,
        )
    except UnknownPartner:
        raise click.ClickException(f"{entity_id} is not connected. See: makelaar dv list") from None
    except NotThisTest as error:
        hint = ""
        if version is not None and version.state is VersionState.CONCEPT:
            hint = f" Put it in test first: makelaar dv test {version.label}"
        raise click.ClickException(f"{error}.{hint}") from None
    click.echo(started.url)
    click.echo(f"Open it in the browser to test with, within {LASTS_SECONDS // 60} minutes.", err=True)


@click.command()
@click.argument("entity_id")
def rehearsals(entity_id: str) -> None:
    """List the test logins at the dienstverlener with ENTITY_ID, newest first, and what came of them.

    Start one with: makelaar dv rehearse.
    """
    found = Rehearsals(open_makelaar()).of(entity_id)
    if not found:
        click.echo("nothing was tested yet. Start with: makelaar dv rehearse ENTITY_ID right")
    for each in found:
        kind = KINDS.get(each.kind)
        state = "answered, nobody said what was seen" if each.answered_at else "not answered"
        if each.seen is not None:
            verdict = judge(kind, Seen(each.seen)) if kind is not None else None
            state = f"{each.seen}: {verdict or 'good'}"
        click.echo(
            f"{each.started_at:%Y-%m-%d %H:%M}  {each.kind:<24}{state}  {each.reference or ''}".rstrip()
        )
