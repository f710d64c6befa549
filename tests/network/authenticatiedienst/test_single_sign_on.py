"""Who stays logged in is not asked again, within the rules, until logging out, leaving or two hours have passed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broker.domain.levels import LevelOfAssurance
from broker.network.authenticatiedienst.sessions import Session
from broker.network.authenticatiedienst.sessions import Sessions
from broker.network.dienstverlener.catalogue import OFFERS
from broker.saml.authn_request import AuthnRequest
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.storage.middelen import SqlMiddelenStore
from tests.network.authenticatiedienst.test_sign_on import Visitor
from tests.network.installation import Installation

CASES, TAXES, WITHOUT = 11, 12, 3
"""Two services of one dienstverlener that have joined single sign-on, and one that has not."""

COOKIE = f"{AD_SLEUTEL.name}-sso"


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


def asked(visitor: Visitor, service: int = CASES, **changes: Any) -> AuthnRequest:
    """A request that a session could answer."""
    offered = OFFERS[service].service
    values = {"service_uuid": offered.service_uuid, "level": LevelOfAssurance.LOA2PLUS, **changes}
    return visitor.installation.authn_request(visitor.party, **values)


def stay(visitor: Visitor, username: str = "werknemer", **changes: Any) -> TestResponse:
    """Log in, and choose to stay logged in."""
    assert 'name="stay"' in visitor.arrive(asked(visitor, **changes)).text
    return visitor.log_in(username, stay="1")


def is_answered(page: TestResponse) -> bool:
    return 'name="SAMLResponse"' in page.text


@pytest.mark.rule("6.1.07", "10.01")
def test_who_stays_logged_in_is_not_asked_again(visitor: Visitor) -> None:
    first = visitor.declared(stay(visitor))
    page = visitor.arrive(asked(visitor, TAXES))
    assert is_answered(page)
    again = visitor.declared(page)
    assert again.authn_instant == first.authn_instant, "when the person really logged in"
    assert again.level is first.level
    assert again.registry == first.registry
    assert again.session_index
    assert first.session_index
    assert again.session_index != first.session_index
    assert again.frame.name_id != first.frame.name_id


def test_who_does_not_choose_to_stay_is_asked_again(visitor: Visitor) -> None:
    visitor.arrive(asked(visitor))
    assert visitor.declared(visitor.log_in("werknemer")).session_index is None
    assert visitor.client.get_cookie(COOKIE) is None
    assert not is_answered(visitor.arrive(asked(visitor)))


@pytest.mark.rule("10.06")
def test_a_service_that_has_not_joined_offers_nothing_and_is_served_nothing(visitor: Visitor) -> None:
    assert 'name="stay"' not in visitor.arrive(asked(visitor, WITHOUT)).text
    assert visitor.declared(visitor.log_in("werknemer", stay="1")).session_index is None
    stay(visitor)
    assert not is_answered(visitor.arrive(asked(visitor, WITHOUT)))
    assert is_answered(visitor.arrive(asked(visitor, TAXES))), "which is no reason to end it"


@pytest.mark.rule("10.05")
def test_a_new_login_that_is_asked_is_not_answered_from_the_session_and_ends_it(visitor: Visitor) -> None:
    stay(visitor)
    assert not is_answered(visitor.arrive(asked(visitor, force_authn=True)))
    assert not is_answered(visitor.arrive(asked(visitor)))


@pytest.mark.rule("10.03")
def test_at_the_highest_level_nobody_stays_logged_in(visitor: Visitor) -> None:
    assert 'name="stay"' not in visitor.arrive(asked(visitor, level=LevelOfAssurance.LOA4)).text
    # A middel of loa4 at a service that asks less: what the assertion says decides.
    page = stay(visitor, "directeur")
    assert visitor.declared(page).session_index is None
    assert not is_answered(visitor.arrive(asked(visitor)))


@pytest.mark.rule("10.04")
def test_at_loa3_a_session_stays_within_its_dienstverlener(visitor: Visitor) -> None:
    stay(visitor)
    other = "urn:etoegang:DV:00000099000000005000:entities:9001"
    assert not is_answered(visitor.arrive(asked(visitor, intended_audience=other)))
    assert not is_answered(visitor.arrive(asked(visitor, intended_audience="https://dv.example.nl")))


def test_more_than_the_session_has_is_asked_anew(installation: Installation) -> None:
    visitor = Visitor(installation, AD_TOEGANG)
    stay(visitor, "basis", level=LevelOfAssurance.LOA2)
    assert is_answered(visitor.arrive(asked(visitor, level=LevelOfAssurance.LOA2)))
    assert not is_answered(visitor.arrive(asked(visitor, level=LevelOfAssurance.LOA2PLUS)))


def test_another_browser_is_asked(installation: Installation, visitor: Visitor) -> None:
    stay(visitor)
    assert not is_answered(Visitor(installation).arrive(asked(visitor)))


def test_a_middel_that_changed_since_is_asked_for_again(installation: Installation, visitor: Visitor) -> None:
    stay(visitor)
    store = SqlMiddelenStore(installation.of(AD_SLEUTEL).engine)
    middel = store.find("werknemer")
    assert middel is not None
    store.save(replace(middel, level=LevelOfAssurance.LOA2))
    try:
        assert not is_answered(visitor.arrive(asked(visitor, level=LevelOfAssurance.LOA2)))
    finally:
        store.save(middel)


def test_whoever_logs_in_after_somebody_ends_their_session(visitor: Visitor) -> None:
    stay(visitor)
    visitor.arrive(asked(visitor, WITHOUT))
    visitor.log_in("eigenaar")
    assert not is_answered(visitor.arrive(asked(visitor)))


@pytest.mark.rule("10.02")
@pytest.mark.parametrize(
    ("pause", "served"), [(timedelta(minutes=119), True), (timedelta(minutes=121), False)], ids=str
)
def test_a_session_ends_two_hours_after_its_last_assertion(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, pause: timedelta, served: bool
) -> None:
    stay(visitor)
    find = Sessions.find

    def found_later(self: Sessions, request: Any) -> Session | None:
        session = find(self, request)
        if session is None:
            return None
        return replace(session, signed_on=replace(session.signed_on, until=session.signed_on.until - pause))

    monkeypatch.setattr(Sessions, "find", found_later)
    assert is_answered(visitor.arrive(asked(visitor))) is served
