"""What is checked, and what is known beside it."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Protocol

from broker.checks.handshake import Handshake
from broker.domain.connection import Profile
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came; ``name`` is the file or address by which a report points at it."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service of a dienstverlener that is connected already; both UUIDs as in its dienstencatalogus."""

    entity_id: str
    service_id: str
    definition_uuid: str
    instance_uuid: str


class Known(Protocol):
    """What a makelaar knows of all dienstverleners. Each question is one look-up, whatever their number."""

    def with_uuid(self, uuid: str) -> Iterable[KnownService]:
        """The services whose definition or instance has this ServiceUUID."""

    def with_service_id(self, service_id: str) -> Iterable[KnownService]:
        """The services with this ServiceID."""

    def with_oin(self, oin: str) -> Iterable[str]:
        """The entityIDs of the dienstverleners whose catalogue has this ServiceProviderID."""

    def with_key(self, key: str) -> Iterable[str]:
        """The entityIDs whose metadata holds this key (``listed.key_of``)."""

    def keys_of(self, entity_id: str) -> frozenset[str]:
        """The signing keys that are known of an entityID; none when it is not connected."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The documents of one dienstverlener, and how to judge them.

    ``profile`` None takes the one that fits the metadata; ``makelaar_oin`` None leaves out what depends on it, as
    ``known`` None does. ``destinations`` are the addresses at which this makelaar takes requests, none when that is
    not known. ``tls`` makes a handshake with a host and port; None leaves that family out.
    """

    metadata: Document | None
    catalogue: Document | None
    now: datetime
    request: Document | None = None
    profile: Profile | None = None
    makelaar_oin: str | None = None
    lowest: LevelOfAssurance = LOWEST_LEVEL
    destinations: tuple[str, ...] = ()
    known: Known | None = None
    tls: Callable[[str, int], Handshake] | None = None
