"""What doctor says of dates in metadata: of each partner, and of the network."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from broker.cli.diagnosis import WARN_BEFORE
from broker.cli.diagnosis import Diagnosis
from broker.cli.documents import read_certificate
from broker.ports import Source
from broker.saml.partner import Partner
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.network import SqlNetworkStore

WARN_METADATA_BEFORE = timedelta(days=14)


def dates(partner: Partner, end: datetime | None, source: Source, now: datetime) -> Diagnosis:
    """A partner that can be read: whether it is in force, and will be for a while. ``end`` is that of all it has."""
    subject = f"partner {partner.entity_id}"
    if not partner.holds_at(now):
        detail = f"its metadata is in force from {partner.valid_from:%Y-%m-%d %H:%M} UTC"
        return Diagnosis(subject, True, f"{partner.role}; {detail}")
    # What the network brought is renewed with the network, which is looked at as a whole.
    if end is None or source is Source.NETWORK or end > now + WARN_METADATA_BEFORE:
        return Diagnosis(subject, True, partner.role)
    advice = "Ask for new metadata and add it again; from that moment on it is unknown."
    return Diagnosis(subject, False, f"its metadata ends on {end:%Y-%m-%d %H:%M} UTC", advice)


def network(settings: Settings) -> Iterator[Diagnosis]:
    """Whether the metadata of the network is young enough, and will still be believed."""
    if not settings.database_url and not settings.folder(MAKELAAR).is_dir():
        return
    last, now = SqlNetworkStore(make_engine(settings.database(MAKELAAR))).last(), datetime.now(UTC)
    if last is not None:
        due = min(
            (each for each in (last.refresh_before, last.valid_until) if each is not None), default=None
        )
        good = due is None or due > now
        advice = "" if good else "makelaar network refresh; run it from cron, see docs/operate.md"
        detail = last.edition if due is None else f"{last.edition}, due before {due:%Y-%m-%d %H:%M} UTC"
        yield Diagnosis("network metadata", good, detail, advice)
    for path in settings.network_certificates:
        try:
            expires = read_certificate(path).not_valid_after_utc
        except (OSError, ValueError):
            yield Diagnosis(f"certificate {path}", False, "cannot be read", "Give a certificate, PEM or DER.")
            continue
        good = expires > now + WARN_BEFORE
        advice = "" if good else "Ask the beheerorganisatie for the next one, and name both."
        yield Diagnosis(f"certificate {path}", good, f"valid until {expires:%Y-%m-%d}", advice)
