"""What a running login needs to know of a partner: a small record, made once from its metadata."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime

from broker.domain.attributes import AskedAttribute
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.saml.encrypted_assertion import Sealing
from broker.saml.encryption import Recipient
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import UnknownAssertionConsumerService
from broker.saml.keys import Certificate
from broker.saml.names import ACTING_PSEUDONYMS
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.policy import AES256_CBC


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of metadata: SAML metadata 2.2.2 and 2.2.3; ``index`` None where it has none.

    ``response_location`` is where answers go, None when that is ``location`` as well.
    """

    binding: str
    location: str
    index: int | None = None
    is_default: bool = False
    response_location: str | None = None

    @property
    def for_responses(self) -> "Endpoint":
        """The same endpoint as the place to send a response to."""
        return self if self.response_location is None else replace(self, location=self.response_location)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation behind a partner, for whoever lists partners: names and addresses by language."""

    names: Mapping[str, str] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as its metadata describes it.

    ``services`` maps an AttributeConsumingService index to a ServiceID; ``requested_attributes`` such an index, or None
    for the default service, to the attributes it asks for; ``catalogue`` a ServiceID to the Service;
    ``level`` is the highest betrouwbaarheidsniveau an authenticatiedienst can deliver; ``catalogue_location`` where
    a makelaar publishes the dienstencatalogus; ``connection`` is what the operator chose for it; ``role`` is DV, AD,
    MR, HM, EB or IDP. ``identifier_types`` are those its metadata says it can deliver, none when it is silent. It holds
    from ``valid_from`` up to ``valid_until``, None where that is not limited.
    """

    entity_id: str
    oin: str | None
    display_names: Mapping[str, str]
    signing: tuple[Certificate, ...]
    encryption: tuple[Certificate, ...]
    sign_on: tuple[Endpoint, ...] = ()
    assertion_consumers: tuple[Endpoint, ...] = ()
    artifact_resolution: tuple[Endpoint, ...] = ()
    logout: tuple[Endpoint, ...] = ()
    services: Mapping[int, str] = field(default_factory=dict)
    default_service: str | None = None
    catalogue: Mapping[str, Service] = field(default_factory=dict)
    level: LevelOfAssurance | None = None
    catalogue_location: str | None = None
    connection: Connection = STANDARD
    role: str = ""
    requested_attributes: Mapping[int | None, tuple[AskedAttribute, ...]] = field(default_factory=dict)
    organisation: Organisation = Organisation()
    identifier_types: frozenset[str] = frozenset()
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def display_name(self, lang: str) -> str:
        """The name to show in ``lang``, else in Dutch or English, else the entityID."""
        names = self.display_names
        return names.get(lang) or names.get("nl") or names.get("en") or self.entity_id

    def organisation_name(self, lang: str) -> str:
        """The name of a dienstverlener in ``lang``, as its catalogue gives it, else as its metadata does."""
        service = next(iter(self.catalogue.values()), None)
        return service.dienstverlener_name(lang) if service else self.display_name(lang)

    def with_catalogue(self, catalogue: Mapping[str, Service]) -> "Partner":
        """This dienstverlener with its services, by ServiceID.

        When its metadata lists no service, the number that ends a ServiceID is the index to ask it by, and the
        default is the one that the operator chose, or else a service that is the only one.
        """
        if self.services:
            return replace(self, catalogue=catalogue)
        services = {int(service_id.rpartition(":")[2]): service_id for service_id in catalogue}
        only = next(iter(catalogue)) if len(catalogue) == 1 else None
        default = self.connection.default_service or only
        return replace(self, catalogue=catalogue, services=services, default_service=default)

    @property
    def can_be_asked(self) -> bool:
        """Whether it takes requests through the browser by a binding we speak."""
        return any(endpoint.binding in {BINDING_ARTIFACT, BINDING_POST} for endpoint in self.sign_on)

    @property
    def identifies_persons(self) -> bool:
        """Whether it delivers the pseudonym that a machtigingenregister needs; who is silent about types does."""
        return not self.identifier_types or bool(self.identifier_types & ACTING_PSEUDONYMS)

    def holds_at(self, moment: datetime) -> bool:
        """Whether this description is in force.

        In the profile ``saml`` validUntil is judged only when the metadata is handed over: such software writes two
        days into whatever it generates, and it is the operator who vouches for the keys.
        """
        started = self.valid_from is None or self.valid_from <= moment
        if self.valid_until is None or self.connection.profile is Profile.SAML:
            return started
        return started and moment < self.valid_until

    @property
    def encryption_keys(self) -> tuple[Certificate, ...]:
        """The certificates that may be encrypted for.

        A dienstverlener that gets its identifiers in clear need not have one. Registers encrypt all the same; then for
        its other keys, so that it is nobody else who could open what nobody is going to.
        """
        if not self.encryption and self.connection.profile is not Profile.V1_13:
            return self.signing
        return self.encryption

    def encryption_key(self, moment: datetime) -> Certificate | None:
        """The one to encrypt for: in force at this moment, and of several the newest, which is kept longest.

        Of two that are as new the last listed, which is the next one. None when none is in force.
        """
        return _newest(self.encryption_keys, moment)

    def sealing(self, moment: datetime) -> Sealing | None:
        """How its assertions are encrypted whole; None when they are not.

        In the profile ``saml`` only, when the metadata has a key for encryption and the operator did not say otherwise.
        AES-256-CBC unless the metadata asks for GCM: all such software reads it, and the Response around it is signed.
        Raises ``NobodyToEncryptFor`` when they should be and no key is in force.
        """
        connection = self.connection
        if connection.profile is not Profile.SAML or not connection.encrypt_assertion or not self.encryption:
            return None
        recipient = self.recipient(moment)
        return Sealing(recipient, recipient.certificate.asked or AES256_CBC)

    def recipient(self, moment: datetime) -> Recipient:
        """This partner as the recipient of ciphertext. Raises ``NobodyToEncryptFor``."""
        key = self.encryption_key(moment)
        if key is None:
            raise NobodyToEncryptFor("no certificate of the partner to encrypt for is in force")
        return Recipient(self.entity_id, key)

    def consumer(self, *, index: int | None, url: str | None, bindings: Sequence[str]) -> Endpoint:
        """The ACS to answer at, from metadata only.

        An index or URL that is asked must be listed, in one of ``bindings``. Asked nothing: the default, else the
        first (SAML metadata 2.2.3). Raises ``UnknownAssertionConsumerService``.
        """
        usable = [endpoint for endpoint in self.assertion_consumers if endpoint.binding in bindings]
        if index is not None and url is not None:
            raise UnknownAssertionConsumerService("an ACS index together with an ACS URL")
        if index is not None:
            usable = [endpoint for endpoint in usable if endpoint.index == index]
        elif url is not None:
            usable = [endpoint for endpoint in usable if endpoint.location == url]
        if not usable:
            raise UnknownAssertionConsumerService("no such ACS in the metadata of the partner")
        return next((endpoint for endpoint in usable if endpoint.is_default), usable[0])

    def resolution_service(self, index: int) -> Endpoint | None:
        """The ArtifactResolutionService with this index."""
        return next((endpoint for endpoint in self.artifact_resolution if endpoint.index == index), None)


def _newest(certificates: Sequence[Certificate], moment: datetime) -> Certificate | None:
    usable = [certificate for certificate in reversed(certificates) if certificate.is_in_force(moment)]
    return max(usable, key=lambda certificate: certificate.not_before, default=None)


def in_force(versions: Sequence[Partner], moment: datetime) -> Partner | None:
    """Which description of a partner holds at this moment; of two that overlap the one that started last.

    ``versions`` stand in the order in which they come in force.
    """
    return next((version for version in reversed(versions) if version.holds_at(moment)), None)
