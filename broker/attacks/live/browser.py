"""A browser that goes nowhere by itself: it follows no redirect, and keeps the cookies of one host."""

import re
from dataclasses import dataclass
from dataclasses import field
from http.cookies import CookieError
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode
from urllib.parse import urljoin
from urllib.parse import urlsplit

import urllib3
from lxml import html
from urllib3.connection import HTTPConnection
from urllib3.connection import HTTPSConnection

_REFERENCE = re.compile(r"EH-[0-9A-Z]{4}-[0-9A-Z]{4}")
_WRITTEN_ANEW = re.compile(r"\?.*%(?![0-9A-F]{2})[0-9A-Fa-f]{2}")
_SECONDS = 30


@dataclass(frozen=True)
class Page:
    """What came back: status, headers (names in lower case), body, how long it took in seconds."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def location(self) -> str:
        """Where it sends the browser, made absolute; empty when nowhere."""
        target = self.headers.get("location", "")
        return urljoin(self.url, target) if target else ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def form(self) -> tuple[str, dict[str, str]]:
        """The address and the fields of the first form; empty when there is none."""
        if self.body.lstrip()[:1] != b"<" or b"<form" not in self.body:
            return "", {}
        form = html.fromstring(self.body).forms[0]
        fields = {str(name): str(value) for name, value in form.form_values()}
        return urljoin(self.url, form.action or self.url), fields

    @property
    def reference(self) -> str | None:
        """The reference on the page."""
        found = _REFERENCE.search(self.text)
        return found.group() if found else None

    def leads_to(self, address: str) -> bool:
        """Whether it sends the browser, by redirect or form, to an address that begins so."""
        return self.location.startswith(address) or self.form[0].startswith(address)


@dataclass
class Browser:
    """One person's browser at the makelaar. ``base`` is the makelaar's base URL."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "nl"

    def __post_init__(self) -> None:
        """A connection of its own."""
        self._pool = urllib3.PoolManager(retries=False, timeout=_SECONDS, maxsize=4)

    def get(self, address: str, **headers: str) -> Page:
        """Open an address of the makelaar: a path, or a whole URL."""
        return self.send("GET", address, None, headers)

    def post(self, address: str, fields: dict[str, str] | list[tuple[str, str]]) -> Page:
        """Post a form."""
        body = urlencode(fields).encode()
        return self.send("POST", address, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def cookie_header(self, also: str = "", *, tampered: bool = False) -> str:
        """What it sends of cookies: its own, perhaps each with another last sign, and ``also`` behind them."""
        own = [f"{name}={_tampered(value) if tampered else value}" for name, value in self.cookies.items()]
        return "; ".join([*own, *([also] if also else [])])

    def send(
        self, method: str, address: str, body: bytes | None, headers: dict[str, str], *, cookies: bool = True
    ) -> Page:
        """Send a request and take the answer as it is. Raises ``urllib3.exceptions.HTTPError``."""
        # Not joined: an address that begins with two slashes must reach the makelaar too.
        url = address if "://" in address.partition("?")[0] else self.base + address
        sent = {"Accept-Language": self.language, **headers}
        if cookies and self.cookies and urlsplit(url).netloc == urlsplit(self.base).netloc:
            sent.setdefault("Cookie", self.cookie_header())
        began = perf_counter()
        answer = self._answer(method, url, body, sent)
        page = Page(
            url,
            answer.status,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.data,
            perf_counter() - began,
        )
        for line in answer.headers.getlist("Set-Cookie"):
            self._keep(line)
        return page

    def _answer(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> urllib3.BaseHTTPResponse:
        if not _WRITTEN_ANEW.search(url):
            return self._pool.request(method, url, body=body, headers=headers, redirect=False)
        # The pool writes every escape in capitals; a connection of its own sends the address as it is.
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        try:
            connection.request(method, f"{parts.path}?{parts.query}", body, headers)
            return connection.getresponse()
        finally:
            connection.close()

    def _keep(self, line: str) -> None:
        try:
            parsed = SimpleCookie(line)
        except CookieError:
            return
        for name, morsel in parsed.items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def _tampered(value: str) -> str:
    return value[:-1] + ("A" if value[-1:] != "A" else "B")
