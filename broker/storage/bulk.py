"""Many new partners at once in SQL: what stands in their way, and saving them, each in few statements."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter
from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select

from broker.ports import PartnerRecord
from broker.ports.changes import Change
from broker.ports.partner_index import PartnerIndex
from broker.ports.versions import Version
from broker.storage.changes import write_changes
from broker.storage.registry import save_partners
from broker.storage.tables import partner
from broker.storage.tables import partner_version
from broker.storage.tables import service
from broker.storage.versions import columns_of

_ASKED: BindParameter[list[str]] = bindparam("asked", expanding=True)
_HASHES = select(partner.c.entity_id, partner.c.content_hash).where(partner.c.entity_id.in_(_ASKED))
_HAS_VERSIONS = select(partner_version.c.entity_id).where(partner_version.c.entity_id.in_(_ASKED)).distinct()
_SERVICES = select(service.c.service_id).where(service.c.service_id.in_(_ASKED))
_OINS = select(service.c.oin).where(service.c.oin.in_(_ASKED)).distinct()


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner that nobody knew: the version it begins with, and what is kept of it when that is in force."""

    version: Version
    record: PartnerRecord
    index: PartnerIndex
    changes: tuple[Change, ...]


class SqlBulk:
    """Over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def content_hashes(self, entity_ids: Iterable[str]) -> dict[str, str]:
        """The content hash in force of those of these partners that there are."""
        with self._engine.connect() as connection:
            rows = connection.execute(_HASHES, {"asked": list(entity_ids)}).all()
        return {row.entity_id: row.content_hash for row in rows}

    def occupied(
        self, entity_ids: Iterable[str], service_ids: Iterable[str], oins: Iterable[str]
    ) -> frozenset[str]:
        """Which of these are somebody's already: entityIDs (of now or before), ServiceIDs, OINs."""
        questions = (
            (_HASHES, entity_ids),
            (_HAS_VERSIONS, entity_ids),
            (_SERVICES, service_ids),
            (_OINS, oins),
        )
        with self._engine.connect() as connection:
            return frozenset(
                found
                for query, asked in questions
                for found in connection.execute(query, {"asked": list(asked)}).scalars()
            )

    def add(self, partners: Sequence[NewPartner], *, in_force: bool) -> None:
        """Save new partners with their first version, in one transaction; in force, or as concepts only.

        Raises ``ports.partner_index.ServiceTaken`` or an ``IntegrityError`` when somebody came first, and saves none.
        """
        with self._engine.begin() as connection:
            if in_force:
                save_partners(connection, [(each.record, each.index) for each in partners])
            connection.execute(insert(partner_version), [columns_of(each.version) for each in partners])
            write_changes(connection, [change for each in partners for change in each.changes])
