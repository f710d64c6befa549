"""The index of partners in SQL: written with the partner it is of, and asked instead of reading them all."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import cast

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import String
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from broker.ports.partner_index import PartnerIndex
from broker.ports.partner_index import ServiceTaken
from broker.storage.tables import expiry
from broker.storage.tables import service
from broker.storage.tables import signing_certificate

_CLEAR = tuple(
    delete(table).where(table.c.entity_id == bindparam("asked"))
    for table in (service, expiry, signing_certificate)
)
_OWNERS = select(service.c.service_id, service.c.entity_id).where(
    service.c.service_id.in_(bindparam("asked", expanding=True))
)
_WITH_INSTANCE = (
    select(service.c.service_id, service.c.entity_id)
    .where(service.c.instance_uuid == bindparam("asked"))
    .order_by(service.c.service_id)
)
_WITH_DEFINITION = (
    select(service.c.service_id, service.c.entity_id)
    .where(service.c.definition_uuid == bindparam("asked"))
    .order_by(service.c.service_id)
    .limit(1)
)
_SHARING = (
    select(service.c.entity_id)
    .where(service.c.oin.in_(bindparam("asked", expanding=True)), service.c.entity_id != bindparam("own"))
    .distinct()
    .order_by(service.c.entity_id)
    .limit(bindparam("at_most"))
)
_FIRST = (
    select(signing_certificate.c.fingerprint, func.min(signing_certificate.c.entity_id).label("entity_id"))
    .where(signing_certificate.c.authority.not_in(bindparam("asked", expanding=True)))
    .group_by(signing_certificate.c.fingerprint)
    .subquery()
)
_CERTIFICATES = select(signing_certificate.c.entity_id, signing_certificate.c.certificate).join(
    _FIRST,
    and_(
        signing_certificate.c.fingerprint == _FIRST.c.fingerprint,
        signing_certificate.c.entity_id == _FIRST.c.entity_id,
    ),
)
_LABEL = cast(String, expiry.c.label.type)


class SqlPartnerIndexes:
    """``PartnerIndexes`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def owners(self, service_ids: Iterable[str]) -> dict[str, str]:
        with self._engine.connect() as connection:
            rows = connection.execute(_OWNERS, {"asked": list(service_ids)}).all()
        return {row.service_id: row.entity_id for row in rows}

    def with_instance(self, instance_uuid: str) -> Sequence[tuple[str, str]]:
        with self._engine.connect() as connection:
            rows = connection.execute(_WITH_INSTANCE, {"asked": instance_uuid.casefold()}).all()
        return [(service_id, entity_id) for service_id, entity_id in rows]

    def with_definition(self, service_uuid: str) -> tuple[str, str] | None:
        with self._engine.connect() as connection:
            row = connection.execute(_WITH_DEFINITION, {"asked": service_uuid.casefold()}).first()
        return None if row is None else (row.service_id, row.entity_id)

    def sharing_oin(self, oins: Iterable[str], entity_id: str, limit: int) -> Sequence[str]:
        values = {"asked": list(oins), "own": entity_id, "at_most": limit}
        with self._engine.connect() as connection:
            return connection.execute(_SHARING, values).scalars().all()

    def certificates(self, but_by: Iterable[str]) -> Sequence[tuple[str, bytes]]:
        with self._engine.connect() as connection:
            rows = connection.execute(_CERTIFICATES, {"asked": list(but_by)}).all()
        return sorted((entity_id, bytes(certificate)) for entity_id, certificate in rows)


def clear_index(connection: Connection, entity_ids: Iterable[str]) -> None:
    """Take partners out of the index, in the transaction of ``connection``."""
    asked = [{"asked": entity_id} for entity_id in entity_ids]
    for statement in _CLEAR if asked else ():
        connection.execute(statement, asked)


def write_indexes(connection: Connection, indexes: Sequence[tuple[str, PartnerIndex]]) -> None:
    """Put partners, by entityID, in the index in the place of what stood there of them.

    Raises ``ServiceTaken``, and the transaction of ``connection`` is spent.
    """
    clear_index(connection, [entity_id for entity_id, _ in indexes])
    # In one order, whoever writes, so that two who write at once cannot wait for each other.
    services = sorted(
        (each.service_id, entity_id, each.instance_uuid, each.definition_uuid, each.oin)
        for entity_id, index in indexes
        for each in index.services
    )
    names = ("service_id", "entity_id", "instance_uuid", "definition_uuid", "oin")
    expiries = [
        {
            "entity_id": entity_id,
            "use": each.use,
            "fingerprint": each.fingerprint,
            "label": each.label[: _LABEL.length],
            "not_after": each.not_after,
        }
        for entity_id, index in indexes
        for each in index.expiries
    ]
    certificates = [
        {
            "entity_id": entity_id,
            "fingerprint": each.fingerprint,
            "authority": each.authority,
            "certificate": each.der,
        }
        for entity_id, index in indexes
        for each in index.signing
    ]
    try:
        if services:
            connection.execute(insert(service), [dict(zip(names, row, strict=True)) for row in services])
    except IntegrityError:
        raise ServiceTaken("a service of it is that of another partner") from None
    if expiries:
        connection.execute(insert(expiry), expiries)
    if certificates:
        connection.execute(insert(signing_certificate), certificates)
