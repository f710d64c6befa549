"""Why services have the level they have, in SQL: what no dienstencatalogus says."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import select

from broker.storage.tables import level_rationale
from broker.storage.upsert import replacing

_OF = select(level_rationale).where(level_rationale.c.entity_id == bindparam("asked"))
_SAVE = replacing(level_rationale)

Rationales = Mapping[tuple[str, str], str]
"""(UUID of the definition, level) to why it is that level."""


class SqlRationales:
    """Rationales by dienstverlener, over an engine of ``make_engine``. Those of a level stay when the level changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._save = _SAVE[engine.dialect.name]

    def of(self, entity_id: str) -> Rationales:
        """All of one dienstverlener."""
        with self._engine.connect() as connection:
            rows = connection.execute(_OF, {"asked": entity_id}).mappings().all()
        return {(row["definition_uuid"], row["level"]): row["rationale"] for row in rows}

    def save(self, entity_id: str, rationales: Rationales, who: str, at: datetime) -> None:
        """Add these, or put them in the place of what was written for the same definition and level."""
        rows = [
            {
                "entity_id": entity_id,
                "definition_uuid": uuid,
                "level": level,
                "rationale": rationale,
                "who": who,
                "at": at,
            }
            for (uuid, level), rationale in rationales.items()
        ]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(self._save, rows)
