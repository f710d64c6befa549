"""Mail that waits, in SQL."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from typing import cast

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import select
from sqlalchemy import update

from broker.ports.work import Mail
from broker.ports.work import OutgoingMail
from broker.storage.tables import outbox
from broker.storage.upsert import INSERTS

_OLDEST = select(outbox).order_by(outbox.c.created_at, outbox.c.id)
_NEWEST = select(outbox).order_by(outbox.c.created_at.desc(), outbox.c.id)
_SUBJECT, _ERROR = cast(String, outbox.c.subject.type), cast(String, outbox.c.last_error.type)


class SqlOutbox:
    """An ``Outbox`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, mail: Mail, now: datetime) -> bool:
        values = {
            "id": secrets.token_hex(16),
            "subject_key": mail.key,
            "recipient": mail.recipient,
            "subject": mail.subject[: _SUBJECT.length],
            "body": mail.body,
            "created_at": now,
            "next_at": now,
            "attempts": 0,
        }
        insert = INSERTS[self._engine.dialect.name](outbox)
        with self._engine.begin() as connection:
            statement = insert.on_conflict_do_nothing(index_elements=[outbox.c.subject_key])
            return connection.execute(statement.returning(outbox.c.id), values).first() is not None

    def due(self, now: datetime, limit: int = 20) -> Sequence[OutgoingMail]:
        return self._read(_OLDEST.where(outbox.c.sent_at.is_(None), outbox.c.next_at <= now).limit(limit))

    def sent(self, mail_id: str, at: datetime) -> None:
        self._change(mail_id, sent_at=at, last_error=None)

    def failed(self, mail_id: str, next_at: datetime, error: str) -> None:
        self._change(mail_id, next_at=next_at, last_error=error[: _ERROR.length])

    def latest(self, limit: int = 50) -> Sequence[OutgoingMail]:
        return self._read(_NEWEST.limit(limit))

    def _change(self, mail_id: str, **values: Any) -> None:
        tried = {"attempts": outbox.c.attempts + 1, **values}
        with self._engine.begin() as connection:
            connection.execute(update(outbox).where(outbox.c.id == mail_id).values(tried))

    def _read(self, query: Select[Any]) -> list[OutgoingMail]:
        with self._engine.connect() as connection:
            return [_mail_of(row) for row in connection.execute(query).mappings()]


def _mail_of(row: RowMapping) -> OutgoingMail:
    return OutgoingMail(
        id=row["id"],
        mail=Mail(row["subject_key"], row["subject"], row["body"], row["recipient"]),
        created_at=row["created_at"],
        next_at=row["next_at"],
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        last_error=row["last_error"],
    )
