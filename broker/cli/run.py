"""`makelaar run`: the makelaar with a whole network around it."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.assembly.personal_address import PersonalAddresses
from broker.cli.actors import cli_actor
from broker.cli.demo_operator import DemoOperator
from broker.cli.demo_operator import seed_demo_operator
from broker.cli.documents import read_document
from broker.cli.environment import read_settings
from broker.cli.misbehaving import table_of_misbehaviours
from broker.cli.misbehaving import told_to_misbehave
from broker.cli.misbehaving import warn
from broker.cli.setup import acquaintances
from broker.cli.setup import set_up
from broker.cli.supervisor import Supervisor
from broker.cli.supervisor import require_free_ports
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import system_clock
from broker.exchange.tls import UnusableTls
from broker.network.persons import from_abroad
from broker.network.world import persons
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Outcome
from broker.onboarding.gate import Submission
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.screens.assets import STYLESHEET
from broker.screens.assets import MissingAsset
from broker.screens.assets import load_asset
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import UnusableKey

REFRESH_SECONDS = 3.0
"""How often the parties of the box look whether the metadata of the makelaar changed."""

_TRY = """[bold]What to try[/bold]
 1. Open the dienstverlener below and choose [bold]Omgevingsvergunning aanvragen[/bold]
    (Apply for an environmental permit).
 2. Choose [bold]Sleutel Voorbeeld[/bold] (Example Key) and log in as [bold]werknemer[/bold].
    The login page lists the test persons with passwords and current codes.
 3. See the KvK-nummer, the pseudonym and every message.
    Then be [bold]accountant[/bold] (two clients, one chain revoked) or [bold]verlopen[/bold].

