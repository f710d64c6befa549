"""One whole login: the browser that follows redirects, and the parties it meets on the way."""

import re
import time
from http.client import HTTPConnection
from http.client import HTTPResponse
from urllib.parse import urlencode
from urllib.parse import urlsplit

from bench.cast import AD
from bench.parties import ask
from bench.parties import authenticate
from bench.parties import authorise
from bench.parties import receive
from bench.stage import Stage
from broker.saml.declaration import Declaration

_TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
_FORM = "application/x-www-form-urlencoded"
_TIMEOUT_SECONDS = 30


class Browser:
    """One connection that is kept alive, and a fresh set of cookies for each login."""

    def __init__(self, host: str, port: int) -> None:
        """Connect with the first request."""
        self._connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def forget(self) -> None:
        """Lose all cookies, as another person's browser never had them."""
        self._cookies.clear()

    def get(self, url: str) -> tuple[HTTPResponse, str]:
        """The answer and its body."""
        return self._send("GET", url, None)

    def post(self, url: str, **fields: str) -> tuple[HTTPResponse, str]:
        """The answer and its body."""
        return self._send("POST", url, urlencode(fields))

    def _send(self, method: str, url: str, body: str | None) -> tuple[HTTPResponse, str]:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept-Language": "nl"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = _FORM
        self._connection.request(method, target, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode("utf-8")
        for line in response.msg.get_all("Set-Cookie", []):
            name, _, value = line.split(";", 1)[0].partition("=")
            if value:
                self._cookies[name] = value
            else:
                self._cookies.pop(name, None)
        return response, text


def log_in(stage: Stage, browser: Browser, number: int) -> tuple[float, Declaration]:
    """One login from AuthnRequest to verified Success; its seconds and what the dienstverlener got.

    Stops the measurement when any step does not end as it should.
    """
    browser.forget()
    relay_state = f"bench-{number}"
    begun = time.perf_counter()
    request_id, url = ask(stage.dv, relay_state)
    page_url = _onward(browser.get(url))
    page, text = browser.get(page_url)
    token = _TOKEN.search(text)
    assert page.status == 200, f"no page to choose on: {page.status}"
    assert token, "no form on the page"
    at_ad = _onward(browser.post(page_url, ad=AD.entity_id, do="choose", token=token.group(1)))
    at_mr = _onward(browser.get(authenticate(stage.ad, _query(at_ad))))
    at_dv = _onward(browser.get(authorise(stage.mr, _query(at_mr))))
    assert at_dv.startswith(f"{stage.acs}?SAMLart="), "the login did not end at the dienstverlener"
    declaration = receive(
        stage.dv, _query(at_dv), request_id=request_id, relay_state=relay_state, acs=stage.acs
    )
    return time.perf_counter() - begun, declaration


def _onward(answered: tuple[HTTPResponse, str]) -> str:
    response, text = answered
    location = response.headers.get("Location")
    assert response.status == 303, f"no redirect: {response.status} {text[:2000]}"
    assert location, "a redirect to nowhere"
    return location


def _query(url: str) -> str:
    return urlsplit(url).query
