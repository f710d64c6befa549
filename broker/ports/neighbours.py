"""What a makelaar knows of its dienstverleners, for whoever looks at the documents of another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service of a dienstverlener that is connected; both UUIDs as in its dienstencatalogus, in lower case."""

    entity_id: str
    service_id: str
    definition_uuid: str
    instance_uuid: str


class Neighbours(Protocol):
    """Questions about the dienstverleners that are connected. Each is one look-up, whatever their number."""

    def with_uuid(self, uuid: str) -> Sequence[KnownService]:
        """Services whose definition or instance has this ServiceUUID, in lower case; some, when there are many."""

    def with_service_id(self, service_id: str) -> Sequence[KnownService]:
        """The services with this ServiceID."""

    def with_oin(self, oin: str) -> Sequence[str]:
        """EntityIDs of dienstverleners whose catalogue has this ServiceProviderID; some, when there are many."""

    def with_certificate(self, fingerprint: str) -> Sequence[str]:
        """EntityIDs whose metadata signs with this certificate, by its SHA-256 (hex); some, when there are many."""

    def keys_of(self, entity_id: str) -> frozenset[str]:
        """The signing keys of an entityID, as the SHA-256 (hex) of their SubjectPublicKeyInfo; none when unknown."""
