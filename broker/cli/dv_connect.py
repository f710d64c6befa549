"""`makelaar dv add` and what goes with it: to submit, list, show and remove dienstverleners."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from broker.assembly.onboarding import connection_of
from broker.assembly.one_service import one_service_catalogue
from broker.assembly.party import Assembled
from broker.cli.actors import cli_actor
from broker.cli.documents import read_document
from broker.cli.findings import print_findings
from broker.cli.makelaar import open_makelaar
from broker.cli.profiles import choose_connection
from broker.cli.profiles import choose_service
from broker.cli.profiles import profile_options
from broker.cli.profiles import service_options
from broker.cli.versions import bring_in_force
from broker.cli.versions import print_difference
from broker.cli.versions import told
from broker.domain.connection import Profile
from broker.exchange.own import system_clock
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Outcome
from broker.onboarding.gate import Submission
from broker.onboarding.gate import Submitted
from broker.onboarding.partners import overview
from broker.ports import Role
from broker.ports.overview import PartnerLine
from broker.ports.versions import Origin
from broker.ports.versions import VersionState
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.settings import LONGEST_KEY_OVERLAP_DAYS
from broker.settings import MAKELAAR
from broker.storage.overview import SqlOverview

Command = Callable[..., Any]


def document_options(command: Command) -> Command:
    """Add the arguments and options that say what is handed over, and how the dienstverlener is connected."""
    for option in reversed(
        (
            click.argument("metadata"),
            click.option("--catalogue", help="The dienstencatalogus: a file or URL."),
            click.option(
                "--mutual-tls/--no-mutual-tls",
                default=None,
                help="Whether artifacts are resolved with a client certificate only. Default: as before, at first not.",
            ),
            click.option(
                "--key-overlap-days",
                type=click.IntRange(0, LONGEST_KEY_OVERLAP_DAYS),
                help="How long signing keys that new metadata leaves out are believed. Default: as before, at "
                "first the setting of this name.",
            ),
            click.option(
                "--new-keys",
                is_flag=True,
                help="It is the same party, though all of its signing keys are new: you asked them.",
            ),
            click.option("--reason", default="", help="Why, for the history."),
            profile_options,
            service_options,
        )
    ):
        command = option(command)
    return command


_PAGE = 1000
"""Dienstverleners of a list that are looked up at a time."""


@click.command()
@document_options
@told
def add(metadata: str, **options: Any) -> None:
    """Connect the dienstverlener that METADATA (a file or URL) describes, or update it.

    Both documents are checked as a login will use them. When they are refused you get each reason, with line and
    rule, and what was registered before stays in force. Warnings name what is tolerated.

    \b
    makelaar dv add https://dv.example.nl/metadata --catalogue catalogus.xml

    Software that knows SAML but not eHerkenning has no catalogue; say what service it is instead:

    \b
    makelaar dv add https://app.example.nl/saml/metadata --profile saml \\
      --service-id urn:etoegang:DV:00000003900000010000:services:1 \\
      --service-name "Mijn applicatie" --level loa3

    Added again, it keeps the options that are not given. One of its signing keys must be known then: who comes with
    other keys only may be somebody else with its entityID, unless you say --new-keys.
    """
    _require_services(**options)
    makelaar = open_makelaar()
    gate = Gate(makelaar)
    submitted = _submit(gate, makelaar, metadata, **options)
    partner, version = submitted.partner, submitted.version
    is_known = makelaar.registry.find(partner.entity_id) is not None
    if submitted.outcome is Outcome.UNCHANGED:
        click.echo(f"unchanged: {partner.entity_id}")
    else:
        if is_known:
            print_difference(submitted.difference)
        version = bring_in_force(gate, version, reason=options["reason"])
        if version.state is VersionState.ACTIVE:
            click.echo(f"{'updated' if is_known else 'connected'}: {partner.entity_id}")
    _print_partner(partner)


@click.command()
@document_options
@told
def submit(metadata: str, **options: Any) -> None:
    """Keep METADATA (a file or URL) as a concept: checked and compared, but nobody logs in with it yet.

    \b
    makelaar dv submit https://dv.example.nl/metadata --catalogue catalogus.xml --reason "new key"

    Options are those of `dv add`. What is refused is not kept.
    """
    _require_services(**options)
    makelaar = open_makelaar()
    submitted = _submit(Gate(makelaar), makelaar, metadata, **options)
    label = submitted.version.label
    if submitted.outcome is Outcome.UNCHANGED:
        click.echo(f"unchanged: what is in force is the same, {label}")
        return
    kept = (
        "kept as concept" if submitted.outcome is Outcome.NEW else f"known already, {submitted.version.state}"
    )
    click.echo(f"{kept}: {label}")
    print_difference(submitted.difference)
    click.echo(f"put it in force: makelaar dv activate {label}")


def _require_services(*, catalogue: str | None, **options: Any) -> None:
    """Raise ``click.UsageError`` unless either a catalogue or a service is given."""
    service = {name: options[name] for name in ("service_id", "service_name", "level", "organisation")}
    if (catalogue is None) == (choose_service(**service) is None):
        raise click.UsageError(
            "give --catalogue, or --service-id, --service-name and --level. "
            "What is in a file tells: makelaar dv check FILE"
        )


def _submit(
    gate: Gate,
    makelaar: Assembled,
    metadata: str,
    *,
    catalogue: str | None,
    mutual_tls: bool | None,
    key_overlap_days: int | None,
    new_keys: bool,
    reason: str,
    profile: str | None,
    encrypt_assertion: bool | None,
    attributes: tuple[str, ...],
    contexts: tuple[str, ...],
    default_service: str | None,
    **service: str | None,
) -> Submitted:
    """Hand over what the options say, and print what is let through. Raises ``DocumentRefused``."""
    wanted = choose_service(**service)
    described = read_document(metadata)
    connection = choose_connection(
        connection_of(makelaar.registry, described),
        described,
        profile=profile,
        encrypt_assertion=encrypt_assertion,
        attributes=attributes,
        contexts=contexts,
        default_service=default_service,
    )
    if mutual_tls is not None:
        connection = replace(connection, mutual_tls=mutual_tls)
    if key_overlap_days is not None:
        connection = replace(connection, key_overlap_days=key_overlap_days)
    offered = (
        read_document(catalogue or "")
        if wanted is None
        else one_service_catalogue(
            described, wanted, makelaar_oin=MAKELAAR.oin, now=system_clock(), connection=connection
        )
    )
    origin = Origin.URL if "://" in metadata else Origin.CLI
    submitted = gate.submit(
        Submission(Role.DV, described, offered, connection, origin, reason, new_keys), cli_actor()
    )
    # A line in a catalogue that we made from the options is nothing that anybody can look up or mend.
    print_findings(
        (
            each
            for each in submitted.findings
            if wanted is None or each.document != "catalogue" or not each.line
        ),
        with_checks=True,
    )
    return submitted


@click.command("list")
def list_all() -> None:
    """List the connected dienstverleners."""
    engine = open_makelaar().engine
    listed, after = SqlOverview(engine), ""
    while True:
        page = overview(engine, role=Role.DV, after=after, size=_PAGE)
        counts = listed.count_services([line.entity_id for line in page.lines])
        for line in page.lines:
            click.echo(_in_list(line, counts.get(line.entity_id, 0)))
        if page.after is None:
            break
        after = page.after
    if not after and not page.lines:
        click.echo(
            "no dienstverlener is connected. Connect one: makelaar dv add METADATA --catalogue CATALOGUE"
        )


def _in_list(line: PartnerLine, services: int) -> str:
    if line.suspended_at is not None:
        return f"{line.entity_id}  (suspended)"
    return f"{line.entity_id}  {line.name}  ({services} {'service' if services == 1 else 'services'})"


@click.command()
@click.argument("entity_id")
def show(entity_id: str) -> None:
    """Show the dienstverlener with ENTITY_ID: services, levels, endpoints and keys."""
    try:
        partner = open_makelaar().station.partners.find(entity_id, Role.DV)
    except UnknownPartner:
        raise click.ClickException(f"{entity_id} is not connected. See: makelaar dv list") from None
    _print_partner(partner)


@click.command()
@click.argument("entity_id")
def remove(entity_id: str) -> None:
    """Disconnect the dienstverlener with ENTITY_ID. Logins that are under way end with a clear page."""
    makelaar = open_makelaar()
    # From the registry itself: what can no longer be read must be removable too.
    record = makelaar.registry.find(entity_id)
    if record is None or record.role is not Role.DV:
        raise click.ClickException(f"{entity_id} is not connected. See: makelaar dv list")
    Gate(makelaar).remove(entity_id, cli_actor())
    click.echo(f"disconnected: {entity_id}")


def _print_partner(partner: Partner) -> None:
    click.echo(f"entityID      {partner.entity_id}")
    click.echo(f"name          {partner.organisation_name('nl')}")
    _print_connection(partner)
    for endpoint in partner.assertion_consumers:
        click.echo(f"ACS {endpoint.index!s:<9} {endpoint.location}  ({endpoint.binding.rpartition(':')[2]})")
    click.echo(f"mutual TLS    {'required' if partner.connection.mutual_tls else 'not required'}")
    if (days := partner.connection.key_overlap_days) is not None:
        click.echo(f"keys of before {days} days believed")
    for certificate in partner.signing:
        click.echo(f"signing key   {certificate.key_name}")
    for index, service_id in sorted(partner.services.items()):
        service = partner.catalogue[service_id]
        notes = [service.level.label if service.is_defined else "of a dienstaanbieder"]
        chains = "chains" if service.accepts_ketenmachtiging else "no chains"
        notes += ["eIDAS"] if service.is_eidas_inbound else [chains]
        notes += ["vestiging"] if service.accepts_vestiging else []
        notes += ["subdossier"] if service.accepts_subdossier else []
        notes += ["default"] if service_id == partner.default_service else []
        click.echo(f"service {index:<5} {service.name('nl')}  ({', '.join(notes)})")
        click.echo(f"              {service_id}")


def _print_connection(partner: Partner) -> None:
    connection = partner.connection
    if connection.profile is not Profile.SAML:
        click.echo(f"profile       {connection.profile}")
        return
    try:
        sealing = partner.sealing(system_clock())
    except NobodyToEncryptFor as error:
        click.echo(f"profile       saml  (no logins: {error})")
        return
    how = f"encrypted, {sealing.algorithm.rpartition('#')[2]}" if sealing else "not encrypted"
    click.echo(f"profile       saml  (assertion {how})")
    for ours, theirs in sorted(connection.attribute_names.items()):
        click.echo(f"attribute     {ours} is called {theirs}")
    for uri, level in sorted(connection.contexts.items()):
        click.echo(f"context       {uri} is {level.label}")
