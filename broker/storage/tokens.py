"""The tokens of the API, and what was answered under an Idempotency-Key, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy import RowMapping
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from broker.ports.changes import Change
from broker.ports.tokens import Answered
from broker.ports.tokens import ApiToken
from broker.ports.tokens import Scope
from broker.ports.tokens import TokenTaken
from broker.storage.changes import write_change
from broker.storage.tables import api_token
from broker.storage.tables import idempotency

_BY_HASH = select(api_token).where(api_token.c.token_hash == bindparam("asked"))
_ALL = select(api_token).order_by(api_token.c.created_at.desc(), api_token.c.id)
_NAMED = select(api_token.c.id).where(
    api_token.c.name == bindparam("named"),
    api_token.c.revoked_at.is_(None),
    api_token.c.expires_at > bindparam("now"),
)
_OPEN = (api_token.c.id == bindparam("asked"), api_token.c.revoked_at.is_(None))
_ANSWER = (idempotency.c.token_id == bindparam("token"), idempotency.c.key == bindparam("asked"))


class SqlTokens:
    """A ``TokenStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, token: ApiToken, token_hash: str, change: Change) -> None:
        values = {
            "id": token.id,
            "name": token.name,
            "token_hash": token_hash,
            "scopes": sorted(token.scopes),
            "created_by": token.created_by,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
        with self._engine.begin() as connection:
            if connection.execute(_NAMED, {"named": token.name, "now": token.created_at}).first():
                raise TokenTaken(
                    f"there is a token with the name {token.name}; revoke it, or choose another name"
                )
            connection.execute(insert(api_token), values)
            write_change(connection, change)

    def by_hash(self, token_hash: str) -> ApiToken | None:
        with self._engine.connect() as connection:
            row = connection.execute(_BY_HASH, {"asked": token_hash}).mappings().one_or_none()
        return None if row is None else _token(row)

    def list(self) -> Sequence[ApiToken]:
        with self._engine.connect() as connection:
            return [_token(row) for row in connection.execute(_ALL).mappings()]

    def revoke(self, token_id: str, change: Change) -> bool:
        with self._engine.begin() as connection:
            ended = update(api_token).where(*_OPEN).values(revoked_at=change.at)
            if connection.execute(ended, {"asked": token_id}).rowcount != 1:
                return False
            write_change(connection, change)
        return True

    def note_use(self, token_id: str, at: datetime) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(api_token).where(api_token.c.id == token_id).values(last_used_at=at))


class SqlIdempotency:
    """An ``IdempotencyStore`` over an engine of ``make_engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self, token_id: str, key: str, request_hash: str, at: datetime, stale: datetime, abandoned: datetime
    ) -> Answered | None:
        values = {"token_id": token_id, "key": key, "request_hash": request_hash, "at": at}
        old = or_(
            idempotency.c.at < stale,
            and_(idempotency.c.at < abandoned, idempotency.c.status.is_(None)),
        )
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(idempotency).where(old))
                connection.execute(insert(idempotency), values)
        except IntegrityError:
            return self._answered(token_id, key, request_hash)
        return None

    def finish(self, token_id: str, key: str, status: int, body: str) -> None:
        done = update(idempotency).where(*_ANSWER).values(status=status, body=body)
        with self._engine.begin() as connection:
            connection.execute(done, {"token": token_id, "asked": key})

    def forget(self, token_id: str, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(idempotency).where(*_ANSWER), {"token": token_id, "asked": key})

    def _answered(self, token_id: str, key: str, request_hash: str) -> Answered:
        with self._engine.connect() as connection:
            asked = {"token": token_id, "asked": key}
            row = connection.execute(select(idempotency).where(*_ANSWER), asked).mappings().one_or_none()
        if row is None:  # forgotten at this moment: whoever asks may try again
            return Answered(request_hash, None, None)
        return Answered(row["request_hash"], row["status"], row["body"])


def _token(row: RowMapping) -> ApiToken:
    return ApiToken(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(map(Scope, row["scopes"])),
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
