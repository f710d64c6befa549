"""The network metadata in SQL: which edition was taken, and the partners it brought."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from broker.ports import EditionTaken
from broker.ports import PartnerRecord
from broker.ports import Source
from broker.ports import TakenEdition
from broker.ports.partner_index import PartnerIndex
from broker.storage.partner_index import clear_index
from broker.storage.registry import note_changes
from broker.storage.registry import record_of
from broker.storage.registry import save_partners
from broker.storage.tables import network
from broker.storage.tables import partner

_ONE = "network"
"""The name of the one row."""

_BROUGHT = partner.c.source == Source.NETWORK.value
_LAST = select(network).where(network.c.name == _ONE)
_PARTNERS = select(partner).where(_BROUGHT)
_OWN = select(partner.c.entity_id).where(
    partner.c.entity_id.in_(bindparam("asked", expanding=True)),
    (partner.c.source.is_(None)) | (partner.c.source != Source.NETWORK.value),
)
_NO_INDEXES: Mapping[str, PartnerIndex] = {}
_REMOVE = delete(partner).where(partner.c.entity_id == bindparam("asked"), _BROUGHT)


class SqlNetworkStore:
    """A ``NetworkStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self) -> TakenEdition | None:
        with self._engine.connect() as connection:
            row = connection.execute(_LAST).mappings().one_or_none()
        if row is None:
            return None
        return TakenEdition(**{name: row[name] for name in TakenEdition.__slots__})

    def partners(self) -> Sequence[PartnerRecord]:
        with self._engine.connect() as connection:
            rows = connection.execute(_PARTNERS).mappings().all()
        return sorted((record_of(row) for row in rows), key=lambda record: record.entity_id)

    def own(self, among: Iterable[str]) -> frozenset[str]:
        with self._engine.connect() as connection:
            return _own(connection, among)

    def take(
        self,
        edition: TakenEdition,
        before: TakenEdition | None,
        save: Sequence[PartnerRecord],
        remove: Sequence[str],
        indexes: Mapping[str, PartnerIndex] = _NO_INDEXES,
    ) -> None:
        values: dict[str, Any] = {name: getattr(edition, name) for name in TakenEdition.__slots__}
        try:
            with self._engine.begin() as connection:
                _put(connection, values, before)
                _change(connection, [(each, indexes.get(each.entity_id)) for each in save], remove)
        except IntegrityError:
            raise EditionTaken("another process took an edition") from None

    def forget(self) -> int:
        with self._engine.begin() as connection:
            connection.execute(delete(network))
            brought = connection.execute(select(partner.c.entity_id).where(_BROUGHT)).scalars().all()
            _change(connection, (), brought)
            return len(brought)


def _own(connection: SqlConnection, among: Iterable[str]) -> frozenset[str]:
    return frozenset(connection.execute(_OWN, {"asked": list(among)}).scalars())


def _change(
    connection: SqlConnection,
    save: Sequence[tuple[PartnerRecord, PartnerIndex | None]],
    remove: Sequence[str],
) -> None:
    """Save and remove, but for whom an operator registered."""
    concerned = [*remove, *(record.entity_id for record, _ in save)]
    # First, so that nobody registers one of them between the question and the change.
    note_changes(connection, concerned, {record.role for record, _ in save})
    own = _own(connection, concerned)
    gone = [entity_id for entity_id in remove if entity_id not in own]
    kept = [(record, index) for record, index in save if record.entity_id not in own]
    clear_index(connection, gone)
    if gone:
        connection.execute(_REMOVE, [{"asked": entity_id} for entity_id in gone])
    if kept:
        save_partners(connection, kept)


def _put(connection: SqlConnection, values: dict[str, Any], before: TakenEdition | None) -> None:
    """The new edition, when the one before is still the last."""
    if before is None:
        connection.execute(insert(network).values(name=_ONE, **values))
        return
    known = network.c.content_hash == before.content_hash
    moved = connection.execute(update(network).where(network.c.name == _ONE, known).values(**values))
    if moved.rowcount != 1:
        raise EditionTaken("another process took an edition")
