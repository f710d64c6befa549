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
_ANY = ""
"""In the place of a SessionIndex, which is never empty."""
_TTL = int(LIFETIMES.single_sign_on.total_seconds())


@dataclass(frozen=True, slots=True)
class AtAd:
    """A login as its authenticatiedienst knows it: NameID and SessionIndex are those of its assertion."""

    authenticatiedienst: str
    name_id: str = field(repr=False)
    session_index: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """The same login as a dienstverlener knows it: NameID and SessionIndex are those of our assertion.

    ``in_test`` is the version that it tried out: only a logout by that version ends it.
    """

    dienstverlener: str
    name_id: str = field(repr=False)
    session_index: str
    in_test: str | None = None


class Sessions:
    """The logins of browsers, for as long as they can be ended."""

    def __init__(self, cookies: CookieStyle, state: StateStore) -> None:
        """``state`` is shared by all processes of the makelaar."""
        self._cookies = cookies
        self._state = state

    def remember(
        self, request: Request, response: Response, given: Given, at: AtAd, authn_instant: datetime
    ) -> None:
        """Keep where a login was made, found by its SessionIndex, and without one for the last of that name."""
        browser = self._browser(request) or secrets.token_hex(24)
        for index in (given.session_index, _ANY):
            key = _key("logout", browser, _owner(given.dienstverlener, given.in_test), given.name_id, index)
            self._state.put(key, json.dumps(asdict(at)).encode(), _TTL)
        self._state.put(_continued(browser, at.authenticatiedienst, authn_instant), b"1", _TTL)
        # A dienstverlener may post its LogoutRequest here from another site.
        self._cookies.set(response, _COOKIE, browser, cross_site=True)

    def find(
        self,
        request: Request,
        dienstverlener: str,
        name: str,
        indexes: tuple[str, ...],
        in_test: str | None = None,
    ) -> AtAd | None:
        """The login in this browser for which we gave this dienstverlener this NameID and one of these indexes.

        No indexes means any (SAML core 3.7.1); ``in_test`` see ``Given``.
        """
        browser = self._browser(request)
        if browser is None:
            return None
        for index in indexes or (_ANY,):
            kept = self._state.get(_key("logout", browser, _owner(dienstverlener, in_test), name, index))
            if kept is not None:
                return AtAd(**json.loads(kept))
        return None

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


def _owner(dienstverlener: str, in_test: str | None) -> str:
    """Whose login it is; an entityID has no spaces."""
    return dienstverlener if in_test is None else f"{dienstverlener} {in_test}"


def _continued(browser: str, authenticatiedienst: str, instant: datetime) -> str:
    return _key("continued", browser, authenticatiedienst, instant.astimezone(UTC).isoformat())


def _key(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"
