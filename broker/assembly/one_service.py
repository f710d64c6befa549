"""A dienstencatalogus of one service, for a dienstverlener whose software has never heard of one.

The registers need it all the same: machtigingen are registered for a service in the catalogue.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL
from uuid import uuid5

from broker.domain.connection import Connection
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.exchange.own import random_id
from broker.ports import Role
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.findings import Report
from broker.saml.metadata import read_metadata
from broker.saml.metadata import service_id_parts

_RULES = "Afsprakenstelsel, Service catalog"


@dataclass(frozen=True, slots=True)
class OneService:
    """What an operator says of the service: its ServiceID, Dutch name and level, and whose it is.

    ``organisation`` None takes the name in the metadata.
    """

    service_id: str
    name: str
    level: LevelOfAssurance
    organisation: str | None = None


def one_service_catalogue(
    metadata: bytes, wanted: OneService, *, makelaar_oin: str, now: datetime, connection: Connection
) -> bytes:
    """An unsigned catalogue with this service, asking for the KvK-nummer and for no vestiging.

    Software that has never heard of a vestiging would give it the rights of the whole company. Raises
    ``DocumentRefused`` for metadata or a ServiceID that cannot be used.
    """
    parts = service_id_parts(wanted.service_id)
    report = Report("catalogue")
    if parts is None:
        report.refuse(0, "the ServiceID is not urn:etoegang:DV:<OIN>:services:<number>", _RULES)
    partner, _ = read_metadata(metadata, Role.DV, now, connection.profile)
    named = wanted.organisation or next(iter(partner.display_names.values()), wanted.name)
    service = Service(
        service_id=wanted.service_id,
        service_uuid=str(uuid5(NAMESPACE_URL, wanted.service_id)),
        instance_uuid=str(uuid5(NAMESPACE_URL, f"{wanted.service_id}:instance")),
        dienstverlener=Oin(parts[0]),
        dienstverlener_names={"nl": named},
        names={"nl": wanted.name},
        level=wanted.level,
        identifier_sets=((IdentifierType.KVKNR,),),
        makelaars=frozenset({Oin(makelaar_oin)}),
    )
    return make_catalogue(
        [Offer(service, {"nl": wanted.name})],
        makelaar=Oin(makelaar_oin),
        certificate=None,
        catalogue_id=random_id(),
        version="urn:etoegang:1.13:service-catalogue:T:1",
        now=now,
        key=None,
    )
