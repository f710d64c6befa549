"""Where a browser logged in: found by who took part, in that browser, and by nobody else."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from flask import Request
from flask import Response

from broker.makelaar.sessions import AtAd
from broker.makelaar.sessions import Given
from broker.makelaar.sessions import Sessions
from broker.screens import CookieStyle
from broker.storage.memory_state import MemoryStateStore
from tests.assembly.test_binder import Browser

NOW = datetime(2025, 3, 3, 9, 15, 50, tzinfo=UTC)
AD, DV, OTHER_DV = "urn:ad", "urn:dv", "urn:dv:2"
AT = AtAd(AD, "name-at-the-ad", "_index-at-the-ad")


@pytest.fixture
def state() -> MemoryStateStore:
    return MemoryStateStore()


@pytest.fixture
def sessions(state: MemoryStateStore) -> Sessions:
    return Sessions(CookieStyle("https://hm.example.nl"), state)


def log_in(
    sessions: Sessions, browser: Browser, given: Given, at: AtAd = AT, instant: datetime = NOW
) -> Request:
    """A later request of a browser in which a login was made."""
    response = Response()
    sessions.remember(browser.request(), response, given, at, instant)
    browser.take(response)
    return browser.request()


def test_a_login_is_found_by_name_and_index(sessions: Sessions) -> None:
    request = log_in(sessions, Browser(), Given(DV, "name", "_1"))
    assert sessions.find(request, DV, "name", ("_1",)) == AT
    assert sessions.find(request, DV, "name", ("_0", "_1")) == AT
    assert sessions.find(request, DV, "name", ()) == AT


@pytest.mark.parametrize(
    ("dienstverlener", "name", "indexes"),
    [(OTHER_DV, "name", ()), (DV, "other", ()), (DV, "name", ("_2",)), (DV, "", ())],
)
def test_nothing_else_finds_it(
    sessions: Sessions, dienstverlener: str, name: str, indexes: tuple[str, ...]
) -> None:
    request = log_in(sessions, Browser(), Given(DV, "name", "_1"))
    assert sessions.find(request, dienstverlener, name, indexes) is None


def test_another_browser_does_not_find_it(sessions: Sessions) -> None:
    log_in(sessions, Browser(), Given(DV, "name", "_1"))
    other = log_in(sessions, Browser(), Given(DV, "another name", "_2"))
    assert sessions.find(other, DV, "name", ("_1",)) is None
    assert sessions.find(Browser().request(), DV, "name", ("_1",)) is None


def test_who_always_has_the_same_name_can_still_name_each_login(sessions: Sessions) -> None:
    browser, second = Browser(), AtAd("urn:ad:2", "other", None)
    log_in(sessions, browser, Given(DV, "always", "_1"))
    request = log_in(sessions, browser, Given(DV, "always", "_2"), second)
    assert sessions.find(request, DV, "always", ("_1",)) == AT
    assert sessions.find(request, DV, "always", ("_2",)) == second
    assert sessions.find(request, DV, "always", ()) == second, "the last one"


def test_a_session_continues_in_the_browser_that_heard_of_it(sessions: Sessions) -> None:
    request = log_in(sessions, Browser(), Given(DV, "name", "_1"))
    assert sessions.continues(request, AD, NOW)
    assert not sessions.continues(request, AD, NOW + timedelta(seconds=1))
    assert not sessions.continues(request, "urn:ad:2", NOW)
    assert not sessions.continues(Browser().request(), AD, NOW)


def test_a_cookie_that_is_not_ours_is_no_browser(sessions: Sessions) -> None:
    browser = Browser()
    browser.cookies["__Host-hm-sso"] = "planted"
    assert sessions.find(browser.request(), DV, "name", ()) is None
    log_in(sessions, browser, Given(DV, "name", "_1"))
    assert browser.cookies["__Host-hm-sso"] != "planted"


def test_the_cookie_is_one_for_all_logins_and_goes_with_the_browser(sessions: Sessions) -> None:
    browser, response = Browser(), Response()
    log_in(sessions, browser, Given(DV, "name", "_1"))
    first = browser.cookies["__Host-hm-sso"]
    sessions.remember(browser.request(), response, Given(OTHER_DV, "b", "_2"), AT, NOW)
    header = response.headers["Set-Cookie"]
    assert first in header
    assert "Max-Age" not in header
    assert "SameSite=None" in header


def test_the_store_holds_no_name_that_a_dienstverlener_knows(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, state: MemoryStateStore
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(state, "put", lambda key, value, _ttl: kept.append(f"{key} {value!r}"))
    log_in(sessions, Browser(), Given(DV, "pseudonym@company", "_1"))
    assert len(kept) == 3
    assert not any("pseudonym" in each for each in kept)


def test_the_login_of_a_test_is_ended_by_the_version_that_it_tried_and_by_no_other(
    sessions: Sessions,
) -> None:
    browser = Browser()
    request = log_in(sessions, browser, Given(DV, "name", "_1", "version-2"))
    assert sessions.find(request, DV, "name", ("_1",)) is None
    assert sessions.find(request, DV, "name", (), "version-3") is None
    assert sessions.find(request, DV, "name", (), "version-2") == AT

    request = log_in(sessions, browser, Given(DV, "other name", "_2"))
    assert sessions.find(request, DV, "other name", (), "version-2") is None
    assert sessions.find(request, DV, "other name", ()) == AT
