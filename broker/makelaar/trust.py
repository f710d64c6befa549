"""Whom the listener with mutual TLS lets in: the partners as they are registered at that moment.

A certificate under an authority of ours, or one that stands in the metadata of some partner. Which partner it is, is
judged at each request (``exchange.client_certificates``).
"""

import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime

import structlog
from cryptography import x509

from broker.assembly.partner_index import authority_named
from broker.exchange.client_certificates import ClientAuthorities
from broker.exchange.tls import listener_context
from broker.ports import Registry
from broker.ports import Role
from broker.saml.policy import LIMITS
from broker.settings import Settings

log = structlog.get_logger()

_KEPT_SECONDS = 300
"""A certificate in metadata counts from its validFrom to its validUntil, so a context does not count for ever."""

_Known = tuple[int, int]
"""The stretch of time, and the edition of the registry: what the version before changes counts in the next stretch."""


class Trust:
    """TLS contexts, kept for as long as nothing changes."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        """Nothing is read yet."""
        self._settings = settings
        self._registry = registry
        self._lock = threading.Lock()
        self._made: tuple[_Known, ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext:
        """The context for a connection that begins now; made again when a partner changed, and in time.

        Raises ``UnusableTls``, and whatever the database raises.
        """
        known = (int(time.time() // _KEPT_SECONDS), self._registry.edition(*Role))
        with self._lock:
            if self._made is None or self._made[0] != known:
                self._made = (known, self._make())
            return self._made[1]

    def _make(self) -> ssl.SSLContext:
        settings = self._settings
        context, left_out = listener_context(settings.listener_stem, settings.client_bundle, self._pinned())
        if left_out:
            log.warning("partner_certificate_left_out", count=len(left_out))
        return context

    def _pinned(self) -> Iterator[bytes]:
        authorities = ClientAuthorities.load(self._settings.client_bundle)
        # What an authority of ours issued is let in without being known here: in practice nearly all.
        issuers = map(authority_named, authorities.key_identifiers(datetime.now(UTC)))
        certificates = self._registry.certificates(issuers)
        if len(certificates) > LIMITS.pinned_certificates:
            log.warning("partner_certificate_left_out", count=len(certificates) - LIMITS.pinned_certificates)
        for entity_id, der in certificates[: LIMITS.pinned_certificates]:
            # OpenSSL finds an issuer by name: one of that name in a partner's metadata would stand in the way of
            # everybody whom the authority itself certified.
            if authorities.share_a_name_with(x509.load_der_x509_certificate(der)):
                log.warning("partner_certificate_left_out", partner=entity_id)
            else:
                yield der
