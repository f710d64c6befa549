"""What a machtigingenregister has registered, in SQL.

Nothing is cached: a revocation counts from its commit.
"""

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import select

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Machtiging
from broker.domain.organisations import Organisation
from broker.ports import Ketenrelatie
from broker.storage import machtigingen_rows as rows
from broker.storage.tables import ketenmachtiging as ketenmachtiging_table
from broker.storage.tables import ketenrelatie as ketenrelatie_table
from broker.storage.tables import machtiging as machtiging_table
from broker.storage.tables import organisation as organisation_table
from broker.storage.upsert import Insert
from broker.storage.upsert import ignoring
from broker.storage.upsert import replacing

_SAVE_ORGANISATION = replacing(organisation_table)
_SAVE_MACHTIGING = replacing(machtiging_table)
_SAVE_KETENMACHTIGING = replacing(ketenmachtiging_table)
_SAVE_KETENRELATIE = ignoring(ketenrelatie_table)

_ORGANISATION = select(organisation_table).where(organisation_table.c.kvk == bindparam("asked"))
_OF_SUBJECT = select(machtiging_table).where(machtiging_table.c.subject == bindparam("asked"))
_BETWEEN = select(ketenmachtiging_table).where(
    ketenmachtiging_table.c.client == bindparam("from_client"),
    ketenmachtiging_table.c.intermediary == bindparam("to_intermediary"),
)
_RELATIES = select(ketenrelatie_table).where(ketenrelatie_table.c.intermediary == bindparam("asked"))


class SqlMachtigingenStore:
    """A ``MachtigingenStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save_organisation(self, organisation: Organisation) -> None:
        self._execute(_SAVE_ORGANISATION, rows.from_organisation(organisation))

    def save_machtiging(self, machtiging: Machtiging) -> None:
        self._execute(_SAVE_MACHTIGING, rows.from_machtiging(machtiging))

    def save_ketenmachtiging(self, ketenmachtiging: Ketenmachtiging) -> None:
        self._execute(_SAVE_KETENMACHTIGING, rows.from_ketenmachtiging(ketenmachtiging))

    def save_ketenrelatie(self, relatie: Ketenrelatie) -> None:
        self._execute(_SAVE_KETENRELATIE, rows.from_ketenrelatie(relatie))

    def organisation(self, kvk: KvkNumber) -> Organisation | None:
        with self._engine.connect() as connection:
            row = connection.execute(_ORGANISATION, {"asked": kvk.reveal()}).mappings().one_or_none()
        return None if row is None else rows.to_organisation(row)

    def machtigingen_of(self, subject: InternalPseudonym) -> Sequence[Machtiging]:
        with self._engine.connect() as connection:
            found = connection.execute(_OF_SUBJECT, {"asked": subject.reveal()}).mappings().all()
        # Sorted here, as everywhere below: databases differ in how they order text.
        return sorted((rows.to_machtiging(row) for row in found), key=lambda machtiging: machtiging.id)

    def ketenmachtigingen_between(
        self, client: KvkNumber, intermediary: KvkNumber
    ) -> Sequence[Ketenmachtiging]:
        parties = {"from_client": client.reveal(), "to_intermediary": intermediary.reveal()}
        with self._engine.connect() as connection:
            found = connection.execute(_BETWEEN, parties).mappings().all()
        return sorted(
            (rows.to_ketenmachtiging(row) for row in found), key=lambda ketenmachtiging: ketenmachtiging.id
        )

    def ketenrelaties_of(self, intermediary: KvkNumber) -> Sequence[Ketenrelatie]:
        with self._engine.connect() as connection:
            found = connection.execute(_RELATIES, {"asked": intermediary.reveal()}).mappings().all()
        relaties = (rows.to_ketenrelatie(row) for row in found)
        return sorted(relaties, key=lambda relatie: (relatie.client.reveal(), relatie.register))

    def _execute(self, statements: dict[str, Insert], values: rows.Values) -> None:
        with self._engine.begin() as connection:
            connection.execute(statements[self._engine.dialect.name], values)