Connect your own dienstverlener: makelaar dv add METADATA --catalogue CATALOGUE
Ctrl-C ends everything; the data stays in {data}."""


@click.command()
@click.option(
    "--nasty",
    metavar="SEED",
    help="Have every party but the makelaar misbehave, in one of three answers; 'list' shows how, and ends.",
)
@click.option(
    "--misbehave",
    metavar="PARTY=HOW",
    multiple=True,
    help="Have one party misbehave in this way always, as mr2=lower-level; may be repeated.",
)
def run(nasty: str | None, misbehave: tuple[str, ...]) -> None:
    """Start the makelaar and a whole demo network, until Ctrl-C.

    Makes what is missing: keys, databases, test persons. Two authenticatiediensten, two machtigingenregisters, an
    eIDAS-berichtenservice and a dienstverlener speak the same messages over HTTP as foreign parties would.

    MAKELAAR_PORT is the first port (default 8440): the parties take those that follow, the back channel with mutual
    TLS the one 20 further. MAKELAAR_DATA is the folder for databases, keys and logs (default .makelaar). With both
    set differently, several copies run side by side.

    Parties misbehave only with keys that this command made, and only on this machine (docs/misbehaviour.md).
    """
    if nasty == "list":
        Console().print(table_of_misbehaviours())
        return
    settings = told_to_misbehave(read_settings(), nasty, misbehave)
    console = Console(stderr=True)
    _require_assets()
    require_free_ports(settings)
    with console.status("Making keys, databases and test persons..."):
        try:
            assembled = set_up(settings)
            demo = seed_demo_operator(settings, assembled[0])
        except (UnusableKey, UnusableTls) as error:
            raise click.ClickException(f"{error}.") from None
    with Supervisor(settings) as supervisor:
        with console.status("Starting all parties and connecting them through their metadata..."):
            supervisor.start()
            for party in assembled:
                connect(party)
        _welcome(settings, demo)
        warn(settings)
        supervisor.watch(Refreshing(assembled).look)
    console.print("Everything has ended.")


def connect(assembled: Assembled, *known: Party) -> None:
    """Have a party register the metadata that the others, or those of ``known``, publish at this moment.

    All of the box have a client certificate, so the makelaar sends them to its listener with mutual TLS.
    """
    for other, path in acquaintances(assembled.party):
        if known and other not in known:
            continue
        record = assembled.registry.find(other.entity_id)
        before = STANDARD if record is None else record.connection
        base = assembled.settings.url(other)
        address = base + path
        if other is MAKELAAR:
            address = PersonalAddresses.of(assembled.settings).address(address, assembled.party.entity_id)
        catalogue = read_document(base + paths.CATALOGUE) if other.role is Role.DV else None
        connection = replace(before, mutual_tls=assembled.party is MAKELAAR)
        try:
            _take(assembled, other.role, read_document(address), catalogue, connection)
        except DocumentRefused as refused:
            raise click.ClickException(f"{other.name} cannot be connected: {refused}") from None


class Refreshing:
    """Fetches the metadata of the makelaar for the parties around it again when it has changed, as partners do."""

    def __init__(self, assembled: Sequence[Assembled]) -> None:
        """All parties of the box, which have it as it is now."""
        self._around = [each for each in assembled if each.party is not MAKELAAR]
        self._address = assembled[0].settings.url(MAKELAAR) + paths.METADATA
        self._looked_at = time.monotonic()
        self._known = read_document(self._address)
        self._once_more = False

    def look(self) -> None:
        """Fetch it again once in a while. What goes wrong is tried again the next time."""
        if time.monotonic() - self._looked_at < REFRESH_SECONDS:
            return
        self._looked_at = time.monotonic()
        with suppress(click.ClickException, SQLAlchemyError):
            now = read_document(self._address)
            is_new = now != self._known
            if is_new or self._once_more:
                for each in self._around:
                    connect(each, MAKELAAR)
                # Processes of the makelaar learn of a key within seconds of each other, and another than the one that
                # was asked here may have answered a party: so a change is fetched twice.
                self._once_more = is_new
                self._known = now


def _take(
    assembled: Assembled, role: Role, metadata: bytes, catalogue: bytes | None, connection: Connection
) -> None:
    """Have it in force, at the makelaar as a version of which the history is kept.

    Not with ``four_eyes``: nobody is there to approve, and whoever runs the box holds the keys of all parties in it.
    """
    if assembled.party is MAKELAAR and not assembled.settings.four_eyes:
        gate, actor = Gate(assembled), cli_actor()
        submitted = gate.submit(Submission(role, metadata, catalogue, connection, new_keys=True), actor)
        if submitted.outcome is not Outcome.UNCHANGED:
            gate.activate(submitted.version.id, actor, reason="makelaar run")
        return
    register(
        assembled.registry,
        role,
        metadata,
        catalogue,
        makelaar_oin=MAKELAAR.oin,
        now=system_clock(),
        connection=connection,
    )


def _require_assets() -> None:
    """Raise ``click.ClickException`` that says how to build the stylesheets, when they are not there."""
    try:
        load_asset(STYLESHEET)
    except MissingAsset as error:
        raise click.ClickException(f"{error}.") from None


def _welcome(settings: Settings, demo: DemoOperator | None) -> None:
    console = Console()
    known = persons(settings) + from_abroad()
    for dienst in (party for party in PARTIES if party.level is not None):
        table = Table(
            title=f"Test persons of {dienst.display_name('nl')} ({dienst.display_name('en')})",
            title_justify="left",
            box=SIMPLE_HEAD,
        )
        for column in ("username", "password", "level", "shows"):
            table.add_column(column, no_wrap=column != "shows")
        for person in (person for person in known if person.ad == dienst.entity_id):
            level = LevelOfAssurance.from_short(person.level).label
            table.add_row(person.username, person.password or "(choose)", level, person.shows_en)
        console.print(table)
    console.print(_TRY.format(data=settings.data.resolve()), soft_wrap=True)
    console.print()
    if demo is not None:
        told = f"{demo.username}, password {demo.password}, code now {demo.code} (secret {demo.totp_secret})"
        console.print(f"[bold]Operator[/bold]        {told}", soft_wrap=True)
    console.print(f"[bold]Console[/bold]         {settings.console_address}/", soft_wrap=True)
    console.print(f"[bold]Dienstverlener[/bold]  {settings.url(GEMEENTE)}/", soft_wrap=True)
    console.print(f"[bold]Makelaar[/bold]        {settings.url(MAKELAAR)}{paths.METADATA}", soft_wrap=True)
