"""Sessions: found by a cookie, longer with each assertion, gone when ended, and never to be told apart."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from flask import Request
from flask import Response
from werkzeug.test import EnvironBuilder

from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.network.authenticatiedienst.sessions import Session
from broker.network.authenticatiedienst.sessions import Sessions
from broker.screens import CookieStyle
from broker.storage.memory_state import MemoryStateStore

NOW = datetime(2025, 3, 3, 9, 15, 50, tzinfo=UTC)
OIN = Oin("00000099000000004000")
HM, OTHER_HM = "urn:etoegang:HM:1", "urn:etoegang:HM:2"


@pytest.fixture
def state() -> MemoryStateStore:
    return MemoryStateStore()


@pytest.fixture
def sessions(state: MemoryStateStore) -> Sessions:
    return Sessions("ad", CookieStyle("https://ad.example.nl"), state)


@pytest.fixture
def session(sessions: Sessions) -> Session:
    return sessions.begin("werknemer", LevelOfAssurance.LOA3, OIN, NOW)


def browser(sessions: Sessions, session: Session) -> Request:
    """A request of the browser that was given the session."""
    response = Response()
    sessions.give(response, session)
    pair = response.headers["Set-Cookie"].partition(";")[0]
    return Request(EnvironBuilder(headers=[("Cookie", pair)]).get_environ())


def test_a_session_is_found_in_its_browser_only(sessions: Sessions, session: Session) -> None:
    assert sessions.find(browser(sessions, session)) == session
    assert sessions.find(Request(EnvironBuilder().get_environ())) is None


def test_the_cookie_goes_with_the_browser_and_comes_along_from_other_sites(
    sessions: Sessions, session: Session
) -> None:
    response = Response()
    sessions.give(response, session)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-ad-sso=")
    assert "SameSite=None" in cookie
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


def test_the_store_does_not_hold_the_secret(
    sessions: Sessions, session: Session, state: MemoryStateStore
) -> None:
    assert state.get(f"session:{session.secret}") is None
    assert session.secret not in repr(session)


def test_each_assertion_makes_it_last_two_hours_more(sessions: Sessions, session: Session) -> None:
    later = NOW + timedelta(minutes=90)
    assert sessions.extend(session, later)
    found = sessions.find(browser(sessions, session))
    assert found is not None
    assert found.signed_on.until == later + timedelta(hours=2)
    assert found.authenticated_at == NOW, "the person did not log in again"


def test_what_was_ended_is_not_extended_back_to_life(sessions: Sessions, session: Session) -> None:
    sessions.end(session)
    assert not sessions.extend(session, NOW)
    assert sessions.find(browser(sessions, session)) is None
    sessions.end(session)


def test_a_name_is_new_each_time_and_known_again(sessions: Sessions, session: Session) -> None:
    names = [session.new_name(HM) for _ in range(20)]
    assert len({*names, *(session.index_of(name) for name in names)}) == 40
    assert all(session.gave(name, HM) for name in names)


def test_a_name_of_another_session_or_makelaar_is_not_known(sessions: Sessions, session: Session) -> None:
    other = sessions.begin("werknemer", LevelOfAssurance.LOA3, OIN, NOW)
    name = session.new_name(HM)
    assert not other.gave(name, HM)
    assert not session.gave(name, OTHER_HM)
    for wrong in ("", name[:-1], name + "0", "é" * 64, name[:32] + "0" * 32):
        assert not session.gave(wrong, HM)
