"""What the index tells of the other dienstverleners, for a check of documents."""

from collections.abc import Sequence
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import PublicFormat
from sqlalchemy import Engine
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select

from broker.ports.neighbours import KnownService
from broker.storage.tables import service
from broker.storage.tables import signing_certificate

_SOME = 10
"""Rows of an answer: who shares something with ten others is told of one."""

_SERVICES = select(
    service.c.entity_id, service.c.service_id, service.c.definition_uuid, service.c.instance_uuid
)
_WITH_UUID = (
    _SERVICES.where(
        or_(service.c.instance_uuid == bindparam("asked"), service.c.definition_uuid == bindparam("asked"))
    )
    .order_by(service.c.service_id)
    .limit(_SOME)
)
_WITH_ID = _SERVICES.where(service.c.service_id == bindparam("asked"))
_WITH_OIN = (
    select(service.c.entity_id)
    .where(service.c.oin == bindparam("asked"))
    .distinct()
    .order_by(service.c.entity_id)
    .limit(_SOME)
)
_WITH_CERTIFICATE = (
    select(signing_certificate.c.entity_id)
    .where(signing_certificate.c.fingerprint == bindparam("asked"))
    .order_by(signing_certificate.c.entity_id)
    .limit(_SOME)
)
_CERTIFICATES = select(signing_certificate.c.certificate).where(
    signing_certificate.c.entity_id == bindparam("asked")
)


class SqlNeighbours:
    """``Neighbours`` over an engine of ``make_engine``.

    With ``new_keys`` somebody vouches that a party is who it was, whatever its keys: then none are known of it.
    """

    def __init__(self, engine: Engine, *, new_keys: bool = False) -> None:
        self._engine = engine
        self._new_keys = new_keys

    def with_uuid(self, uuid: str) -> Sequence[KnownService]:
        return self._services(_WITH_UUID, uuid.casefold())

    def with_service_id(self, service_id: str) -> Sequence[KnownService]:
        return self._services(_WITH_ID, service_id)

    def with_oin(self, oin: str) -> Sequence[str]:
        with self._engine.connect() as connection:
            return connection.execute(_WITH_OIN, {"asked": oin}).scalars().all()

    def with_certificate(self, fingerprint: str) -> Sequence[str]:
        with self._engine.connect() as connection:
            return connection.execute(_WITH_CERTIFICATE, {"asked": fingerprint}).scalars().all()

    def keys_of(self, entity_id: str) -> frozenset[str]:
        if self._new_keys:
            return frozenset()
        with self._engine.connect() as connection:
            found = connection.execute(_CERTIFICATES, {"asked": entity_id}).scalars().all()
        return frozenset(_key_of(bytes(each)) for each in found)

    def _services(self, statement: Select[tuple[str, str, str, str]], asked: str) -> Sequence[KnownService]:
        with self._engine.connect() as connection:
            rows = connection.execute(statement, {"asked": asked}).all()
        return [
            KnownService(row.entity_id, row.service_id, row.definition_uuid, row.instance_uuid)
            for row in rows
        ]


def _key_of(der: bytes) -> str:
    """A certificate in the index was read before it came there."""
    key = x509.load_der_x509_certificate(der).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
