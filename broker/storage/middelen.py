"""The middelen of an authenticatiedienst in SQL."""

import unicodedata

from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import select

from broker.domain.attributes import AttributeValue
from broker.domain.identifiers import InternalPseudonym
from broker.domain.levels import LevelOfAssurance
from broker.ports import Middel
from broker.storage.tables import middel as table
from broker.storage.upsert import replacing

_SAVE = replacing(table)
_FIND = select(table).where(table.c.username_folded == bindparam("asked"))


class SqlMiddelenStore:
    """A ``MiddelenStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._save = _SAVE[engine.dialect.name]

    def save(self, middel: Middel) -> None:
        values = {
            "username_folded": folded(middel.username),
            "username": middel.username,
            "password_hash": middel.password_hash,
            "totp_secret": middel.totp_secret,
            "pseudonym": middel.pseudonym.reveal(),
            "level": middel.level.short,
            "register": middel.register,
            "attributes": {name: value.reveal() for name, value in middel.attributes.items()},
        }
        with self._engine.begin() as connection:
            connection.execute(self._save, values)

    def find(self, username: str) -> Middel | None:
        with self._engine.connect() as connection:
            row = connection.execute(_FIND, {"asked": folded(username)}).mappings().one_or_none()
        if row is None:
            return None
        return Middel(
            username=row["username"],
            password_hash=row["password_hash"],
            totp_secret=row["totp_secret"],
            pseudonym=InternalPseudonym(row["pseudonym"]),
            level=LevelOfAssurance.from_short(row["level"]),
            register=row["register"],
            # Null in rows that the version before wrote.
            attributes={name: AttributeValue(value) for name, value in (row["attributes"] or {}).items()},
        )


def folded(username: str) -> str:
    """The form in which usernames are compared: Unicode composed, without case. Databases each fold
    differently.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", username).casefold())
