"""`makelaar doctor`: is everything here in order, and if not, what to do."""

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from functools import partial
from math import inf
from pathlib import Path

import click
from cryptography import x509
from sqlalchemy.exc import SQLAlchemyError

from broker.cli.diagnosis import WARN_BEFORE
from broker.cli.diagnosis import Diagnosis
from broker.cli.doctor_network import WARN_METADATA_BEFORE
from broker.cli.doctor_network import dates
from broker.cli.doctor_network import network
from broker.cli.doctor_tls import tls
from broker.cli.environment import read_settings
from broker.cli.supervisor import PortTaken
from broker.cli.supervisor import require_free_ports
from broker.domain.own_keys import KeyState
from broker.exchange.partners import read_record
from broker.exchange.partners import read_record_versions
from broker.ports import Role
from broker.ports import StateStoreUnavailable
from broker.saml import schema
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Severity
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import FileSigner
from broker.signers.files import UnusableKey
from broker.signers.files import others_may
from broker.storage.engine import make_engine
from broker.storage.expiries import SqlExpiries
from broker.storage.migrations import is_current
from broker.storage.own_keys import SqlOwnKeyStore
from broker.storage.registry import SqlRegistry
from broker.storage.state import open_state_store

_READ_ALL = 500
"""Of more dienstverleners it would take minutes to read them all."""


@click.command()
@click.option("--every-partner", is_flag=True, help="Read the documents of every partner, however many.")
def doctor(every_partner: bool) -> None:
    """Check settings, Python, keys, certificates, databases, state store, partners and ports.

    Exits with 0 when all is in order, 1 when something must be done; each finding says what.
    """
    settings = read_settings()
    healthy = True
    partners = partial(_partners, most=inf) if every_partner else _partners
    for look in (_python, _schemas, _keys, tls, _database, _state, partners, network, _port):
        for diagnosis in _guarded(look, settings):
            healthy = healthy and diagnosis.healthy
            mark, colour = ("✓", "green") if diagnosis.healthy else ("✗", "red")
            click.secho(f"{mark} {diagnosis.subject}: {diagnosis.detail}", fg=colour)
            if diagnosis.advice:
                click.echo(f"  → {diagnosis.advice}")
    if not healthy:
        raise click.exceptions.Exit(1)
    click.echo("Everything is in order.")


def _guarded(look: Callable[[Settings], Iterator[Diagnosis]], settings: Settings) -> Iterator[Diagnosis]:
    name = getattr(look, "__name__", "partners").strip("_")
    try:
        yield from look(settings)
    except (SQLAlchemyError, StateStoreUnavailable, OSError, ValueError) as error:
        # The text of a database error may hold a password out of the URL.
        yield Diagnosis(
            name, False, f"cannot be looked at ({type(error).__name__})", "Is the address right and up?"
        )


def _python(_settings: Settings) -> Iterator[Diagnosis]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Diagnosis(
        "Python", sys.version_info >= (3, 11), version, "" if sys.version_info >= (3, 11) else "Use 3.11."
    )


def _schemas(_settings: Settings) -> Iterator[Diagnosis]:
    schema.preload()
    yield Diagnosis("XML schemas", True, "compiled")


def _keys(settings: Settings) -> Iterator[Diagnosis]:
    now = datetime.now(UTC)
    for party, stem in _signing_stems(settings):
        try:
            signer = FileSigner.load(stem)
        except UnusableKey as error:
            yield Diagnosis(f"key of {party.name}", False, str(error), "Make development keys: makelaar run")
            continue
        expires = x509.load_der_x509_certificate(signer.certificate_der).not_valid_after_utc
        good = expires > now + WARN_BEFORE
        mend = (
            "Announce the next one: makelaar keys announce --help"
            if party is MAKELAAR
            else f"Replace {stem}.key and .crt, and hand out the new metadata."
        )
        advice = "" if good else mend
        yield Diagnosis(f"key of {party.name}", good, f"valid until {expires:%Y-%m-%d}", advice)
        mode = others_may(stem.with_suffix(".key"))
        if mode:
            yield Diagnosis(f"key of {party.name}", False, "readable by others", f"chmod 600 {stem}.key")


