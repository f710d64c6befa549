"""The sessions of the authenticatiedienst: an earlier login that is found again by a cookie.

Afsprakenstelsel, Single sign-on and user sessions. The cookie goes when the browser is closed, as the advice to close
all windows promises; the state store forgets the session two hours after its last assertion. The store knows a session
by a hash of what the cookie holds.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime

from flask import Request
from flask import Response

from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.sessions import SignedOn
from broker.ports import StateStore
from broker.saml.policy import LIFETIMES
from broker.screens import CookieStyle

_SECRET_BYTES = 24
_DIGITS = 32
"""Hexadecimal digits of what is random, and of what is derived."""
_TRIES = 10
_TTL = int(LIFETIMES.single_sign_on.total_seconds())


@dataclass(frozen=True, slots=True)
class Session:
    """One session: whose middel, for which dienstverlener it was used, and when the person really logged in.

    ``secret`` is what the cookie holds. NameID and SessionIndex are made from it anew for each assertion, because
    dienstverleners see both and may not learn from them that they have the same visitor; none has to be kept.
    """

    secret: str = field(repr=False)
    username: str = field(repr=False)
    signed_on: SignedOn
    authenticated_at: datetime

    def new_name(self, makelaar: str) -> str:
        """A NameID for one assertion to one makelaar."""
        nonce = secrets.token_hex(_DIGITS // 2)
        return nonce + self._derive("name", nonce, makelaar)

    def index_of(self, name: str) -> str:
        """The SessionIndex beside a NameID."""
        return self._derive("index", name)

    def gave(self, name: str, makelaar: str) -> bool:
        """Whether this session made this NameID, for this makelaar."""
        nonce, proof = name[:_DIGITS], name[_DIGITS:]
        expected = self._derive("name", nonce, makelaar)
        return hmac.compare_digest(proof.encode("utf-8"), expected.encode())

    def _derive(self, *parts: str) -> str:
        text = " ".join(parts).encode("utf-8")
        return hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()[:_DIGITS]


class Sessions:
    """The sessions of one authenticatiedienst, at most one in each browser."""

    def __init__(self, name: str, cookies: CookieStyle, state: StateStore) -> None:
        """``name`` keeps parties on one host apart."""
        self._cookie = f"{name}-sso"
        self._cookies = cookies
        self._state = state

    def begin(self, username: str, level: LevelOfAssurance, dienstverlener: Oin, now: datetime) -> Session:
        """A new session, for a login of this moment."""
        session = Session(
            secret=secrets.token_urlsafe(_SECRET_BYTES),
            username=username,
            signed_on=SignedOn(level, dienstverlener, now + LIFETIMES.single_sign_on),
            authenticated_at=now,
        )
        self._state.put(_key(session.secret), _to_bytes(session), _TTL)
        return session

    def give(self, response: Response, session: Session) -> None:
        """Let the browser that gets this response have the session."""
        # A request may be posted here from another site, and the session must be found then too.
        self._cookies.set(response, self._cookie, session.secret, cross_site=True)

    def find(self, request: Request) -> Session | None:
        """The session of the browser this request comes from."""
        secret = self._cookies.get(request, self._cookie)
        kept = self._state.get(_key(secret)) if secret else None
        return None if secret is None or kept is None else _from_bytes(secret, kept)

    def extend(self, session: Session, now: datetime) -> bool:
        """Let the session last from ``now`` on; False when it was ended meanwhile, and stays so."""
        signed_on = replace(session.signed_on, until=now + LIFETIMES.single_sign_on)
        longer = _to_bytes(replace(session, signed_on=signed_on))
        for _ in range(_TRIES):  # several tabs may extend it at once
            kept = self._state.get(_key(session.secret))
            if kept is None:
                return False
            if self._state.swap(_key(session.secret), kept, longer, _TTL):
                return True
        return False

    def end(self, session: Session) -> None:
        """End the session, in every tab."""
        self._state.drop(_key(session.secret))

    def take_back(self, response: Response) -> None:
        """Make the browser that gets this response forget."""
        self._cookies.delete(response, self._cookie, cross_site=True)


def _key(secret: str) -> str:
    return f"session:{hashlib.sha256(secret.encode('utf-8')).hexdigest()}"


def _to_bytes(session: Session) -> bytes:
    values = {
        "username": session.username,
        "level": session.signed_on.level.short,
        "dienstverlener": session.signed_on.dienstverlener.value,
        "until": session.signed_on.until.isoformat(),
        "authenticated_at": session.authenticated_at.isoformat(),
    }
    return json.dumps(values).encode()


def _from_bytes(secret: str, data: bytes) -> Session:
    values = json.loads(data)
    signed_on = SignedOn(
        LevelOfAssurance.from_short(values["level"]),
        Oin(values["dienstverlener"]),
        datetime.fromisoformat(values["until"]),
    )
    authenticated_at = datetime.fromisoformat(values["authenticated_at"])
    return Session(secret, values["username"], signed_on, authenticated_at)
