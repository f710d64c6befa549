"""Cookies, set in one way by every party."""

from flask import Request
from werkzeug.wrappers import Response

from broker.screens.public_url import is_https


class CookieStyle:
    """Names and attributes of the cookies of one party.

    On https each cookie is called ``__Host-<name>`` (RFC 6265bis 4.1.3.2) and is ``Secure``, so that neither
    a neighbouring subdomain nor plain http can plant it. On ``http://localhost`` it has the plain name and is
    not ``Secure``; there all ports share their cookies, so parties need different names.
    Raises ``ValueError`` for any other public URL.
    """

    __slots__ = ("_secure",)

    def __init__(self, public_url: str) -> None:
        self._secure = is_https(public_url)

    def full_name(self, name: str) -> str:
        """The name under which the browser knows the cookie."""
        return f"__Host-{name}" if self._secure else name

    def set(
        self,
        response: Response,
        name: str,
        value: str,
        max_age: int | None = None,
        *,
        cross_site: bool = False,
    ) -> None:
        """Put the cookie on ``response`` for ``max_age`` seconds, or until the browser closes when None.

        ``cross_site`` is for a cookie that must come along when another party posts the browser back to us,
        which ``SameSite=Lax`` prevents. Ports of localhost are one site, so there Lax always suffices.
        """
        response.set_cookie(
            self.full_name(name),
            value,
            max_age=max_age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite=self._same_site(cross_site),
        )

    def get(self, request: Request, name: str) -> str | None:
        """The value the browser sent, unchecked; None when it sent none."""
        return request.cookies.get(self.full_name(name))

    def delete(self, response: Response, name: str, *, cross_site: bool = False) -> None:
        """Make the browser forget the cookie; ``cross_site`` as it was set."""
        response.delete_cookie(
            self.full_name(name),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite=self._same_site(cross_site),
        )

    def _same_site(self, cross_site: bool) -> str:
        return "None" if cross_site and self._secure else "Lax"
