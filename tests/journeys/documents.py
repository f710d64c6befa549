"""The metadata and dienstencatalogus with which a dienstverlener of the tests is connected."""

from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL
from uuid import uuid5

from broker.domain.attributes import COMPANY_KVK
from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import DATE_OF_BIRTH
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import INITIALS
from broker.domain.attributes import AskedAttribute
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import RequestedAttribute
from broker.domain.services import Service
from broker.exchange.own import random_id
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from tests.keys import certificate
from tests.keys import signer

DEFAULT, PLAIN, CODE, NO_CHAIN, HIGH, VESTIGING, RSIN_ONLY, PORTAL, LISTING = 3, 1, 2, 4, 5, 6, 7, 0, 20
"""The services by AttributeConsumingService index; ``DEFAULT`` accepts chains, ``LISTING`` is a portal for ``DEFAULT``
and ``HIGH``."""
JOINED, JOINED_CODE = 11, 12
"""Services that have joined single sign-on."""
ASKING, SELDOM_ASKING = 8, 9
"""Services that ask for attributes."""

EIDAS, EIDAS_BSN, EIDAS_PORTAL = 31, 32, 33
"""Those for people of other member states; the second asks a BSN, which this dienstverlener may not have."""

_LEVELS = {
    PLAIN: "loa2",
    CODE: "loa2plus",
    DEFAULT: "loa3",
    NO_CHAIN: "loa3",
    HIGH: "loa4",
    VESTIGING: "loa3",
    RSIN_ONLY: "loa2",
    PORTAL: "loa2",
    LISTING: "loa2",
    JOINED: "loa3",
    JOINED_CODE: "loa2plus",
    EIDAS: "loa3",
    EIDAS_BSN: "loa2",
    EIDAS_PORTAL: "loa2",
    ASKING: "loa2",
    SELDOM_ASKING: "loa2",
}
_EIDAS: Mapping[str, Any] = {
    "identifier_sets": ((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
    "classifiers": frozenset({EIDAS_INBOUND_CLASSIFIER}),
}
EVERY = tuple(_LEVELS)
_WHY = {"nl": "Omdat het moet.", "en": "Because."}
_RULES: Mapping[int, Mapping[str, Any]] = {
    NO_CHAIN: {"classifiers": frozenset({NO_CHAIN_CLASSIFIER})},
    VESTIGING: {"restrictions_allowed": frozenset({VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION})},
    RSIN_ONLY: {"identifier_sets": ((IdentifierType.RSIN,),)},
    PORTAL: {"is_portal": True},
    LISTING: {"is_portal": True},
    JOINED: {"sso_support": True},
    JOINED_CODE: {"sso_support": True},
    EIDAS: _EIDAS,
    EIDAS_BSN: {**_EIDAS, "identifier_sets": ((IdentifierType.BSN,),)},
    EIDAS_PORTAL: {**_EIDAS, "is_portal": True},
    ASKING: {
        "requested_attributes": (
            RequestedAttribute(FIRST_NAME, False, _WHY),
            RequestedAttribute(FAMILY_NAME, True, _WHY),
            RequestedAttribute(COMPANY_NAME, False, _WHY),
        )
    },
    SELDOM_ASKING: {
        "requested_attributes": (
            RequestedAttribute(INITIALS, False, _WHY),
            RequestedAttribute(DATE_OF_BIRTH, True, _WHY),
            RequestedAttribute(COMPANY_NAME, True, _WHY),
            RequestedAttribute(COMPANY_KVK, False, _WHY),
        )
    },
}
_REQUESTED = {
    ASKING: (
        AskedAttribute(FIRST_NAME, False),
        AskedAttribute(FAMILY_NAME, True),
        AskedAttribute(COMPANY_NAME, False),
    ),
    SELDOM_ASKING: (AskedAttribute(INITIALS, False),),
}
_NAMES = {"nl": "Waterschap Toets", "en": "Water Board Test"}


def service_id(oin: str, index: int) -> str:
    """The ServiceID of a service by its index."""
    return f"urn:etoegang:DV:{oin}:services:{index}"


def service_uuid(oin: str, index: int) -> str:
    """The ServiceUUID of its definition."""
    return str(uuid5(NAMESPACE_URL, service_id(oin, index)))


def instance_uuid(oin: str, index: int) -> str:
    """The ServiceUUID of its instance."""
    return str(uuid5(NAMESPACE_URL, service_id(oin, index) + ":instance"))


def metadata(
    name: str,
    oin: str,
    url: str,
    logout: tuple[Endpoint, ...] = (),
    offered: tuple[int, ...] = EVERY,
) -> bytes:
    """Signed metadata: three consumers of which one is not for artifacts, and a service per rule.

    ``logout`` is where answers to a LogoutRequest are awaited.
    """
    order = sorted(offered, key=lambda index: index != DEFAULT)
    publication = Publication(
        entity_id=f"urn:etoegang:DV:{oin}:entities:9001",
        document_id=random_id(),
        names=_NAMES,
        url=url,
        assertion_consumers=(
            Endpoint(BINDING_POST, f"{url}/post", 1),
            Endpoint(BINDING_ARTIFACT, f"{url}/other?from=1", 2),
            Endpoint(BINDING_ARTIFACT, f"{url}/acs", 3, is_default=True),
        ),
        logout=logout,
        services={index: (service_id(oin, index), {"nl": f"Dienst {index}"}) for index in order},
        requested_attributes=_REQUESTED,
    )
    return make_metadata(publication, signer(name))


def catalogue(
    name: str, oin: str, offered: tuple[int, ...] = EVERY, services: Mapping[int, Service] | None = None
) -> bytes:
    """The signed dienstencatalogus that goes with it; ``services`` replace those of the rules."""
    described = services or {index: service(oin, index) for index in offered}
    return make_catalogue(
        [Offer(each, {"nl": "Een dienst om te toetsen."}) for each in described.values()],
        makelaar=Oin(MAKELAAR.oin),
        certificate=certificate(name),
        catalogue_id=random_id(),
        version="urn:etoegang:1.13:service-catalogue:T:1",
        now=datetime.now(UTC),
        key=signer(name),
    )


def service(oin: str, index: int, **changes: Any) -> Service:
    """The service with this index; ``changes`` are of its fields."""
    values: dict[str, Any] = {
        "service_id": service_id(oin, index),
        "service_uuid": service_uuid(oin, index),
        "instance_uuid": instance_uuid(oin, index),
        "dienstverlener": Oin(oin),
        "dienstverlener_names": _NAMES,
        "names": {"nl": f"Dienst {index}", "en": f"Service {index}"},
        "level": LevelOfAssurance.from_short(_LEVELS.get(index, "loa3")),
        "identifier_sets": ((IdentifierType.RSIN, IdentifierType.KVKNR), (IdentifierType.KVKNR,)),
        "makelaars": frozenset({Oin(MAKELAAR.oin)}),
    }
    if index == LISTING:
        values["portal_for"] = tuple(instance_uuid(oin, each) for each in (DEFAULT, HIGH))
    return Service(**{**values, **_RULES.get(index, {}), **changes})
