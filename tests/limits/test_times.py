"""How long things hold, to the second: one before the limit, at it, and one past it."""

from datetime import datetime
from datetime import timedelta

import pytest

from broker.exchange.incoming import Incoming
from broker.makelaar.journeys import Journeys
from broker.makelaar.sessions import Given
from broker.makelaar.sessions import Sessions
from broker.ports import Role
from broker.saml.assertion import require_in_force
from broker.saml.authn_request import read_authn_request
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import BINDING_POST
from broker.saml.policy import LIFETIMES
from broker.saml.post import encode_post
from broker.screens import CookieStyle
from broker.storage.memory_state import MemoryStateStore
from tests.assembly.test_binder import Browser
from tests.exchange.builders import Network
from tests.exchange.builders import Wall
from tests.exchange.builders import url_of
from tests.exchange.test_artifacts import a_resolve
from tests.exchange.test_artifacts import resolved
from tests.journey.builders import a_journey
from tests.journey.builders import ad_answer
from tests.journey.test_authentication import judged
from tests.limits.around import AROUND
from tests.limits.around import past_it
from tests.makelaar.test_sessions import log_in
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import NOW
from tests.saml.builders import a_frame
from tests.saml.builders import signed_request

SECOND = timedelta(seconds=1)


@pytest.fixture
def network() -> Network:
    return Network()


def accept(network: Network, issue_instant: datetime) -> None:
    """Receive a request of that moment at the makelaar, as its front does."""
    message = signed_request(issue_instant=issue_instant, destination=url_of("hm", "sso"))
    receiver = network["hm"].receiver
    _, verified = receiver.request(Incoming(BINDING_POST, encode_post(message), None, ""), Role.DV)
    request = read_authn_request(verified.element)
    receiver.require_fresh(request.id, request.issue_instant, request.issuer)


@AROUND
@pytest.mark.limit("request_window")
def test_the_age_of_a_request(network: Network, more: int) -> None:
    with past_it(more, OutsideTimeWindow):
        accept(network, NOW - LIFETIMES.request_window - more * SECOND)


@AROUND
@pytest.mark.limit("clock_skew")
def test_a_request_from_the_future(network: Network, more: int) -> None:
    with past_it(more, OutsideTimeWindow):
        accept(network, NOW + LIFETIMES.clock_skew + more * SECOND)


@AROUND
@pytest.mark.parametrize("sign", [-1, 1], ids=["old", "of the future"])
@pytest.mark.limit("request_window")
def test_the_age_of_an_artifact_resolve(network: Network, more: int, sign: int) -> None:
    resolve = a_resolve(
        network["hm"].artifacts.hold(b"<a/>", DV),
        issue_instant=NOW + sign * (LIFETIMES.request_window + more * SECOND),
    )

    with past_it(more, MalformedMessage):
        network["hm"].artifacts.answer(resolve, url_of("hm", "ars"))


@AROUND
@pytest.mark.limit("clock_skew")
def test_the_end_of_an_assertion(more: int) -> None:
    # NotOnOrAfter is the first moment that is too late.
    now = NOW + LIFETIMES.assertion + LIFETIMES.clock_skew - SECOND + more * SECOND

    with past_it(more, OutsideTimeWindow):
        require_in_force(a_frame(HM, not_before=NOW, not_on_or_after=NOW + LIFETIMES.assertion), now)


@AROUND
@pytest.mark.limit("clock_skew")
def test_the_beginning_of_an_assertion(more: int) -> None:
    with past_it(more, OutsideTimeWindow):
        require_in_force(a_frame(HM, not_before=NOW), NOW - LIFETIMES.clock_skew - more * SECOND)


@AROUND
@pytest.mark.limit("clock_skew")
def test_a_login_in_the_future(more: int) -> None:
    answer = ad_answer(authn_instant=NOW + LIFETIMES.clock_skew + more * SECOND)

    with past_it(more, UnexpectedAnswer):
        judged(answer)


@AROUND
@pytest.mark.limit("single_sign_on")
def test_a_login_of_long_ago(more: int) -> None:
    ago = LIFETIMES.single_sign_on + LIFETIMES.clock_skew + more * SECOND

    with past_it(more, UnexpectedAnswer):
        judged(ad_answer(authn_instant=NOW - ago), continues=lambda _: False)


@AROUND
@pytest.mark.limit("artifact")
def test_a_message_behind_an_artifact(network: Network, more: int) -> None:
    artifact = network["hm"].artifacts.hold(signed_request(), DV)
    # It is gone when its time is up, not a second later.
    network.clock.forward(LIFETIMES.artifact - SECOND + more * SECOND)

    assert (resolved(network, artifact, issue_instant=network.clock.now) is None) is (more > 0)


@AROUND
@pytest.mark.limit("journey")
def test_a_login_under_way(more: int) -> None:
    clock = Wall()
    journeys = Journeys(MemoryStateStore(clock.seconds))
    journeys.start(a_journey())
    clock.forward(LIFETIMES.journey - SECOND + more * SECOND)

    assert (journeys.find(a_journey().id) is None) is (more > 0)


@AROUND
@pytest.mark.limit("single_sign_on")
def test_where_a_browser_logged_in(more: int) -> None:
    clock, browser = Wall(), Browser()
    sessions = Sessions(CookieStyle("https://hm.example.nl"), MemoryStateStore(clock.seconds))
    request = log_in(sessions, browser, Given(DV, "name", "_1"))
    clock.forward(LIFETIMES.single_sign_on - SECOND + more * SECOND)

    assert (sessions.find(request, DV, "name", ("_1",)) is None) is (more > 0)
