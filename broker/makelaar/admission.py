"""Who may resolve artifacts at the makelaar, and by which of its two listeners."""

import structlog
from flask import request

from broker.assembly.party import Assembled
from broker.assembly.resolution import needs_client_certificate
from broker.domain.connection import Tolerance
from broker.exchange.client_certificates import ClientAuthorities
from broker.exchange.client_certificates import ClientCertificateRefused
from broker.exchange.client_certificates import require_partner
from broker.makelaar.conformance import Conformance
from broker.makelaar.sightings import Sightings
from broker.saml.errors import MalformedMessage
from broker.saml.partner import Partner
from broker.saml.soap import CONTENT_TYPE

log = structlog.get_logger()


class Admission:
    """Judges a partner whose ArtifactResolve was proven by its signature, before anything is taken."""

    def __init__(self, assembled: Assembled, conformance: Conformance, sightings: Sightings) -> None:
        """``conformance`` notes what was let through, ``sightings`` who is given what we sign."""
        self._settings = assembled.settings
        self._clock = assembled.station.own.clock
        self._conformance = conformance
        self._sightings = sightings

    def at_front(self, partner: Partner) -> None:
        """Judge a partner that shows no client certificate. Raises ``ClientCertificateRefused``."""
        if needs_client_certificate(self._settings, partner):
            log.warning("client_certificate_missing", partner=partner.entity_id)
            raise ClientCertificateRefused("the partner resolves with a client certificate only")
        habits = set() if self._settings.back_channel == "off" else {Tolerance.NO_CLIENT_CERTIFICATE}
        self._let_through(partner, habits)

    def with_certificate(
        self, certificate: bytes | None, authorities: ClientAuthorities, partner: Partner
    ) -> None:
        """Judge a partner by the client certificate (DER) of its line. Raises ``ClientCertificateRefused``."""
        require_partner(certificate, partner, authorities, self._clock())
        self._let_through(partner, set())

    def _let_through(self, partner: Partner, habits: set[Tolerance]) -> None:
        if request.mimetype != CONTENT_TYPE.partition(";")[0]:
            if not partner.connection.tolerates(Tolerance.SOAP_CONTENT_TYPE):
                raise MalformedMessage("application/soap+xml is forbidden to this partner")
            habits = habits | {Tolerance.SOAP_CONTENT_TYPE}
        now = self._clock()
        self._conformance.note(partner.entity_id, habits, now, None)
        self._sightings.received(partner.entity_id, now)
