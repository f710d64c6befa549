"""What is known of partners without reading their documents: their services, certificates and the end of each.

The index is written with the partner, in one transaction, so that no question about all partners needs to read them.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ServiceTaken(Exception):
    """Another partner has a service with this ServiceID; nothing was changed."""


@dataclass(frozen=True, slots=True)
class IndexedService:
    """A service of a dienstverlener: the ServiceUUIDs of its instance and definition in lower case, the latter empty
    where the dienstaanbieder has the definition, and the OIN of its ServiceProvider.
    """

    service_id: str
    instance_uuid: str
    definition_uuid: str
    oin: str


@dataclass(frozen=True, slots=True)
class IndexedExpiry:
    """Something of a partner that ends: a certificate by its SHA-256 (hex), or its metadata with no fingerprint.

    ``use`` is signing, encryption, service (a ServiceCertificate) or metadata (validUntil).
    """

    use: str
    fingerprint: str
    label: str
    not_after: datetime


@dataclass(frozen=True, slots=True)
class IndexedCertificate:
    """A certificate that verifies signatures of a partner, and may be that of its TLS client.

    ``authority`` is who issued it: the SHA-256 (hex) of the key identifier that it names (RFC 5280, 4.2.1.1), empty
    when it names none.
    """

    fingerprint: str
    authority: str
    der: bytes


@dataclass(frozen=True, slots=True)
class PartnerIndex:
    """What the index holds of one partner: ``name`` is the one that lists show."""

    name: str
    services: tuple[IndexedService, ...] = ()
    expiries: tuple[IndexedExpiry, ...] = ()
    signing: tuple[IndexedCertificate, ...] = ()


class PartnerIndexes(Protocol):
    """Questions about all partners, each answered from an index."""

    def owners(self, service_ids: Iterable[str]) -> dict[str, str]:
        """The entityID of who has each of these ServiceIDs, for those that somebody has."""

    def with_instance(self, instance_uuid: str) -> Sequence[tuple[str, str]]:
        """(ServiceID, entityID) of each service whose instance has this ServiceUUID, in any case of its letters."""

    def with_definition(self, service_uuid: str) -> tuple[str, str] | None:
        """(ServiceID, entityID) of a service whose definition has this ServiceUUID, the first of them."""

    def sharing_oin(self, oins: Iterable[str], entity_id: str, limit: int) -> Sequence[str]:
        """At most ``limit`` entityIDs, but this one, of who has a service under one of these OINs; in order."""

    def certificates(self, but_by: Iterable[str]) -> Sequence[tuple[str, bytes]]:
        """(entityID, DER) of each signing certificate, but those issued by these authorities.

        A certificate that several partners have is given once.
        """
