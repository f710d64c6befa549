"""LogoutRequest and LogoutResponse: read back as written, valid, and refused when they are anything more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.logout import LogoutRequest
from broker.saml.logout import LogoutResponse
from broker.saml.logout import read_logout_request
from broker.saml.logout import read_logout_response
from broker.saml.logout import require_not_lapsed
from broker.saml.logout import write_logout_request
from broker.saml.logout import write_logout_response
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from broker.saml.status import SUCCESS
from broker.saml.status import responder_failed
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import NOW
from tests.saml.builders import new_id
from tests.saml.test_messages import TEXT
from tests.saml.test_messages import over_the_wire

SLO = "https://hm.example.nl/slo/1.13"
SECOND = timedelta(seconds=1)
SKEW = timedelta(seconds=60)


def a_request(**changes: Any) -> LogoutRequest:
    values: dict[str, Any] = {
        "id": new_id(),
        "issue_instant": NOW,
        "issuer": DV,
        "destination": SLO,
        "name_id": "6b1d1f0e",
        "name_qualifier": AD,
        "session_indexes": ("_s1",),
        "not_on_or_after": NOW + timedelta(minutes=5),
    }
    return LogoutRequest(**(values | changes))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {"name_id": TEXT, "session_indexes": st.lists(TEXT, max_size=5).map(tuple)},
        optional={"not_on_or_after": st.none(), "name_qualifier": st.none(), "destination": st.none()},
    )
)
def test_a_request_is_read_back_as_it_was_written(changes: dict[str, Any]) -> None:
    request = a_request(**changes)
    assert read_logout_request(over_the_wire(write_logout_request(request), "dv")) == request


@pytest.mark.parametrize("status", [SUCCESS, responder_failed("Niet gelukt.", "uitloggen-niet-mogelijk")])
@pytest.mark.parametrize("destination", [SLO, None])
def test_a_response_is_read_back_as_it_was_written(status: Any, destination: str | None) -> None:
    response = LogoutResponse(new_id(), "_asked", NOW, HM, destination, status)
    assert read_logout_response(over_the_wire(write_logout_response(response), "hm")) == response


def replaced(name: str, *others: str) -> etree._Element:
    """A request of which the NameID or SessionIndex became something else."""
    element = write_logout_request(a_request())
    (found,) = element.iter(f"{{*}}{name}")
    place = element.index(found)
    element.remove(found)
    for other in reversed(others):
        wrapped = etree.fromstring(f'<r xmlns:saml="{SAML}" xmlns:samlp="{SAMLP}">{other}</r>')
        element.insert(place, wrapped[0])
    return element


@pytest.mark.parametrize(
    "element",
    [
        lambda: replaced("NameID"),
        lambda: replaced("NameID", "<saml:NameID/>"),
        lambda: replaced("NameID", "<saml:NameID> </saml:NameID>"),
        lambda: replaced("NameID", "<saml:NameID>a</saml:NameID>", "<saml:NameID>b</saml:NameID>"),
        lambda: replaced("NameID", "<saml:BaseID>a</saml:BaseID>"),
        lambda: replaced("NameID", "<saml:EncryptedID>a</saml:EncryptedID>"),
        lambda: replaced("SessionIndex", "<samlp:SessionIndex/>"),
        lambda: write_logout_request(a_request(session_indexes=tuple(map(str, range(21))))),
    ],
    ids=["no name", "empty", "blank", "two", "BaseID", "EncryptedID", "empty index", "too many indexes"],
)
def test_whom_it_is_about_must_be_plain(element: Any) -> None:
    with pytest.raises(MalformedMessage):
        read_logout_request(element())


@pytest.mark.parametrize("read", [read_logout_request, read_logout_response])
def test_another_message_is_neither(read: Any) -> None:
    with pytest.raises(MalformedMessage):
        read(etree.Element(tag(SAMLP, "AuthnRequest"), ID="_1", Version="2.0"))
    other = {
        read_logout_request: write_logout_response(LogoutResponse(new_id(), "_1", NOW, HM, SLO, SUCCESS)),
        read_logout_response: write_logout_request(a_request()),
    }[read]
    with pytest.raises(MalformedMessage):
        read(other)


@pytest.mark.parametrize(
    ("lapses", "late"),
    [(None, False), (SECOND, False), (-SKEW + SECOND, False), (-SKEW, True), (-timedelta(hours=1), True)],
    ids=str,
)
def test_a_request_lapses_at_its_not_on_or_after(lapses: timedelta | None, late: bool) -> None:
    request = a_request(not_on_or_after=None if lapses is None else NOW + lapses)
    if late:
        with pytest.raises(OutsideTimeWindow):
            require_not_lapsed(request, NOW)
    else:
        require_not_lapsed(request, NOW)


def test_the_name_does_not_show_in_a_log_by_accident() -> None:
    assert "6b1d1f0e" not in repr(a_request())


def a_response() -> LogoutResponse:
    return LogoutResponse(new_id(), "_1", NOW, HM, SLO, SUCCESS)


@pytest.mark.parametrize(
    ("read", "write"),
    [
        (read_logout_request, lambda: write_logout_request(a_request())),
        (read_logout_response, lambda: write_logout_response(a_response())),
    ],
    ids=["request", "response"],
)
def test_a_message_of_another_name_or_version_is_refused_for_that(
    read: Any, write: Callable[[], etree._Element]
) -> None:
    other_version, other_name = write(), write()
    other_version.set("Version", "2.1")
    with pytest.raises(MalformedMessage, match="only SAML"):
        read(other_version)
    other_name.tag = tag(SAMLP, "ManageNameIDRequest")
    with pytest.raises(MalformedMessage, match="not a Logout"):
        read(other_name)


def test_as_many_sessions_as_the_limit_says_are_read() -> None:
    request = a_request(session_indexes=tuple(f"_{number}" for number in range(LIMITS.session_indexes)))
    assert read_logout_request(write_logout_request(request)) == request
