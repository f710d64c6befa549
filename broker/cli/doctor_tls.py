"""What `makelaar doctor` says of TLS: certificates we present, and the authorities of those we are shown."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

from cryptography import x509

from broker.cli.diagnosis import WARN_BEFORE
from broker.cli.diagnosis import Diagnosis
from broker.exchange.client_certificates import ClientAuthorities
from broker.exchange.tls import UnusableTls
from broker.exchange.tls import client_context
from broker.exchange.tls import listener_context
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Settings


def tls(settings: Settings) -> Iterator[Diagnosis]:
    """Look at the certificates and authorities of the back channel; at nothing before the first start."""
    if not settings.folder(MAKELAAR).is_dir():
        return
    for party in PARTIES:
        yield from _client(settings, f"client certificate of {party.name}", settings.client_stem(party))
    if settings.back_channel == "off":
        advice = "Set back_channel and front_artifact_resolution." if settings.public_url else ""
        yield Diagnosis("back channel", not advice, "off, artifacts are resolved without TLS of ours", advice)
        return
    if settings.back_channel == "tls":
        yield from _listener(settings)
    yield from _authorities(settings)
    if settings.public_url and settings.front_artifact_resolution:
        advice = "In production: front_artifact_resolution = false."
        yield Diagnosis(
            "back channel", True, "the front listener resolves without client certificate too", advice
        )


def _client(settings: Settings, subject: str, stem: Path) -> Iterator[Diagnosis]:
    try:
        client_context(stem, settings.server_bundle)
    except UnusableTls as error:
        yield Diagnosis(subject, False, str(error), "Make development certificates: makelaar run")
    else:
        yield from _certificate(subject, stem)


def _listener(settings: Settings) -> Iterator[Diagnosis]:
    subject = "certificate of the back channel"
    try:
        listener_context(settings.listener_stem, settings.client_bundle)
    except UnusableTls as error:
        yield Diagnosis(subject, False, str(error), "Make development certificates: makelaar run")
    else:
        yield from _certificate(subject, settings.listener_stem)


def _certificate(subject: str, stem: Path) -> Iterator[Diagnosis]:
    certificate = x509.load_pem_x509_certificate(stem.with_suffix(".crt").read_bytes())
    expires = certificate.not_valid_after_utc
    good = expires > datetime.now(UTC) + WARN_BEFORE
    yield Diagnosis(
        subject, good, f"valid until {expires:%Y-%m-%d}", "" if good else f"Replace {stem}.key and .crt."
    )
    if stem.with_suffix(".key").stat().st_mode & 0o077:
        yield Diagnosis(subject, False, "its key is readable by others", f"chmod 600 {stem}.key")


def _authorities(settings: Settings) -> Iterator[Diagnosis]:
    subject = "authorities of client certificates"
    try:
        ClientAuthorities.load(settings.client_bundle)
    except UnusableTls as error:
        yield Diagnosis(subject, False, str(error), "Name a PEM bundle in client_authorities.")
        return
    if settings.public_url and settings.client_authorities is None:
        advice = "Its key lies on this machine: name the CAs of your partners in client_authorities."
        yield Diagnosis(subject, False, "the development CA", advice)
    else:
        yield Diagnosis(subject, True, settings.client_bundle.name)
