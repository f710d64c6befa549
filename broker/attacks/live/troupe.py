"""The partners that we play at a running makelaar: registered for the duration, and forgotten afterwards.

Dienstverleners ``dv`` and ``dv-b``, ``plain`` of the profile saml, and ``secured``, which resolves with a client
certificate only; authenticatiediensten ``ad`` and ``ad-b``, registers ``mr`` and ``mr-2``, an eIDAS-berichtenservice
``eb``. ``mallory`` has a key and is nobody's partner; ``bo`` is the beheerorganisatie, which signs network metadata.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import Final
from uuid import NAMESPACE_URL
from uuid import uuid5

from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.attacks.scene import Actor
from broker.attacks.scene import Service as Asked
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import Service
from broker.exchange.artifacts import guesses_key
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.ports import Role
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_SOAP
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from broker.signers.files import make_development_key

DEFAULT, NO_CHAIN, HIGH, LOW, VESTIGING, PORTAL, JOINED, RSIN_ONLY, EIDAS = 1, 2, 3, 4, 5, 6, 7, 8, 9
"""The services of each dienstverlener, by index; ``PORTAL`` stands for ``DEFAULT`` and ``HIGH``."""

_RULES: Mapping[int, Mapping[str, Any]] = {
    DEFAULT: {},
    NO_CHAIN: {"classifiers": frozenset({NO_CHAIN_CLASSIFIER})},
    HIGH: {"level": LevelOfAssurance.LOA4},
    LOW: {"level": LevelOfAssurance.LOA2},
    VESTIGING: {"restrictions_allowed": frozenset({VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION})},
    PORTAL: {"is_portal": True, "level": LevelOfAssurance.LOA2},
    JOINED: {"sso_support": True},
    RSIN_ONLY: {"identifier_sets": ((IdentifierType.RSIN,),)},
    EIDAS: {
        "identifier_sets": ((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
        "classifiers": frozenset({EIDAS_INBOUND_CLASSIFIER}),
    },
}
_OINS: Final[Mapping[str, tuple[Role, str]]] = {
    "dv": (Role.DV, "00000099000000008100"),
    "dv-b": (Role.DV, "00000099000000008150"),
    "plain": (Role.DV, "00000099000000008180"),
    "secured": (Role.DV, "00000099000000008190"),
    "ad": (Role.AD, "00000099000000008200"),
    "ad-b": (Role.AD, "00000099000000008250"),
    "mr": (Role.MR, "00000099000000008300"),
    "mr-2": (Role.MR, "00000099000000008350"),
    "eb": (Role.EB, "00000099000000008400"),
    "mallory": (Role.DV, "00000099000000008900"),
    "bo": (Role.HM, "00000099000000008950"),
}
_CONNECTIONS = {
    "plain": replace(STANDARD, profile=Profile.SAML),
    "secured": replace(STANDARD, mutual_tls=True),
}
_STRANGERS = frozenset({"mallory", "bo"})
_NAME = {"nl": "Zelfaanval", "en": "Self-attack"}


def entity_ids() -> dict[str, str]:
    """The entityID of everybody."""
    return {name: f"urn:etoegang:{role}:{oin}:entities:9001" for name, (role, oin) in _OINS.items()}


def actors(folder: Path) -> dict[str, Actor]:
    """Everybody, with keys in ``folder``, made when they are not there."""
    now, made = system_clock(), {}
    for name, entity_id in entity_ids().items():
        stem = folder / name
        make_development_key(stem, name=f"self-attack {name}", oin=_OINS[name][1], now=now)
        made[name] = Actor(name, entity_id, stem)
    return made


def asked(name: str, index: int) -> Asked:
    """A service of a dienstverlener as a login asks for it."""
    service = _service(_OINS[name][1], index)
    return Asked(index, service.service_id, service.service_uuid, service.level.short)


@contextmanager
def on_stage(makelaar: Assembled, folder: Path, listener: str) -> Iterator[dict[str, Actor]]:
    """Everybody, known to the makelaar until the end. ``listener`` is the base URL at which they can be asked.

    Raises ``DocumentRefused`` when the makelaar does not take them.
    """
    everybody = actors(folder)
    try:
        for name, actor in everybody.items():
            if name not in _STRANGERS:
                _register(makelaar, actor, listener)
        yield everybody
    finally:
        for actor in everybody.values():
            makelaar.registry.remove(actor.entity_id)
            makelaar.state.drop(guesses_key(actor.entity_id))


def role_of(name: str) -> Role:
    """The role of an actor."""
    return _OINS[name][0]


def connection_of(name: str) -> Connection:
    """How an actor is connected."""
    return _CONNECTIONS.get(name, STANDARD)


def metadata(actor: Actor, listener: str) -> bytes:
    """The signed metadata of an actor."""
    return make_metadata(_publication(actor, listener), actor.signer)


def catalogue(actor: Actor) -> bytes:
    """The signed dienstencatalogus of a dienstverlener."""
    oin = _OINS[actor.name][1]
    return make_catalogue(
        [Offer(_service(oin, index), {"nl": "Een dienst om aan te vallen."}) for index in _RULES],
        makelaar=Oin(MAKELAAR.oin),
        certificate=actor.certificate,
        catalogue_id=random_id(),
        version="urn:etoegang:1.13:service-catalogue:T:1",
        now=system_clock(),
        key=actor.signer,
    )


def _register(makelaar: Assembled, actor: Actor, listener: str) -> None:
    role, connection = role_of(actor.name), connection_of(actor.name)
    register(
        makelaar.registry,
        role,
        metadata(actor, listener),
        catalogue(actor) if role is Role.DV else None,
        makelaar_oin=MAKELAAR.oin,
        now=system_clock(),
        connection=connection,
        lowest=makelaar.settings.lowest_level,
    )


def _publication(actor: Actor, listener: str) -> Publication:
    role, oin = _OINS[actor.name]
    url = f"{listener}/{actor.name}"
    common = Publication(
        entity_id=actor.entity_id,
        document_id=random_id(),
        names={"nl": f"{_NAME['nl']} {actor.name}", "en": f"{_NAME['en']} {actor.name}"},
        url=url,
        artifact_resolution=(Endpoint(BINDING_SOAP, f"{url}/ars", 0, is_default=True),),
    )
    if role is Role.DV:
        binding = BINDING_POST if actor.name == "plain" else BINDING_ARTIFACT
        return replace(
            common,
            assertion_consumers=(
                Endpoint(binding, f"{url}/acs", 1, is_default=True),
                Endpoint(binding, f"{url}/other?from=1", 2),
                Endpoint(BINDING_POST, f"{url}/post", 3),
            ),
            logout=(Endpoint(BINDING_POST, f"{url}/slo"),),
            services={index: (_service_id(oin, index), {"nl": f"Dienst {index}"}) for index in _RULES},
        )
    if role is Role.MR:
        return replace(
            common,
            sign_on=(Endpoint(BINDING_POST, f"{url}/decision"), Endpoint(BINDING_SOAP, f"{url}/chain")),
        )
    formats = (
        (INTERNAL_PSEUDONYM,)
        if role is Role.AD
        else tuple(kind.value for kind in (IdentifierType.EIDAS_LEGAL, IdentifierType.PSEUDO_1_9))
    )
    return replace(
        common,
        sign_on=(Endpoint(BINDING_POST, f"{url}/sso"),),
        logout=(Endpoint(BINDING_POST, f"{url}/slo"),) if role is Role.AD else (),
        level=LevelOfAssurance.LOA4,
        name_id_formats=formats,
    )


def _service(oin: str, index: int) -> Service:
    service_id = _service_id(oin, index)
    values: dict[str, Any] = {
        "service_id": service_id,
        "service_uuid": str(uuid5(NAMESPACE_URL, service_id)),
        "instance_uuid": _instance(oin, index),
        "dienstverlener": Oin(oin),
        "dienstverlener_names": _NAME,
        "names": {"nl": f"Dienst {index}", "en": f"Service {index}"},
        "level": LevelOfAssurance.LOA3,
        "identifier_sets": ((IdentifierType.RSIN, IdentifierType.KVKNR), (IdentifierType.KVKNR,)),
        "makelaars": frozenset({Oin(MAKELAAR.oin)}),
    }
    if index == PORTAL:
        values["portal_for"] = (_instance(oin, DEFAULT), _instance(oin, HIGH))
    return Service(**{**values, **_RULES[index]})


def _instance(oin: str, index: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{_service_id(oin, index)}:instance"))


def _service_id(oin: str, index: int) -> str:
    return f"urn:etoegang:DV:{oin}:services:{index}"
