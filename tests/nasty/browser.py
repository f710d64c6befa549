"""A browser that does no more than it must: connections that stay open, cookies, forms found by their fields."""

import re
from dataclasses import dataclass
from dataclasses import field
from html import unescape
from http.client import HTTPConnection
from http.client import HTTPResponse
from http.client import RemoteDisconnected
from urllib.parse import urlencode
from urllib.parse import urljoin
from urllib.parse import urlsplit

_FORM = re.compile(r'<form method="post" action="([^"]*)">(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_TIMEOUT = 30
_KEPT = re.compile(r".*-sso|hm-ad|hm-session.*")
"""Cookies that stay when a login is over: who is logged in where, and the choice that was made last."""


@dataclass
class Page:
    """What came: where from, its status, the text, and the misbehaviours that the party tells of."""

    url: str
    status: int
    text: str
    location: str | None
    misbehaved: tuple[str, ...]

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass
class Browser:
    """One person's browser."""

    cookies: dict[str, str] = field(default_factory=dict)
    connections: dict[str, HTTPConnection] = field(default_factory=dict)

    def forget_login(self) -> None:
        """Let go of what belongs to one login, as it ended or not."""
        self.cookies = {name: value for name, value in self.cookies.items() if _KEPT.fullmatch(name)}

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()

    def get(self, url: str) -> Page:
        return self._send("GET", url, None)

    def post(self, page: Page, **fields: str) -> Page:
        """Send the form on the page, with these fields beside its hidden ones."""
        found = _FORM.search(page.text)
        assert found is not None, f"no form on {page.path}"
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(found.group(2))}
        return self._send("POST", urljoin(page.url, unescape(found.group(1))), urlencode(hidden | fields))

    def _request(
        self, connection: HTTPConnection, method: str, target: str, body: str | None, headers: dict[str, str]
    ) -> HTTPResponse:
        """The answer; asked once more, as browsers do, when a connection was closed that had been open for a while."""
        is_new = connection.sock is None
        try:
            connection.request(method, target, body, headers)
            return connection.getresponse()
        except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            connection.close()
            if is_new:
                raise
            connection.request(method, target, body, headers)
            return connection.getresponse()

    def _send(self, method: str, url: str, body: str | None) -> Page:
        parts = urlsplit(url)
        if parts.netloc not in self.connections:
            # localhost may be two addresses, of which the parties listen on one.
            self.connections[parts.netloc] = HTTPConnection("127.0.0.1", parts.port, timeout=_TIMEOUT)
        headers = {"Accept-Language": "nl", "Host": parts.netloc}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        response = self._request(self.connections[parts.netloc], method, target, body, headers)
        text = response.read().decode("utf-8")
        for line in response.msg.get_all("Set-Cookie", []):
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value
            if not value or "Max-Age=0" in line:
                del self.cookies[name]
        told = response.headers.get("Misbehaved", "")
        return Page(
            url,
            response.status,
            text,
            response.headers.get("Location"),
            tuple(filter(None, told.split(", "))),
        )
