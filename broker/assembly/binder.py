"""Binding a login to the browser that began it, one cookie per login, so that tabs do not disturb each other.

The cookie holds an opaque secret; the state store holds its SHA-256. An answer that arrives in another browser finds
no matching secret and is refused (login CSRF, session swap). Forms carry a token derived from the same secret.
"""

import hashlib
import hmac
import secrets

from flask import Request
from flask import Response

from broker.ports import StateStore
from broker.saml.policy import FRONT
from broker.screens import CookieStyle

_SECRET_BYTES = 24
_SHOWN = 12


class Binder:
    """The binder cookies of one party."""

    def __init__(self, name: str, cookies: CookieStyle, state: StateStore, ttl: int) -> None:
        """``name`` keeps parties on one host apart; ``ttl`` is in seconds."""
        self._name = name
        self._cookies = cookies
        self._state = state
        self._ttl = ttl

    def bind(self, request: Request, response: Response, flow: str) -> None:
        """Bind a flow to the browser that sent ``request`` and gets this response.

        Of more than ``Front.journeys_per_browser`` the oldest is let go of: else the browser would forget cookies,
        whichever it likes, or send more of them than a server reads.
        """
        others = [each for each in self._shown(request) if each != flow[:_SHOWN]]
        # A browser sends first what it was given first (RFC 6265, 5.4).
        for oldest in others[: max(0, len(others) + 1 - FRONT.journeys_per_browser)]:
            self.release(response, oldest)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._state.put(f"binder:{flow}", _digest(secret), self._ttl)
        # The answer of a partner is posted from another site, so the cookie must come along cross-site.
        self._cookies.set(response, self._cookie(flow), secret, self._ttl, cross_site=True)

    def is_bound(self, request: Request, flow: str) -> bool:
        """Whether this request comes from the browser the flow began in."""
        secret = self._cookies.get(request, self._cookie(flow))
        known = self._state.get(f"binder:{flow}")
        return secret is not None and known is not None and hmac.compare_digest(_digest(secret), known)

    def release(self, response: Response, flow: str) -> None:
        """Let the browser forget the flow."""
        self._cookies.delete(response, self._cookie(flow), cross_site=True)

    def release_all(self, request: Request, response: Response) -> None:
        """Let the browser forget every flow of this party."""
        for flow in self._shown(request):
            self.release(response, flow)

    def token(self, request: Request, flow: str) -> str:
        """The anti-CSRF token for forms of this flow in this browser."""
        secret = self._cookies.get(request, self._cookie(flow)) or ""
        return hmac.new(secret.encode(), b"form:" + flow.encode(), hashlib.sha256).hexdigest()

    def accepts(self, request: Request, flow: str) -> bool:
        """Whether a posted form comes from a page of ours in the browser the flow is bound to."""
        token = request.form.get("token", "")
        return self.is_bound(request, flow) and hmac.compare_digest(
            token.encode("utf-8"), self.token(request, flow).encode("utf-8")
        )

    def _shown(self, request: Request) -> list[str]:
        """What the names of this party's cookies show of the flows of this browser, oldest first."""
        prefix = self._cookies.full_name(f"{self._name}-")
        return [name.removeprefix(prefix) for name in request.cookies if name.startswith(prefix)]

    def _cookie(self, flow: str) -> str:
        return f"{self._name}-{flow[:_SHOWN]}"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8")).digest()