def _signing_stems(settings: Settings) -> Iterator[tuple[Party, Path]]:
    """The keys that each party may sign with; those of the makelaar by what it announced."""
    names = {settings.key_stem(MAKELAAR).name}
    if settings.database_url or settings.folder(MAKELAAR).is_dir():
        engine = make_engine(settings.database(MAKELAAR))
        # A database that is away or older is told of elsewhere.
        with suppress(SQLAlchemyError):
            now = datetime.now(UTC)
            keys = SqlOwnKeyStore(engine).all()
            names = {key.name for key in keys if key.state(now) is not KeyState.RETIRED} or names
    for party in PARTIES:
        for name in sorted(names) if party is MAKELAAR else [settings.key_stem(party).name]:
            yield party, settings.key_stem(party).with_name(name)


def _database(settings: Settings) -> Iterator[Diagnosis]:
    if not settings.database_url and not settings.folder(MAKELAAR).is_dir():
        yield Diagnosis(
            "database", False, f"no data in {settings.data.resolve()}", "Start once: makelaar run"
        )
        return
    engine = make_engine(settings.database(MAKELAAR))
    with engine.connect():  # raises when it cannot be reached, which is another finding than an old version
        current = is_current(engine)
    detail = f"{engine.dialect.name}, {'migrated to this version' if current else 'of an older version'}"
    yield Diagnosis(
        "database", current, detail, "" if current else "It is migrated at the next start: makelaar run"
    )


def _state(settings: Settings) -> Iterator[Diagnosis]:
    if not settings.database_url and not settings.folder(MAKELAAR).is_dir():
        return
    store = open_state_store(settings.state_url, make_engine(settings.database(MAKELAAR)))
    store.ping()
    kind = settings.state_url.partition(":")[0]
    several = kind == "memory" and (settings.workers > 1 or settings.back_channel != "off")
    advice = ""
    if several:
        advice = "Use sql: or redis://, or set MAKELAAR_WORKERS=1 and MAKELAAR_BACK_CHANNEL=off."
    yield Diagnosis("state store", not several, f"{kind}, answers", advice)


def _partners(settings: Settings, most: float | None = None) -> Iterator[Diagnosis]:
    if not settings.database_url and not settings.folder(MAKELAAR).is_dir():
        return
    registry = SqlRegistry(make_engine(settings.database(MAKELAAR)))
    now = datetime.now(UTC)
    for role in (Role.AD, Role.MR, Role.DV, Role.EB):
        hashes = registry.content_hashes(role)
        if not hashes and role is not Role.EB:  # without one, only services for eIDAS cannot be used
            yield Diagnosis(
                f"partners in role {role}", False, "none", "makelaar run connects the demo network"
            )
        if role is Role.DV and len(hashes) > (_READ_ALL if most is None else most):
            yield from _many(settings, role, len(hashes), now)
            continue
        for entity_id, _ in hashes:
            yield from _partner(settings, registry, entity_id, now)


def _partner(settings: Settings, registry: SqlRegistry, entity_id: str, now: datetime) -> Iterator[Diagnosis]:
    record = registry.find(entity_id)
    if record is None:
        return
    try:
        partner, _ = read_record(record, MAKELAAR.oin, now, settings.lowest_level)
        versions, _ = read_record_versions(record, MAKELAAR.oin, settings.lowest_level)
    except DocumentRefused as refused:
        first = next(each for each in refused.findings if each.severity is Severity.ERROR)
        advice = f"Ask for new metadata and add it again. {first}"
        yield Diagnosis(f"partner {entity_id}", False, "its documents are no longer good", advice)
    else:
        yield dates(partner, versions[-1].valid_until, record.source, now)


def _many(settings: Settings, role: Role, count: int, now: datetime) -> Iterator[Diagnosis]:
    """Of more partners than can be read in a while: what the index knows of their dates."""
    ending = SqlExpiries(make_engine(settings.database(MAKELAAR))).count_before(now + WARN_METADATA_BEFORE)
    detail = f"{count:,} connected, not read one by one"
    yield Diagnosis(
        f"partners in role {role}", True, detail, "To read them all: makelaar doctor --every-partner"
    )
    if ending:
        detail = (
            f"{ending:,} certificates and metadata have ended, or end within {WARN_METADATA_BEFORE.days} days"
        )
        yield Diagnosis("what ends", False, detail, "See whose: makelaar weather")


def _port(settings: Settings) -> Iterator[Diagnosis]:
    ports = ", ".join(map(str, settings.ports()))
    try:
        require_free_ports(settings)
    except PortTaken:
        yield Diagnosis("ports", True, f"{ports}: in use; is makelaar run on?")
    else:
        yield Diagnosis("ports", True, f"{ports}: free")
