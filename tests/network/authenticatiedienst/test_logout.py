"""A makelaar asks to end a session: the one of this browser, by a name it was given, or none."""

import re
from base64 import b64decode
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.logout import LogoutRequest
from broker.saml.logout import LogoutResponse
from broker.saml.logout import read_logout_response
from broker.saml.logout import write_logout_request
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.signature import sign
from broker.saml.signature import verify
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import Party
from tests.network.authenticatiedienst.test_sign_on import Visitor
from tests.network.authenticatiedienst.test_sign_on import refusal_code
from tests.network.authenticatiedienst.test_single_sign_on import COOKIE
from tests.network.authenticatiedienst.test_single_sign_on import asked
from tests.network.authenticatiedienst.test_single_sign_on import is_answered
from tests.network.authenticatiedienst.test_single_sign_on import stay
from tests.network.installation import Installation


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


def a_request(visitor: Visitor, said: AuthenticationAssertion, **changes: Any) -> LogoutRequest:
    own = visitor.installation.makelaar.station.own
    values: dict[str, Any] = {
        "id": own.new_id(),
        "issue_instant": own.clock(),
        "issuer": own.entity_id,
        "destination": visitor.installation.settings.url(AD_SLEUTEL) + paths.AD_SLO,
        "name_id": said.frame.name_id,
        "session_indexes": (said.session_index,),
        "not_on_or_after": own.clock() + timedelta(minutes=5),
    }
    return LogoutRequest(**(values | changes))


def bring(
    visitor: Visitor, request: LogoutRequest, signer: Party | None = MAKELAAR, relay_state: str | None = None
) -> TestResponse:
    """The page to which the request leads."""
    element = write_logout_request(request)
    if signer is not None:
        sign(element, visitor.installation.of(signer).signer)
    form = {"SAMLRequest": b64encode(serialise(element)).decode()}
    if relay_state is not None:
        form["RelayState"] = relay_state
    answer = visitor.client.post(paths.AD_SLO, data=form)
    location = answer.headers.get("Location", "")
    return visitor.client.get(location) if location.startswith("/") else answer


def is_known(visitor: Visitor) -> bool:
    return is_answered(visitor.arrive(asked(visitor)))


@pytest.mark.rule("10.09")
@pytest.mark.parametrize("with_index", [True, False])
def test_the_session_ends_and_the_page_says_so(visitor: Visitor, with_index: bool) -> None:
    said = visitor.declared(stay(visitor))
    page = bring(visitor, a_request(visitor, said, **({} if with_index else {"session_indexes": ()})))
    assert page.status_code == 200
    assert "U bent uitgelogd" in page.text
    assert visitor.client.get_cookie(COOKIE) is None
    assert not is_known(visitor)


def test_nobody_who_is_logged_in_is_told_otherwise(visitor: Visitor) -> None:
    stay(visitor)
    assert "U bent niet uitgelogd" in visitor.client.get("/logged-out").text


def test_an_end_without_a_session_is_an_end(installation: Installation, visitor: Visitor) -> None:
    said = visitor.declared(stay(visitor))
    stranger = Visitor(installation)
    assert "U bent uitgelogd" in bring(stranger, a_request(visitor, said)).text
    assert is_known(visitor), "another browser ended nothing"


@pytest.mark.parametrize(
    "changes", [{"name_id": "0" * 64}, {"session_indexes": ("_other",)}], ids=["name", "session index"]
)
def test_another_session_than_the_one_named_goes_on(visitor: Visitor, changes: dict[str, Any]) -> None:
    said = visitor.declared(stay(visitor))
    assert "U bent niet uitgelogd" in bring(visitor, a_request(visitor, said, **changes)).text
    assert is_known(visitor)


def test_the_name_of_somebody_else_does_not_end_the_session_here(
    installation: Installation, visitor: Visitor
) -> None:
    stay(visitor)
    other = Visitor(installation)
    theirs = other.declared(stay(other, "eigenaar"))
    bring(visitor, a_request(visitor, theirs))
    assert is_known(visitor)
    assert is_known(other)


@pytest.mark.parametrize(
    ("changes", "signer", "code"),
    [
        ({}, None, "handtekening-ongeldig"),
        ({}, MR_EEN, "handtekening-ongeldig"),
        ({"issuer": MR_EEN.entity_id}, MR_EEN, "partij-onbekend"),
        ({"destination": "http://localhost/slo/1.13"}, MAKELAAR, "bestemming-onjuist"),
        ({"destination": None}, MAKELAAR, "bestemming-onjuist"),
        ({"name_id": " "}, MAKELAAR, "bericht-ongeldig"),
    ],
    ids=["unsigned", "signed by another", "by no makelaar", "elsewhere", "nowhere", "for nobody"],
)
def test_a_request_that_is_not_believed_ends_nothing(
    visitor: Visitor, changes: dict[str, Any], signer: Party | None, code: str
) -> None:
    said = visitor.declared(stay(visitor))
    page = bring(visitor, a_request(visitor, said, **changes), signer)
    assert refusal_code(page) == code
    assert "Sluit alle vensters" in page.text
    assert is_known(visitor)


def test_an_old_a_lapsed_and_a_repeated_request_end_nothing(visitor: Visitor) -> None:
    said = visitor.declared(stay(visitor))
    now = visitor.installation.makelaar.station.own.clock()
    old = a_request(visitor, said, issue_instant=now - timedelta(minutes=6))
    lapsed = a_request(visitor, said, not_on_or_after=now - timedelta(minutes=2))
    for late in (old, lapsed):
        assert refusal_code(bring(visitor, late)) == "verzoek-verlopen"
    assert is_known(visitor)
    once = a_request(visitor, said)
    bring(visitor, once)
    stay(visitor)
    assert refusal_code(bring(visitor, once)) == "verzoek-herhaald"
    assert is_known(visitor)


def answered(visitor: Visitor, page: TestResponse) -> LogoutResponse:
    """What the makelaar is told, by the binding it likes best."""
    location = page.headers["Location"]
    assert location.startswith(visitor.installation.settings.url(MAKELAAR) + paths.HM_SLO_AD)
    assert "RelayState=waiting" in location
    (artifact,) = re.findall("SAMLart=([^&]+)", location)
    handle = b64decode(artifact.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))[24:].hex()
    kept = visitor.installation.of(AD_SLEUTEL).state.get(f"artifact:{handle}")
    assert kept is not None
    partner = visitor.installation.makelaar.station.partners.find(AD_SLEUTEL.entity_id, AD_SLEUTEL.role)
    message = parse(b64decode(kept.partition(b"\n")[2]))
    return read_logout_response(verify(message, partner.signing, partner.entity_id).element)


def test_a_makelaar_that_waits_is_answered(visitor: Visitor) -> None:
    said = visitor.declared(stay(visitor))
    wrong = a_request(visitor, said, name_id="0" * 64)
    assert not answered(visitor, bring(visitor, wrong, relay_state="waiting")).status.is_success
    right = a_request(visitor, said)
    answer = answered(visitor, bring(visitor, right, relay_state="waiting"))
    assert answer.status.is_success
    assert answer.in_response_to == right.id
    assert not is_known(visitor)
