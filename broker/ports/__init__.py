"""The Protocols behind which the outside world hides.

Everything that remembers something (SQL, Redis), holds a private key (files, an HSM) or must survive a crash
(the audit log) stands behind one of these. Each has an adapter in ``storage/``, ``signers/`` or ``audit/`` and one
contract test that all its adapters pass.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from broker.domain.attributes import AttributeValue
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Machtiging
from broker.domain.organisations import Organisation
from broker.ports.partner_index import PartnerIndex
from broker.ports.partner_index import PartnerIndexes


class StateStoreUnavailable(Exception):
    """The state store did not answer; whoever asked must refuse, never assume (fail closed)."""


class StateStore(Protocol):
    """Short-lived state: journeys, artifacts, single-use ids, attempt counters.

    Keys are ASCII of at most 200 characters and hold no personal data; ``ttl`` is in seconds and always given. Every
    method touches one key only, so that a Redis Cluster can serve it. Every method raises ``StateStoreUnavailable``
    when the store cannot be reached.
    """

    def put(self, key: str, value: bytes, ttl: int) -> None:
        """Store ``value``, replacing what was there."""

    def get(self, key: str) -> bytes | None:
        """The value, or None when absent or past its ttl."""

    def take(self, key: str) -> bytes | None:
        """The value, removed in the same atomic step: of any number of callers at once, one gets it."""

    def claim(self, key: str, ttl: int) -> bool:
        """True for the first caller only, for as long as ``ttl``: the single use of an id."""

    def swap(self, key: str, old: bytes, new: bytes, ttl: int) -> bool:
        """Replace ``old`` by ``new``; False, and nothing changed, when the value is not ``old`` (any more)."""

    def count(self, key: str, ttl: int) -> int:
        """Add one to a counter and return it; the ttl runs from the first count."""

    def drop(self, key: str) -> None:
        """Forget the key; no error when it was not there."""

    def ping(self) -> None:
        """Return when the store answers, raise ``StateStoreUnavailable`` when it does not."""


class Role(StrEnum):
    """The roles that a partner can have: those of the afsprakenstelsel, and one beside it."""

    HM = "HM"
    AD = "AD"
    MR = "MR"
    DV = "DV"
    EB = "EB"
    IDP = "IDP"
    """A plain SAML identity provider, to which an authenticatiedienst of ours delegates."""


class Source(StrEnum):
    """Who handed a partner's documents over."""

    OPERATOR = "operator"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """What was registered of a partner: the documents exactly as they were handed over.

    ``content_hash`` is the SHA-256 (hex) over metadata, catalogue and connection; caches of parsed documents are keyed
    on it. ``metadata`` may hold several descriptors of the one entity, each in force at another time. ``version``
    is the number of the version that this is, None when none was kept, and ``suspended_at`` when its logins were
    stopped; saving a record changes neither.
    """

    entity_id: str
    role: Role
    metadata: bytes
    catalogue: bytes | None
    content_hash: str
    added_at: datetime
    connection: Connection = STANDARD
    source: Source = Source.OPERATOR
    version: int | None = None
    suspended_at: datetime | None = None


class KnownPartners(Protocol):
    """The partners a party knows, by entityID, as a login asks for them."""

    def content_hash(self, entity_id: str) -> str | None:
        """The content hash now in force: the cheap question of the hot path. None when unknown or suspended."""

    def find(self, entity_id: str) -> PartnerRecord | None:
        """The partner with exactly this entityID, suspended or not."""

    def find_version(self, entity_id: str, content_hash: str) -> PartnerRecord | None:
        """The version of a partner with this content, whether it is in force or not; None when none was kept."""

    def content_hashes(self, role: Role, *, suspended: bool = False) -> Sequence[tuple[str, str]]:
        """(entityID, content hash) of each partner in this role, ordered by entityID; ``suspended`` ones on request."""

    def entity_id_for_source(self, source_id: bytes) -> str | None:
        """The entityID of which ``source_id`` is the SHA-1: the SourceID of an artifact (SAML bindings 3.6.4)."""


class Registry(KnownPartners, PartnerIndexes, Protocol):
    """The partners a party knows, one record each, whatever process asks; and what is indexed of them."""

    def save(self, record: PartnerRecord, index: PartnerIndex | None = None) -> None:
        """Add the partner, or replace what was registered under its entityID; together with its ``index``.

        Without one it is in no index until that is built (``unindexed``). Raises ``ServiceTaken`` when it has a service
        of another partner; then nothing was changed.
        """

    def remove(self, entity_id: str) -> bool:
        """Forget a partner; False when it was not known."""

    def unindexed(self) -> Sequence[str]:
        """Who is not in the index as it is registered: saved without one, or by a version that knew of none."""

    def reindex(self, entity_id: str, content_hash: str, index: PartnerIndex) -> None:
        """Put a partner in the index, unless it has another content hash by now. Raises ``ServiceTaken``."""

    def edition(self, *roles: Role) -> int:
        """A number that grows with each change of a partner in these roles, by whatever process of this version."""


