"""At which authenticatiedienst this browser may be logged in: what a logout needs, and nothing about the person.

Afsprakenstelsel, Single log-out. The makelaar has no login session of its own. A cookie that goes when the browser is
closed holds an opaque id; the state store holds, for two hours after each login, where that login was made. Keys are
hashes over the id, the dienstverlener and the NameID it was given, so nobody finds what another was given.
"""

import hashlib
import json
import re
import secrets
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime

from flask import Request
from flask import Response

from broker.ports import StateStore
from broker.saml.policy import LIFETIMES
from broker.screens import CookieStyle

_COOKIE = "hm-sso"
_ID = re.compile(r"[0-9a-f]{48}")
_TTL = int(LIFETIMES.single_sign_on.total_seconds())


@dataclass(frozen=True, slots=True)
class AtAd:
    """A login as its authenticatiedienst knows it: NameID and SessionIndex are those of its assertion.

    ``given_index`` is the SessionIndex that we gave the dienstverlener.
    """

    authenticatiedienst: str
    name_id: str = field(repr=False)
    session_index: str | None
    given_index: str


class Sessions:
    """The logins of browsers, for as long as they can be ended."""

    def __init__(self, cookies: CookieStyle, state: StateStore) -> None:
        """``state`` is shared by all processes of the makelaar."""
        self._cookies = cookies
        self._state = state

    def remember(
        self,
        request: Request,
        response: Response,
        at: AtAd,
        *,
        dienstverlener: str,
        given_name: str,
        authn_instant: datetime,
    ) -> None:
        """Keep where a login was made; ``given_name`` is the NameID that we gave the dienstverlener."""
        browser = self._browser(request) or secrets.token_hex(24)
        self._state.put(_key("logout", browser, dienstverlener, given_name), _to_bytes(at), _TTL)
        self._state.put(_continued(browser, at.authenticatiedienst, authn_instant), b"1", _TTL)
        # A dienstverlener may post its LogoutRequest here from another site.
        self._cookies.set(response, _COOKIE, browser, cross_site=True)

    def find(self, request: Request, dienstverlener: str, name: str, indexes: tuple[str, ...]) -> AtAd | None:
        """The login in this browser for which we gave this dienstverlener this NameID, and one of these indexes.

        No indexes means any (SAML core 3.7.1).
        """
        browser = self._browser(request)
        kept = self._state.get(_key("logout", browser, dienstverlener, name)) if browser else None
        at = None if kept is None else AtAd(**json.loads(kept))
        return at if at is not None and (not indexes or at.given_index in indexes) else None

    def continues(self, request: Request, authenticatiedienst: str, instant: datetime) -> bool:
        """Whether this browser heard, within two hours, of a login there at this AuthnInstant."""
        browser = self._browser(request)
        return (
            browser is not None
            and self._state.get(_continued(browser, authenticatiedienst, instant)) is not None
        )

    def _browser(self, request: Request) -> str | None:
        value = self._cookies.get(request, _COOKIE) or ""
        return value if _ID.fullmatch(value) else None


def _continued(browser: str, authenticatiedienst: str, instant: datetime) -> str:
    return _key("continued", browser, authenticatiedienst, instant.astimezone(UTC).isoformat())


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


def _to_bytes(at: AtAd) -> bytes:
    return json.dumps(asdict(at)).encode()
