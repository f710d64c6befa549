"""Certificate weather: everything that ends soon or has ended, of us and of every partner.

What is kept of partners is written with their documents; of ourselves it is looked at here, since files have no hooks.
"""

import hashlib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from icalendar import Calendar
from icalendar import Event
from prometheus_client import CollectorRegistry
from prometheus_client import Gauge
from prometheus_client import generate_latest
from sqlalchemy import Engine

from broker.assembly.party import Assembled
from broker.assembly.personal_address import PersonalAddresses
from broker.domain.own_keys import KeyState
from broker.ports.expiries import Expiring
from broker.ports.partner_index import IndexedExpiry
from broker.ports.work import Mail
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.expiries import SqlExpiries
from broker.storage.own_keys import SqlOwnKeyStore

DAYS = 90
"""How far one looks ahead."""

SHOWN = 1000
"""How much a page, a feed or a metric holds; who has more than this to renew sees the soonest."""

CALENDAR = "/weather/calendar"
"""Where the console serves the calendar, before a code."""

METRICS = "/metrics"
"""Where it serves the metric, to who brings a token."""

REMINDED_AT = (60, 30, 7)
"""Days before the end at which operators get a mail."""


def weather(engine: Engine, now: datetime, days: int = DAYS, limit: int = SHOWN) -> tuple[Expiring, ...]:
    """What ends within so many days or has ended, soonest first, of ourselves and of partners in force."""
    found = SqlExpiries(engine).before(now + timedelta(days=days), limit=limit)
    ourselves = MAKELAAR.display_name("nl")
    return tuple(replace(each, name=ourselves) if each.role is None else each for each in found)


def look_at_ourselves(makelaar: Assembled, now: datetime) -> None:
    """Keep when our own keys that are not retired end, and the certificates of this node for mutual TLS."""
    SqlExpiries(makelaar.engine).replace(MAKELAAR.entity_id, _ours(makelaar, now))


def _ours(makelaar: Assembled, now: datetime) -> Iterator[IndexedExpiry]:
    for key in SqlOwnKeyStore(makelaar.engine).all():
        if key.state(now) is not KeyState.RETIRED:
            yield _end_of("own", key.name, x509.load_der_x509_certificate(key.certificate))
    settings = makelaar.settings
    for use, stem in (("client", settings.client_stem(MAKELAAR)), ("listener", settings.listener_stem)):
        certificate = _read(stem.with_suffix(".crt"))
        if certificate is not None:
            yield _end_of(use, use, certificate)


def _read(path: Path) -> x509.Certificate | None:
    """What this node presents; None where it presents nothing, which others complain of."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None


def _end_of(use: str, label: str, certificate: x509.Certificate) -> IndexedExpiry:
    digest = certificate.fingerprint(hashes.SHA256()).hex()
    return IndexedExpiry(use, digest, label, certificate.not_valid_after_utc)


def metrics(engine: Engine, now: datetime) -> bytes:
    """The weather for Prometheus: days until the soonest end by entity and use, and how much ends in all."""
    registry = CollectorRegistry()
    days = Gauge(
        "makelaar_expires_days",
        "Days until the soonest certificate or metadata of an entity ends, when that is soon.",
        ["entity_id", "use"],
        registry=registry,
    )
    count = Gauge(
        "makelaar_expiring",
        "How many certificates and metadata end within days.",
        ["days"],
        registry=registry,
    )
    seen: set[tuple[str, str]] = set()
    for each in weather(engine, now):
        if (each.entity_id, each.use) not in seen:
            seen.add((each.entity_id, each.use))
            days.labels(each.entity_id, each.use).set((each.not_after - now) / timedelta(days=1))
    for ahead in (0, *reversed(REMINDED_AT), DAYS):
        count.labels(str(ahead)).set(SqlExpiries(engine).count_before(now + timedelta(days=ahead)))
    return generate_latest(registry)


def code_of(settings: Settings, purpose: str) -> str:
    """The unguessable part of the address of ``CALENDAR``. Raises as ``load_secret``."""
    return PersonalAddresses.of(settings).code_for(purpose)


def addresses(settings: Settings) -> tuple[str, str]:
    """Where the console serves the calendar, for who is given that, and the metric. Raises as ``load_secret``."""
    base = settings.console_address
    return f"{base}{CALENDAR}/{code_of(settings, CALENDAR)}.ics", base + METRICS


def calendar(expiring: Iterable[Expiring], now: datetime) -> bytes:
    """An iCalendar feed (RFC 5545): an event on the day that something ends, the same each time it is fetched."""
    feed = Calendar()
    feed.add("prodid", "-//open makelaar//certificate weather//NL")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Certificates")
    for each in expiring:
        event = Event()
        event.add("uid", f"{_digest(each.entity_id, each.use, each.fingerprint)}@makelaar")
        event.add("dtstamp", now)
        event.add("dtstart", each.not_after.date())
        event.add("summary", f"{each.name}: {described(each)}")
        event.add("description", f"{each.entity_id}\n{each.label}\n{each.not_after:%Y-%m-%d %H:%M} UTC")
        event.add("transp", "TRANSPARENT")
        feed.add_component(event)
    data: bytes = feed.to_ical()
    return data


def reminders(expiring: Sequence[Expiring], now: datetime) -> Iterator[Mail]:
    """What operators should hear at this moment: each end at the last of ``REMINDED_AT`` days that it passed.

    What ends of one entity on one day comes in one mail. What has ended is not told again.
    """

    def by_entity_and_day(each: Expiring) -> tuple[str, str]:
        return each.entity_id, f"{each.not_after:%Y-%m-%d}"

    for (entity_id, day), group in groupby(sorted(expiring, key=by_entity_and_day), key=by_entity_and_day):
        ending = list(group)
        left = min(each.days_left(now) for each in ending)
        passed = [days for days in REMINDED_AT if left < days]
        if left < 0 or not passed:
            continue
        lines = "\n".join(
            f"- {described(each)}, {each.label}: {each.not_after:%Y-%m-%d %H:%M} UTC" for each in ending
        )
        ours = "Roll it: makelaar keys announce. " if any(each.role is None for each in ending) else ""
        yield Mail(
            key=f"expires:{min(passed)}:{day}:{_digest(entity_id)}",
            subject=f"{ending[0].name}: ends on {day}",
            body=f"{ending[0].name} ({entity_id}), within {min(passed)} days:\n\n{lines}\n\n"
            f"{ours}Everything that ends soon: makelaar weather\n",
        )


_USES = {
    "own": "our key",
    "client": "our client certificate",
    "listener": "the certificate of the back channel",
    "signing": "signing certificate",
    "encryption": "encryption certificate",
    "service": "ServiceCertificate in the catalogue",
    "metadata": "validUntil of the metadata",
}


def described(each: Expiring) -> str:
    """What it is that ends, in words."""
    return _USES.get(each.use, each.use)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
