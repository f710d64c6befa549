"""A login belongs to the browser that began it, and forms to the pages that we showed there."""

import pytest
from flask import Flask
from flask import Request
from flask import Response
from werkzeug.test import EnvironBuilder

from broker.assembly.binder import Binder
from broker.saml.policy import FRONT
from broker.screens import CookieStyle
from broker.storage.memory_state import MemoryStateStore

HTTPS = "https://makelaar.example"
LOCAL = "http://localhost:8440"
FLOW = "5f2c" * 9
OTHER_FLOW = "77aa" * 9
TTL = 1800


class Browser:
    """Keeps the cookies that it was given."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def take(self, response: Response) -> None:
        for header in response.headers.getlist("Set-Cookie"):
            name, _, rest = header.partition("=")
            value, _, attributes = rest.partition(";")
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    def request(self, **form: str) -> Request:
        environ = EnvironBuilder(method="POST", data=form).get_environ()
        environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return Request(environ)


@pytest.fixture
def state() -> MemoryStateStore:
    return MemoryStateStore()


@pytest.fixture(params=[HTTPS, LOCAL], ids=["https", "localhost"])
def binder(request: pytest.FixtureRequest, state: MemoryStateStore) -> Binder:
    return Binder("hm", CookieStyle(request.param), state, TTL)


def bound(binder: Binder, flow: str = FLOW, browser: Browser | None = None) -> Browser:
    """A browser to which the flow is bound."""
    browser = browser or Browser()
    response = Response()
    binder.bind(browser.request(), response, flow)
    browser.take(response)
    return browser


def test_the_browser_that_began_a_login_is_recognised(binder: Binder) -> None:
    assert binder.is_bound(bound(binder).request(), FLOW)


def test_another_browser_is_not(binder: Binder) -> None:
    bound(binder)

    assert not binder.is_bound(Browser().request(), FLOW)
    assert not binder.is_bound(bound(binder, OTHER_FLOW).request(), FLOW)


def test_a_browser_that_began_the_same_login_anew_replaces_the_first(binder: Binder) -> None:
    first, second = bound(binder), bound(binder)

    assert not binder.is_bound(first.request(), FLOW)
    assert binder.is_bound(second.request(), FLOW)


def test_two_tabs_of_one_browser_do_not_disturb_each_other(binder: Binder) -> None:
    browser = bound(binder, OTHER_FLOW, bound(binder))

    assert binder.is_bound(browser.request(), FLOW)
    assert binder.is_bound(browser.request(), OTHER_FLOW)


@pytest.mark.parametrize(
    "value", ["", "x", "\N{SNOWMAN}", "\ud800", "a" * 5000], ids=["empty", "x", "snow", "lone", "long"]
)
def test_an_invented_cookie_is_not_recognised(binder: Binder, value: str) -> None:
    browser = bound(binder)
    environ = browser.request().environ
    (name,) = browser.cookies
    environ["HTTP_COOKIE"] = f"{name}={value}".encode("utf-8", "surrogatepass").decode("latin-1")

    assert not binder.is_bound(Request(environ), FLOW)


def test_a_login_that_is_forgotten_is_nobodys(binder: Binder, state: MemoryStateStore) -> None:
    browser = bound(binder)
    state.drop(f"binder:{FLOW}")

    assert not binder.is_bound(browser.request(), FLOW)


def test_the_store_does_not_hold_the_secret(binder: Binder, state: MemoryStateStore) -> None:
    browser = bound(binder)

    (secret,) = browser.cookies.values()
    kept = state.get(f"binder:{FLOW}")
    assert kept is not None
    assert len(kept) == 32
    assert secret.encode() not in kept
    assert len(secret) >= 32


def test_a_released_login_leaves_no_cookie(binder: Binder) -> None:
    browser = bound(binder)
    response = Response()

    binder.release(response, FLOW)

    browser.take(response)
    assert browser.cookies == {}


def test_a_form_of_our_own_page_is_accepted(binder: Binder) -> None:
    browser = bound(binder)

    assert binder.accepts(browser.request(token=binder.token(browser.request(), FLOW)), FLOW)


@pytest.mark.parametrize("token", ["", "0" * 64, "\N{SNOWMAN}"])
def test_a_forged_token_is_not(binder: Binder, token: str) -> None:
    assert not binder.accepts(bound(binder).request(token=token), FLOW)


def test_nor_is_a_form_without_a_token(binder: Binder) -> None:
    assert not binder.accepts(bound(binder).request(), FLOW)


def test_nor_the_token_of_another_login_in_the_same_browser(binder: Binder) -> None:
    browser = bound(binder, OTHER_FLOW, bound(binder))

    assert not binder.accepts(browser.request(token=binder.token(browser.request(), OTHER_FLOW)), FLOW)


def test_nor_a_stolen_token_in_another_browser(binder: Binder) -> None:
    token = binder.token(bound(binder).request(), FLOW)

    assert not binder.accepts(Browser().request(token=token), FLOW)


def test_nor_the_token_that_a_browser_without_cookie_would_compute(binder: Binder) -> None:
    bound(binder)
    stranger = Browser().request()

    assert not binder.accepts(Browser().request(token=binder.token(stranger, FLOW)), FLOW)


def test_on_https_the_cookie_cannot_be_planted_and_comes_along_from_other_sites(
    state: MemoryStateStore,
) -> None:
    response = Response()
    Binder("hm", CookieStyle(HTTPS), state, TTL).bind(Browser().request(), response, FLOW)

    header = response.headers["Set-Cookie"]

    assert header.startswith(f"__Host-hm-{FLOW[:12]}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=None", f"Max-Age={TTL}"} <= set(header.split("; "))
    assert "Domain" not in header


def test_on_localhost_parties_are_kept_apart_by_name(state: MemoryStateStore) -> None:
    names = set()
    for party in ("hm", "ad-sleutel"):
        response = Response()
        Binder(party, CookieStyle(LOCAL), state, TTL).bind(Browser().request(), response, FLOW)
        header = response.headers["Set-Cookie"]
        names.add(header.partition("=")[0])
        assert "Secure" not in header
        assert "HttpOnly" in header

    assert names == {f"hm-{FLOW[:12]}", f"ad-sleutel-{FLOW[:12]}"}


def test_what_flask_hands_over_is_what_we_read(binder: Binder) -> None:
    browser = bound(binder)
    app = Flask(__name__)
    app.add_url_rule(
        "/", view_func=lambda: str(binder.is_bound(app.request_class(browser.request().environ), FLOW))
    )

    assert app.test_client().get("/").text == "True"


def test_a_party_can_let_go_of_all_its_flows_and_of_no_others(state: MemoryStateStore) -> None:
    style, browser, response = CookieStyle(HTTPS), Browser(), Response()
    ours, theirs = Binder("dv", style, state, TTL), Binder("hm", style, state, TTL)
    for flow in (FLOW, OTHER_FLOW):
        bound(ours, flow, browser)
    bound(theirs, FLOW, browser)
    ours.release_all(browser.request(), response)
    browser.take(response)
    assert not ours.is_bound(browser.request(), FLOW)
    assert not ours.is_bound(browser.request(), OTHER_FLOW)
    assert theirs.is_bound(browser.request(), FLOW)


@pytest.mark.limit("journeys_per_browser")
def test_of_too_many_logins_in_one_browser_the_oldest_is_let_go_of(binder: Binder) -> None:
    flows = [f"{number:012x}" * 2 for number in range(FRONT.journeys_per_browser + 1)]
    browser = Browser()
    for flow in flows[:-1]:
        bound(binder, flow, browser)
    assert all(binder.is_bound(browser.request(), flow) for flow in flows[:-1])

    bound(binder, flows[-1], browser)

    assert [flow for flow in flows if not binder.is_bound(browser.request(), flow)] == flows[:1]
    bound(binder, flows[5], browser)
    assert len(browser.cookies) == FRONT.journeys_per_browser
    assert not [flow for flow in flows[1:] if not binder.is_bound(browser.request(), flow)]


def test_other_cookies_are_no_logins(binder: Binder) -> None:
    browser = bound(binder)
    browser.cookies.update({f"other-{number}": "x" for number in range(FRONT.journeys_per_browser)})

    bound(binder, OTHER_FLOW, browser)

    assert binder.is_bound(browser.request(), FLOW)