@dataclass(frozen=True, slots=True)
class TakenEdition:
    """The edition of the network metadata that was taken last.

    ``edition`` is its Name, ``sequence`` the number in it, ``content_hash`` the SHA-256 (hex) of what was signed.
    ``refresh_before`` is when a newer one should have been looked for, ``valid_until`` when it ceases to hold; None
    where the document sets no such moment.
    """

    edition: str
    sequence: int
    content_hash: str
    taken_at: datetime
    refresh_before: datetime | None = None
    valid_until: datetime | None = None


class EditionTaken(Exception):
    """Another process took an edition at the same moment; nothing was changed."""


class NetworkStore(Protocol):
    """The partners that the network metadata brings, and the edition that brought them."""

    def last(self) -> TakenEdition | None:
        """The edition taken last, None before the first."""

    def partners(self) -> Sequence[PartnerRecord]:
        """All partners with source NETWORK, ordered by entityID."""

    def own(self, among: Iterable[str]) -> frozenset[str]:
        """Which of these entityIDs an operator registered, in any role."""

    def take(
        self,
        edition: TakenEdition,
        before: TakenEdition | None,
        save: Sequence[PartnerRecord],
        remove: Sequence[str],
        indexes: Mapping[str, PartnerIndex] = ...,
    ) -> None:
        """Put an edition in the place of ``before`` and change partners along, all in one transaction.

        ``indexes`` are those of who is saved, by entityID; see ``Registry.save``. A partner that an operator registered
        is left as it is. Raises ``EditionTaken`` when ``before`` is not the last.
        """

    def forget(self) -> int:
        """Remove the edition and every partner it brought; how many partners those were."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """That a partner departed from the interface in a way we tolerate: which way, first and last when, how often.

    ``times`` counts the hours in which it was seen, not messages: it is written at most once an hour.
    """

    entity_id: str
    tolerance: str
    first_at: datetime
    last_at: datetime
    times: int
    reference: str | None = None


class ConformanceLog(Protocol):
    """Which partner still needs which tolerance."""

    def note(self, entity_id: str, tolerance: str, at: datetime, reference: str | None) -> None:
        """Add one sighting; ``reference`` is that of the login it was last seen in."""

    def of(self, entity_id: str) -> Sequence[Deviation]:
        """All deviations of one partner, by tolerance."""


class Signer(Protocol):
    """A private key, in a file or an HSM, loaded once per process."""

    @property
    def key_name(self) -> str:
        """The KeyName under which partners find the certificate in metadata."""

    @property
    def certificate_der(self) -> bytes:
        """The X.509 certificate of this key, DER."""

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over ``data`` (RFC 8017, 8.2)."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Undo RSA-OAEP with MGF1-SHA-1 and SHA-1 (xmlenc rsa-oaep-mgf1p); ValueError when it does not fit."""


@dataclass(frozen=True, slots=True)
class Middel:
    """An inlogmiddel of the embedded authenticatiedienst and whose it is.

    ``password_hash`` is argon2id in PHC form; ``totp_secret`` is base32, or None for a middel at loa2; ``attributes``
    is what is known of the person, by name in the attribuutcatalogus.
    """

    username: str
    password_hash: str
    totp_secret: str | None
    pseudonym: InternalPseudonym
    level: LevelOfAssurance
    register: str
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)


class MiddelenStore(Protocol):
    """The middelen an authenticatiedienst has issued."""

    def save(self, middel: Middel) -> None:
        """Add or replace the middel with this username."""

    def find(self, username: str) -> Middel | None:
        """The middel with this username, compared without regard to case."""


@dataclass(frozen=True, slots=True)
class Ketenrelatie:
    """That an intermediary may hold a ketenmachtiging of ``client``, and which register can confirm it."""

    intermediary: KvkNumber
    client: KvkNumber
    register: str


class MachtigingenStore(Protocol):
    """What a machtigingenregister has registered. Reads see revocations at once."""

    def save_organisation(self, organisation: Organisation) -> None:
        """Add or replace the organisation with this KvK-nummer."""

    def save_machtiging(self, machtiging: Machtiging) -> None:
        """Add or replace the machtiging with this id."""

    def save_ketenmachtiging(self, ketenmachtiging: Ketenmachtiging) -> None:
        """Add or replace the ketenmachtiging with this id."""

    def save_ketenrelatie(self, relatie: Ketenrelatie) -> None:
        """Add the relation unless it is there already."""

    def organisation(self, kvk: KvkNumber) -> Organisation | None:
        """The organisation with this KvK-nummer."""

    def machtigingen_of(self, subject: InternalPseudonym) -> Sequence[Machtiging]:
        """All machtigingen of one acting person, valid or not, ordered by id."""

    def ketenmachtigingen_between(
        self, client: KvkNumber, intermediary: KvkNumber
    ) -> Sequence[Ketenmachtiging]:
        """All ketenmachtigingen from client to intermediary, valid or not, ordered by id."""

    def ketenrelaties_of(self, intermediary: KvkNumber) -> Sequence[Ketenrelatie]:
        """The clients of an intermediary that another (or this) register may confirm, ordered by client."""
