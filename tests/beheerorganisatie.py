"""A beheerorganisatie of the tests: it lists who is in the network, by role, and signs with a key of its own."""

from datetime import datetime
from typing import Any

from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import random_id
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_SOAP
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.signature import sign
from tests.keys import signer

KEY = "beheerorganisatie"
ADS, MRS, EBS, HMS, DVS, KRS = (
    f"urn:etoegang:role:{name}"
    for name in (
        "Authenticatiediensten",
        "Machtigingenregisters",
        "Interstelseldiensten",
        "Herkenningsmakelaars",
        "Dienstverleners",
        "Koppelregisters",
    )
)


def entity_id(role: str, number: int = 1) -> str:
    """The entityID of a party of the tests."""
    return f"urn:etoegang:{role}:00000099000000{number:06}:entities:9001"


def entity(
    role: str,
    number: int = 1,
    name: str | None = None,
    *,
    key: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    **changes: Any,
) -> str:
    """The signed EntityDescriptor of a party; ``start`` and ``end`` limit it, and break its own signature."""
    place = f"https://{role.lower()}{number}.example"
    values: dict[str, Any] = {
        "entity_id": entity_id(role, number),
        "document_id": random_id(),
        "names": {"nl": name or f"{role} {number}", "en": f"The {name or f'{role} {number}'}"},
        "url": place,
        "sign_on": tuple(Endpoint(each, f"{place}/sso") for each in (BINDING_ARTIFACT, BINDING_POST)),
        "artifact_resolution": (Endpoint(BINDING_SOAP, f"{place}/ars", 0, is_default=True),),
        "level": LevelOfAssurance.LOA4 if role in {"AD", "EB"} else None,
        "name_id_formats": (INTERNAL_PSEUDONYM,) if role == "AD" else (),
    }
    element = etree.fromstring(make_metadata(Publication(**(values | changes)), signer(key or role.lower())))
    if start is not None:
        element.set(tag(METADATA_EXTENSION, "validFrom"), start.isoformat())
    if end is not None:
        element.set("validUntil", end.isoformat())
    return etree.tostring(element).decode()


def group(name: str | None, *members: str, attributes: str = "") -> str:
    """An EntitiesDescriptor around its members."""
    named = f' Name="{name}"' if name else ""
    return f'<md:EntitiesDescriptor xmlns:md="{MD}"{named} {attributes}>{"".join(members)}</md:EntitiesDescriptor>'


def edition(
    *groups: str,
    number: int = 7,
    name: str | None = None,
    key: str | None = KEY,
    attributes: str = 'cacheDuration="P7D"',
) -> bytes:
    """The network metadata, signed; not when ``key`` is None."""
    name = name or f"urn:etoegang:1.13:metadata:T:{number}"
    whole = group(name, *groups, attributes=f'ID="{random_id()}" {attributes}')
    element = reparse(whole.encode())
    if key is not None:
        sign(element, signer(key), x509=True)
    return serialise(element)


def small(number: int = 7, *more: str) -> bytes:
    """An edition with one party in each role."""
    return edition(
        group(ADS, entity("AD")), group(MRS, entity("MR")), group(EBS, entity("EB")), *more, number=number
    )
