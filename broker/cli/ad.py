"""`makelaar ad`: connecting authenticatiediensten, and identity providers that log people in behind one of ours."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta

import click

from broker.assembly import paths
from broker.assembly.onboarding import connection_of
from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.cli.actors import cli_actor
from broker.cli.documents import read_document
from broker.cli.environment import read_settings
from broker.cli.findings import print_findings
from broker.cli.makelaar import open_makelaar
from broker.cli.profiles import read_contexts
from broker.cli.versions import bring_in_force
from broker.cli.versions import told
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.organisations import Organisation
from broker.exchange.own import system_clock
from broker.network.authenticatiedienst.delegation import PSEUDONYMS_FILE
from broker.network.authenticatiedienst.delegation import pseudonym_at
from broker.network.subjects import subject_at
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Outcome
from broker.onboarding.gate import Submission
from broker.ports import Role
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused
from broker.saml.partner import Partner
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.secret import load_secret
from broker.storage.machtigingen import SqlMachtigingenStore

_DIENSTEN = {party.name: party for party in PARTIES if party.role is Role.AD}
_REGISTERS = {party.name: party for party in PARTIES if party.role is Role.MR}

_LEVELS = click.Choice([level.short for level in LevelOfAssurance if level > LevelOfAssurance.LOA1])
_ONE_YEAR = timedelta(days=365)


@click.group()
def ad() -> None:
    """Connect, list, show and remove authenticatiediensten, of two kinds.

    One that speaks the messages of the stelsel appears in the list of the makelaar. A plain SAML identity provider
    (Keycloak, SimpleSAMLphp, Entra, ...) appears on the login page of an embedded authenticatiedienst, which lets it
    log people in and declares them at the level that your mapping gives.
    """


@ad.command()
@click.option("--metadata", required=True, help="Its metadata: a file or URL.")
@click.option(
    "--at", "dienst", type=click.Choice(sorted(_DIENSTEN)), help="Plain: the authenticatiedienst before it."
)
@click.option(
    "--context", "contexts", multiple=True, help="Plain: URI=loa3, a class of AuthnContext and its level."
)
@click.option(
    "--register",
    "mr",
    type=click.Choice(sorted(_REGISTERS)),
    help="Plain: where its people have machtigingen.",
)
@click.option("--subject", help="Plain: the attribute that holds the person; without it the NameID does.")
@click.option("--name", help="Plain: the name on its button; without it that of its metadata.")
@click.option(
    "--mutual-tls/--no-mutual-tls",
    default=None,
    help="Of the stelsel: whether it resolves our artifacts with a client certificate only. Default: as before.",
)
@told
def add(
    metadata: str,
    dienst: str | None,
    contexts: tuple[str, ...],
    mr: str | None,
    subject: str | None,
    name: str | None,
    mutual_tls: bool | None,
) -> None:
    """Connect the authenticatiedienst or identity provider that the metadata describes, or update it.

    With --at it is a plain identity provider; then --context and --register are needed too. What it says of how
    somebody logged in counts only if it is in the mapping; anything else is refused, never guessed.

    \b
    makelaar ad add --metadata https://ad.example.nl/metadata
    makelaar ad add --metadata idp.xml --at ad-sleutel --register mr-een --name "Ons account" \\
        --context urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract=loa3

    Give the identity provider our metadata: the command prints where it is.
    """
    settings = read_settings()
    if dienst is None:
        if contexts or mr or subject or name:
            raise click.UsageError("--context, --register, --subject and --name go together with --at.")
        _add_dienst(settings, read_document(metadata), mutual_tls)
        return
    if mutual_tls is not None:
        raise click.UsageError("--mutual-tls is for an authenticatiedienst of the stelsel, without --at.")
    if not contexts or mr is None:
        raise click.UsageError(
            "a plain identity provider needs --context and --register, to know what it vouches for."
        )
    before, mapping = _DIENSTEN[dienst], read_contexts(contexts)
    if (most := max(mapping.values())) > (before.level or most):
        raise click.UsageError(
            f"--context: {dienst} cannot deliver {most.short}, which is above its own level."
        )
    connection = Connection(contexts=mapping, register=_REGISTERS[mr].entity_id, subject=subject, name=name)
    partner = _register(_open(settings, before), Role.IDP, read_document(metadata), connection)
    click.echo(f"connected at {dienst}: {partner.entity_id}")
    click.echo(f"our metadata for it: {settings.url(before)}{paths.AD_DELEGATED_METADATA}")


@ad.command("list")
def list_all() -> None:
    """List the authenticatiediensten, and the identity providers behind them."""
    for known in _all(read_settings()):
        level = "" if known.partner.level is None else f"  ({known.partner.level.label})"
        behind = "" if known.at is None else f"  (plain, behind {known.at.name})"
        click.echo(f"{known.partner.entity_id}  {_name(known.partner)}{level}{behind}")


@ad.command()
@click.argument("entity_id")
def show(entity_id: str) -> None:
    """Show the one with ENTITY_ID: endpoints, keys, and for an identity provider its mapping."""
    known = _find(entity_id)
    partner, connection = known.partner, known.partner.connection
    click.echo(f"entityID      {partner.entity_id}")
    click.echo(f"name          {_name(partner)}")
    for endpoint in partner.sign_on:
        click.echo(f"sign-on       {endpoint.location}  ({endpoint.binding.rpartition(':')[2]})")
    for certificate in partner.signing:
        click.echo(f"signing key   {certificate.key_name}")
    if known.at is None:
        click.echo(f"level         {partner.level.label if partner.level else '-'}")
        click.echo(f"mutual TLS    {'required' if connection.mutual_tls else 'not required'}")
        return
    click.echo(f"behind        {known.at.name}")
    click.echo(f"register      {connection.register}")
    click.echo(f"person        {connection.subject or 'NameID'}")
    for uri, level in sorted(connection.contexts.items()):
        click.echo(f"context       {uri} = {level.short}")


@ad.command()
@click.argument("entity_id")
def remove(entity_id: str) -> None:
    """Disconnect the one with ENTITY_ID. It counts from the next login."""
    known = _find(entity_id)
    if known.at is not None:
        known.holder.registry.remove(entity_id)
    else:
        Gate(known.holder).remove(entity_id, cli_actor())
        for register_party in _REGISTERS.values():
            _open(known.holder.settings, register_party).registry.remove(entity_id)
    click.echo(f"disconnected: {entity_id}")


@ad.command()
@click.argument("entity_id")
@click.argument("person")
@click.argument("kvk")
@click.option("--level", type=_LEVELS, default="loa3", help="How strong it is; loa3 when not given.")
@click.option("--organisation", help="The name of the company, when the register does not know it yet.")
def authorise(entity_id: str, person: str, kvk: str, level: str, organisation: str | None) -> None:
    """Give a machtiging to PERSON of the identity provider with ENTITY_ID, for the company with number KVK.

    PERSON is as the identity provider names them: the NameID, or the attribute of --subject.

    \b
    makelaar ad authorise https://idp.example.nl/metadata j.tester 90000011 --level loa3

    The machtiging is for every service, for a year, in the register behind the identity provider.
    """
    known = _find(entity_id)
    behind = known.partner.connection.register
    holder = next((party for party in _REGISTERS.values() if party.entity_id == behind), None)
    if known.at is None or holder is None:
        raise click.ClickException(
            f"{entity_id} is no plain identity provider: its people have their own register."
        )
    try:
        company = KvkNumber(kvk)
    except ValueError:
        raise click.UsageError("KVK is not a KvK-nummer: eight digits.") from None
    settings = known.holder.settings
    secret = load_secret(settings.folder(known.at) / PSEUDONYMS_FILE)
    pseudonym = pseudonym_at(secret, entity_id, person)
    now = system_clock()
    store = SqlMachtigingenStore(_open(settings, holder).engine)
    if store.organisation(company) is None:
        store.save_organisation(Organisation(company, None, organisation or kvk))
    store.save_machtiging(
        Machtiging(
            id=f"m-{secrets.token_hex(8)}",
            subject=subject_at(known.at.entity_id, pseudonym.reveal()),
            company=company,
            scope=Scope(),
            level=LevelOfAssurance.from_short(level),
            valid_from=now,
            valid_until=now + _ONE_YEAR,
        )
    )
    click.echo(f"authorised for a year at {holder.name}")


@dataclass(frozen=True, slots=True)
class _Known:
    """A connected one, the party that holds it, and the authenticatiedienst before it (None: it is one itself)."""

    partner: Partner
    holder: Assembled
    at: Party | None


def _add_dienst(settings: Settings, metadata: bytes, mutual_tls: bool | None) -> None:
    """Register it at the makelaar, and at the registers, which must believe what it declares."""
    makelaar = open_makelaar()
    connection = _connection_before(makelaar, metadata)
    if mutual_tls is not None:
        connection = replace(connection, mutual_tls=mutual_tls)
    gate = Gate(makelaar)
    submission = Submission(Role.AD, metadata, connection=connection, new_keys=True)
    try:
        submitted = gate.submit(submission, cli_actor())
    except DocumentRefused as refused:
        raise _refused(refused) from None
    print_findings(submitted.findings)
    if submitted.outcome is not Outcome.UNCHANGED:
        version = bring_in_force(gate, submitted.version)
        if version.state is not VersionState.ACTIVE:
            click.echo("once it is in force, add it again: the registers have to know it too")
            return
    partner = submitted.partner
    for party in _REGISTERS.values():
        _register(_open(settings, party), Role.AD, metadata, STANDARD)
    click.echo(f"connected: {partner.entity_id}")


def _connection_before(makelaar: Assembled, metadata: bytes) -> Connection:
    """What was chosen before; for a document that is no metadata the standard, since it is refused anyhow."""
    try:
        return connection_of(makelaar.registry, metadata) or STANDARD
    except DocumentRefused:
        return STANDARD


def _register(holder: Assembled, role: Role, metadata: bytes, connection: Connection) -> Partner:
    try:
        partner, findings = register(
            holder.registry,
            role,
            metadata,
            None,
            makelaar_oin=MAKELAAR.oin,
            now=system_clock(),
            connection=connection,
        )
    except DocumentRefused as refused:
        raise _refused(refused) from None
    print_findings(findings if role is Role.IDP else ())
    return partner


def _refused(refused: DocumentRefused) -> click.ClickException:
    """What was found, and what to do about it."""
    print_findings(refused.findings)
    return click.ClickException(
        "refused; nothing was changed. Mend the errors above and add it again, or for a plain identity provider "
        "say which authenticatiedienst comes before it: --at."
    )


def _all(settings: Settings) -> Iterator[_Known]:
    makelaar = open_makelaar()
    for partner in makelaar.station.partners.in_role(Role.AD):
        yield _Known(partner, makelaar, None)
    for party in _DIENSTEN.values():
        holder = _open(settings, party)
        for partner in holder.station.partners.in_role(Role.IDP):
            yield _Known(partner, holder, party)


def _find(entity_id: str) -> _Known:
    for known in _all(read_settings()):
        if known.partner.entity_id == entity_id:
            return known
    raise click.ClickException(f"{entity_id} is not connected. See: makelaar ad list")


def _open(settings: Settings, party: Party) -> Assembled:
    open_makelaar()  # says what to do when nothing was set up yet
    return assemble(settings, party)


def _name(partner: Partner) -> str:
    return partner.connection.name or partner.display_name("nl")
