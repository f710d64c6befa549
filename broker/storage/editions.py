"""The editions of the dienstencatalogus in SQL."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from broker.ports import Role
from broker.ports.editions import Edition
from broker.ports.editions import EditionMade
from broker.ports.editions import PartnersMark
from broker.storage.tables import catalogue_edition
from broker.storage.tables import partner
from broker.storage.tables import service

_HEAD = select(*(column for column in catalogue_edition.c if column.name != "document"))
_OF = _HEAD.where(catalogue_edition.c.oin == bindparam("asked")).order_by(catalogue_edition.c.sequence.desc())
_ONE = _OF.where(catalogue_edition.c.sequence == bindparam("number"))
_DOCUMENT = select(catalogue_edition.c.document).where(
    catalogue_edition.c.oin == bindparam("asked"), catalogue_edition.c.sequence == bindparam("number")
)
_FORGET = delete(catalogue_edition).where(
    catalogue_edition.c.oin == bindparam("asked"), catalogue_edition.c.sequence <= bindparam("oldest")
)
# Answered from the index alone (ix_partner_changes).
_MARK = select(
    func.count(),
    func.max(partner.c.added_at),
    func.coalesce(func.sum(partner.c.version), 0),
    func.count(partner.c.suspended_at),
    func.max(partner.c.suspended_at),
).where(partner.c.role == Role.DV.value)
_SIZE = select(func.coalesce(func.sum(func.length(partner.c.catalogue)), 0)).where(
    partner.c.role == Role.DV.value
)
_ENTITIES = select(service.c.entity_id).where(service.c.oin == bindparam("asked")).distinct()


class SqlEditionStore:
    """An ``EditionStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mark(self) -> PartnersMark:
        with self._engine.connect() as connection:
            count, last, versions, suspended, stopped = connection.execute(_MARK).one()
        return PartnersMark(count, last, int(versions), suspended, stopped)

    def size(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(_SIZE).scalar_one())

    def entities_of(self, oin: str) -> tuple[str, ...]:
        with self._engine.connect() as connection:
            # Sorted here: databases differ in how they order text.
            return tuple(sorted(connection.execute(_ENTITIES, {"asked": oin}).scalars()))

    def latest(self, oin: str) -> Edition | None:
        return next(iter(self._read(_OF.limit(1), {"asked": oin})), None)

    def find(self, oin: str, sequence: int) -> Edition | None:
        return next(iter(self._read(_ONE, {"asked": oin, "number": sequence})), None)

    def document(self, edition: Edition) -> bytes:
        asked = {"asked": edition.oin, "number": edition.sequence}
        with self._engine.connect() as connection:
            document = connection.execute(_DOCUMENT, asked).scalar_one_or_none()
        if document is None:
            raise LookupError("this edition is kept no longer")
        return bytes(document)

    def add(self, edition: Edition, document: bytes, keep: int) -> None:
        values = {
            "oin": edition.oin,
            "sequence": edition.sequence,
            "content_hash": edition.content_hash,
            "made_at": edition.made_at,
            "until": edition.until,
            "document": document,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(catalogue_edition), values)
                connection.execute(_FORGET, {"asked": edition.oin, "oldest": edition.sequence - keep})
        except IntegrityError:
            raise EditionMade from None

    def listed(self, oin: str, limit: int) -> tuple[Edition, ...]:
        return tuple(self._read(_OF.limit(limit), {"asked": oin}))

    def _read(self, query: Select[Any], asked: dict[str, str | int]) -> list[Edition]:
        with self._engine.connect() as connection:
            return [_edition(row) for row in connection.execute(query, asked).mappings()]


def _edition(row: RowMapping) -> Edition:
    return Edition(row["oin"], row["sequence"], row["content_hash"], row["made_at"], row["until"])
