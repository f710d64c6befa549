"""The dienstencatalogus as participants read it: fetched from the makelaar that asks, where its metadata says."""

import re
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
import urllib3

from broker.domain.services import Service
from broker.exchange.http import PartnerUnavailable
from broker.saml.catalogue import read_network_catalogue
from broker.saml.encryption import Recipient
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import SamlError
from broker.saml.keys import Certificate
from broker.saml.partner import Partner
from broker.saml.policy import LIMITS

log = structlog.get_logger()

FRESH_SECONDS = 10
"""How long a changed encryption key may go unseen; the catalogue is small, and near."""

_RETRY_SECONDS = 0.2
"""A service that is not in the catalogue may have been added just now; asked again no sooner than this. Only a question
that a makelaar signed gets here, so it may be soon."""

_IN_TEST = re.compile(r"[0-9a-f]{32}")
"""How the makelaar calls a catalogue that is tried out."""

_TIMEOUT = urllib3.Timeout(connect=3, read=10)


@dataclass(frozen=True, slots=True)
class NetworkCatalogue:
    """Services by ServiceID, and whom to encrypt for per ServiceID (the entityID still to be filled in)."""

    services: Mapping[str, Service]
    recipients: Mapping[str, Recipient]

    def holds(self, service_id: str | None, service_uuid: str | None) -> bool:
        """Whether this service is in it, by ServiceID, with this definition if one is given, or by ServiceUUID."""
        if service_id is None:
            return service_uuid is None or self.by_uuid(service_uuid, None) is not None
        service = self.services.get(service_id)
        return service is not None and service_uuid in (None, service.service_uuid)

    def by_uuid(self, service_uuid: str | None, dienstverlener: str | None) -> Service | None:
        """The service with this ServiceUUID, of its definition or instance, at the dienstverlener with this OIN.

        A definition may be shared by several dienstverleners; of those the one asked for comes first.
        """
        found = [
            service
            for service in self.services.values()
            if service_uuid in (service.service_uuid, service.instance_uuid)
        ]
        return next(
            (each for each in found if each.dienstverlener.value == dienstverlener), next(iter(found), None)
        )

    def declared_for(self, service_uuid: str | None, dienstverlener: str | None) -> Service | None:
        """The service with this ServiceUUID at exactly this dienstverlener; None when that cannot be told.

        ``dienstverlener`` is its OIN, None when that is not known: then nobody else may share the definition.
        """
        service = self.by_uuid(service_uuid, dienstverlener)
        if service is None or dienstverlener is not None:
            return None if service is None or service.dienstverlener.value != dienstverlener else service
        sharing = {
            each.dienstverlener
            for each in self.services.values()
            if service.service_uuid == each.service_uuid
        }
        return service if len(sharing) == 1 else None

    def recipient(self, service_id: str, entity_id: str, moment: datetime) -> Recipient:
        """The dienstverlener ``entity_id``, to encrypt for at a service. Raises ``NobodyToEncryptFor``."""
        found = self.recipients.get(service_id)
        if found is None or not found.certificate.is_in_force(moment):
            raise NobodyToEncryptFor("the dienstencatalogus has no certificate in force to encrypt for")
        return Recipient(entity_id, found.certificate)

    def certificates(self, service: Service, moment: datetime) -> tuple[Certificate, ...]:
        """What to encrypt with for the dienstverlener of a service, each once; those in force.

        Several instances of one definition may have keys of their own, and a ServiceUUID does not tell them apart.
        """
        found = {
            recipient.certificate.der: recipient.certificate
            for service_id, recipient in self.recipients.items()
            if recipient.certificate.is_in_force(moment)
            and (other := self.services.get(service_id)) is not None
            and (other.service_uuid, other.dienstverlener) == (service.service_uuid, service.dienstverlener)
        }
        return tuple(found.values())


class Dienstencatalogus:
    """The catalogues of the makelaars that ask, each kept for some seconds per process."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Open no connection yet. ``seconds`` is a clock that never goes back."""
        self._seconds = seconds
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=2, retries=False, timeout=_TIMEOUT)
        self._kept: dict[str, tuple[float, NetworkCatalogue]] = {}
        self._lock = threading.Lock()

    def of(
        self,
        makelaar: Partner,
        service_id: str | None = None,
        service_uuid: str | None = None,
        in_test: str | None = None,
    ) -> NetworkCatalogue:
        """What this makelaar publishes, young enough to know the service that is asked for, if it is there.

        ``in_test`` is the catalogue that the makelaar named in a test login, in the place of what it publishes. The
        service is ``service_id``, as the definition ``service_uuid`` if given, or else any with that ``service_uuid``.

        When it cannot be fetched the last one that could is used. Raises ``PartnerUnavailable`` or a ``SamlError``
        when there is none.
        """
        if in_test is not None:
            return self._fetch(makelaar, in_test)
        with self._lock:
            read_at, kept = self._kept.get(makelaar.entity_id, (0.0, None))
            known = kept is not None and kept.holds(service_id, service_uuid)
            if kept is not None and self._seconds() - read_at < (FRESH_SECONDS if known else _RETRY_SECONDS):
                return kept
            try:
                fresh = self._fetch(makelaar)
            except (PartnerUnavailable, SamlError) as error:
                log.warning("catalogue_not_fetched", partner=makelaar.entity_id, error=type(error).__name__)
                if kept is None:
                    raise
                fresh = kept
            self._kept[makelaar.entity_id] = (self._seconds(), fresh)
            return fresh

    def _fetch(self, makelaar: Partner, in_test: str | None = None) -> NetworkCatalogue:
        if makelaar.catalogue_location is None:
            raise PartnerUnavailable("the metadata names no dienstencatalogus")
        if in_test is not None and not _IN_TEST.fullmatch(in_test):
            raise PartnerUnavailable("no catalogue has such a name")
        location = makelaar.catalogue_location + (f"/test/{in_test}" if in_test else "")
        try:
            answer = self._pool.request("GET", location, redirect=False, preload_content=False)
            try:
                data = answer.read(LIMITS.network_catalogue_bytes + 1, decode_content=False)
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise PartnerUnavailable(type(error).__name__) from None
        if answer.status != 200 or len(data) > LIMITS.network_catalogue_bytes:
            raise PartnerUnavailable(f"status {answer.status}")
        return NetworkCatalogue(*read_network_catalogue(data, makelaar.signing, makelaar.entity_id))
