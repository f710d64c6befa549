"""A service of a dienstverlener, with the rules that the dienstencatalogus lays down for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from broker.domain.identifiers import BSN_TYPES
from broker.domain.identifiers import EIDAS_TYPES
from broker.domain.identifiers import HANDELSREGISTER_TYPES
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance

VESTIGING_RESTRICTION = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"
SUBDOSSIER_RESTRICTION = "urn:etoegang:1.9:ServiceRestriction:SubdossierNr"

EIDAS_INBOUND_CLASSIFIER = "eIDAS-inbound"
"""A service for people from other member states, whom the eIDAS-berichtenservice logs in."""

NO_CHAIN_CLASSIFIER = "geen-ketenmachtiging"
"""Our own Classifier: the catalogue schema (1.13) has no element with which a service refuses chains."""


class LevelAboveCatalogue(ValueError):
    """A dienstverlener asked for more assurance than its catalogue announces for the service."""


class Intermediation(StrEnum):
    """Which dienstbemiddelaars may offer a service of a dienstaanbieder (intermediationAllowed)."""

    NONE = "noIntermediation"
    GENERAL = "generalAvailable"
    PROVIDERS = "serviceProviderOnly"
    APPROVAL = "requiresApproval"


@dataclass(frozen=True, slots=True)
class RequestedAttribute:
    """An attribute the catalogue lets a service ask for: its name, whether it is required, and why it is asked.

    ``purposes`` maps a language to the PurposeStatement that the person reads before consenting.
    """

    name: str
    is_required: bool
    purposes: Mapping[str, str]

    def purpose(self, lang: str) -> str | None:
        """Why it is asked, in ``lang`` or the next best language."""
        return _in_language(self.purposes, lang)


@dataclass(frozen=True, slots=True)
class Service:
    """A ServiceInstance joined with its ServiceDefinition (Afsprakenstelsel, Service catalog).

    ``service_uuid`` is that of the definition, on which machtigingen are registered and which several
    dienstverleners may share; ``instance_uuid`` is that of the instance. ``names`` and
    ``dienstverlener_names`` map a language (``nl``) to a text. ``level`` is the catalogue's
    AuthnContextClassRef. ``identifier_sets`` stand in order of preference; the types within one are
    delivered together; ``acting_sets`` likewise for the acting person. ``makelaars`` may serve it. ``portal_for`` are
    the ServiceUUIDs of the instances a portal stands for, none meaning all of the dienstverlener.
    ``intermediated_service`` is the ServiceUUID of the instance of a dienstaanbieder that this one passes people on
    to; ``intermediation`` and ``intermediaries`` say who may do so with this one. Such an instance may have no
    definition of its own: then ``service_uuid`` is empty, and only the service of the dienstaanbieder says what it is.
    """

    service_id: str
    service_uuid: str
    instance_uuid: str
    dienstverlener: Oin
    dienstverlener_names: Mapping[str, str]
    names: Mapping[str, str]
    level: LevelOfAssurance
    identifier_sets: tuple[tuple[IdentifierType, ...], ...]
    restrictions_allowed: frozenset[str] = frozenset()
    makelaars: frozenset[Oin] = frozenset()
    is_portal: bool = False
    classifiers: frozenset[str] = frozenset()
    acting_sets: tuple[tuple[IdentifierType, ...], ...] = ()
    portal_for: tuple[str, ...] = ()
    sso_support: bool = False
    intermediated_service: str | None = None
    intermediation: Intermediation = Intermediation.NONE
    intermediaries: frozenset[Oin] = frozenset()
    requested_attributes: tuple[RequestedAttribute, ...] = ()

    def name(self, lang: str) -> str:
        """The name of the service in ``lang``, else in Dutch, English or any language; else its ServiceID."""
        return _in_language(self.names, lang) or self.service_id

    def dienstverlener_name(self, lang: str) -> str:
        """Its dienstverlener's name in ``lang``, else in Dutch, English or any language; else the OIN."""
        return _in_language(self.dienstverlener_names, lang) or self.dienstverlener.value

    @property
    def is_defined(self) -> bool:
        """Whether it has a definition of its own."""
        return bool(self.service_uuid)

    @property
    def accepts_ketenmachtiging(self) -> bool:
        """Whether an intermediary may come in on behalf of a client."""
        return NO_CHAIN_CLASSIFIER not in self.classifiers

    @property
    def accepts_vestiging(self) -> bool:
        """Whether a machtiging that is limited to one vestiging may be used here.

        Not where no set of identifiers holds the KvK-nummer, without which the number of a vestiging means nothing.
        """
        return VESTIGING_RESTRICTION in self.restrictions_allowed and self.can_have_kvk_number

    @property
    def accepts_subdossier(self) -> bool:
        """Whether a machtiging that is limited to one subdossier may be used here; as for a vestiging."""
        return SUBDOSSIER_RESTRICTION in self.restrictions_allowed and self.can_have_kvk_number

    @property
    def can_have_kvk_number(self) -> bool:
        """Whether one of the sets of identifiers holds the KvK-nummer."""
        return any(IdentifierType.KVKNR in identifiers for identifiers in self.identifier_sets)

    @property
    def is_eidas_inbound(self) -> bool:
        """Whether people from other member states log in here, through the eIDAS-berichtenservice."""
        return EIDAS_INBOUND_CLASSIFIER in self.classifiers

    @property
    def deliverable_sets(self) -> tuple[tuple[IdentifierType, ...], ...]:
        """The identifier sets that somebody in the network can deliver for a service of this kind."""
        known = {IdentifierType.PSEUDO} | (EIDAS_TYPES if self.is_eidas_inbound else HANDELSREGISTER_TYPES)
        return tuple(wanted for wanted in self.identifier_sets if known.issuperset(wanted))

    @property
    def asks_bsn(self) -> bool:
        """Whether one of its identifier sets holds a BSN, which needs a dienstverlener that may have it."""
        return any(not BSN_TYPES.isdisjoint(wanted) for wanted in (*self.identifier_sets, *self.acting_sets))

    def required_level(self, asked: LevelOfAssurance | None) -> LevelOfAssurance:
        """The level a login needs: what the AuthnRequest ``asked``, or the catalogue's when it asked nothing.

        LevelAboveCatalogue when ``asked`` is higher than the catalogue's (Afsprakenstelsel, Interface
        specifications DV-HM).
        """
        if asked is None:
            return self.level
        if asked > self.level:
            raise LevelAboveCatalogue(f"{asked.short} asked, the catalogue allows at most {self.level.short}")
        return asked


def _in_language(texts: Mapping[str, str], lang: str) -> str | None:
    for candidate in (lang, "nl", "en", *texts):
        if candidate in texts:
            return texts[candidate]
    return None
