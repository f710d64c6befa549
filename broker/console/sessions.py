"""Sessions of operators, kept on the server: the browser holds an opaque id, the state store what belongs to it.

A session ends after ``IDLE_SECONDS`` without a request, after ``LONGEST_SECONDS`` whatever happens, at logout, and when
it is given a new id: at each login.
"""

import hashlib
import json
import secrets
from typing import Any

from flask import Flask
from flask import Request
from flask.sessions import SessionInterface
from flask.sessions import SessionMixin
from werkzeug.datastructures import CallbackDict
from werkzeug.wrappers import Response

from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.ports import StateStore
from broker.screens import CookieStyle

IDLE_SECONDS = 20 * 60
LONGEST_SECONDS = 10 * 60 * 60
COOKIE = "console"
_BEGAN = "began"


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """What is known of one browser. ``renew`` gives it a new id, as every login must."""

    def __init__(self, values: dict[str, Any], session_id: str | None, kept: bytes | None) -> None:
        def changed(session: "ServerSession") -> None:
            session.modified = True

        super().__init__(values, changed)
        self.session_id = session_id
        self.kept = kept
        self.modified = False
        self.renewed = False

    def renew(self) -> None:
        """Forget everything, and go on under an id that nobody can have planted."""
        self.clear()
        self.renewed = True


class StateSessions(SessionInterface):
    """Sessions on a state store, under the digest of their id: who can read the store cannot take one over."""

    def __init__(self, state: StateStore, cookies: CookieStyle, clock: Clock = system_clock) -> None:
        self._state = state
        self._cookies = cookies
        self._clock = clock

    def open_session(self, app: Flask, request: Request) -> ServerSession:  # noqa: ARG002  # Flask's signature
        """The session that the browser's cookie names, or an empty one."""
        session_id = self._cookies.get(request, COOKIE)
        kept = None if not session_id else self._state.get(_key(session_id))
        if not session_id or kept is None:
            return ServerSession({}, None, None)
        values: dict[str, Any] = json.loads(kept)
        if self._left(values) <= 0:
            self._state.drop(_key(session_id))
            return ServerSession({}, None, None)
        return ServerSession(values, session_id, kept)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Keep what changed, and count the idle time from now."""
        if not isinstance(session, ServerSession):
            return
        before = session.session_id
        if before and (session.renewed or not session):
            self._state.drop(_key(before))
            session.kept = None
        if not session:
            if before:
                self._cookies.delete(response, COOKIE)
            return
        if before and not session.renewed:
            # Swapped, not put: a request that was under way may not bring back what a logout has just ended.
            self._state.swap(_key(before), session.kept or b"", _written(session), self._ttl(session))
            return
        session[_BEGAN] = int(self._clock().timestamp())
        session_id = secrets.token_urlsafe(32)
        self._state.put(_key(session_id), _written(session), self._ttl(session))
        self._cookies.set(response, COOKIE, session_id)

    def _left(self, values: dict[str, Any]) -> int:
        return int(values[_BEGAN]) + LONGEST_SECONDS - int(self._clock().timestamp())

    def _ttl(self, session: ServerSession) -> int:
        return max(1, min(IDLE_SECONDS, self._left(session)))


def _key(session_id: str) -> str:
    return f"console:{hashlib.sha256(session_id.encode()).hexdigest()}"


def _written(session: ServerSession) -> bytes:
    return json.dumps(dict(session)).encode()
