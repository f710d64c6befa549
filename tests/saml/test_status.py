"""Status codes as others send them."""

import pytest
from lxml import etree

from broker.saml.errors import MalformedMessage
from broker.saml.names import SAMLP
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.saml.names import STATUS_SUCCESS
from broker.saml.status import Status
from broker.saml.status import read_status


def status(inside: str) -> Status:
    return read_status(etree.fromstring(f'<a xmlns:p="{SAMLP}">{inside}</a>'))


def test_a_third_level_and_a_detail_of_others_are_ignored() -> None:
    deeper = '<p:StatusCode Value="x"><p:StatusCode Value="y"/></p:StatusCode>'
    codes = f'<p:StatusCode Value="{STATUS_RESPONDER}">{deeper}</p:StatusCode>'
    read = status(f"<p:Status>{codes}<p:StatusDetail><Reason Code='z'/></p:StatusDetail></p:Status>")
    assert read == Status(STATUS_RESPONDER, "x")


@pytest.mark.parametrize(
    ("top", "second", "is_the_persons"),
    [
        (STATUS_RESPONDER, STATUS_AUTHN_FAILED, True),
        (STATUS_REQUESTER, STATUS_AUTHN_FAILED, False),
        (STATUS_RESPONDER, None, False),
        (STATUS_SUCCESS, None, False),
    ],
)
def test_only_responder_with_authn_failed_is_the_outcome_of_the_person(
    top: str, second: str | None, is_the_persons: bool
) -> None:
    assert Status(top, second).is_authn_failed is is_the_persons


@pytest.mark.parametrize("other", [STATUS_SUCCESS.upper(), STATUS_SUCCESS + " ", "Success", STATUS_RESPONDER])
def test_success_is_success_to_the_letter(other: str) -> None:
    assert not status(f'<p:Status><p:StatusCode Value="{other}"/></p:Status>').is_success


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<p:Status/>",
        "<p:Status><p:StatusCode/></p:Status>",
        '<p:Status><p:StatusCode Value=""/></p:Status>',
        '<p:Status><p:StatusCode Value="a"/></p:Status><p:Status><p:StatusCode Value="a"/></p:Status>',
        '<p:Status><p:StatusCode Value="a"/><p:StatusCode Value="b"/></p:Status>',
        '<Status><StatusCode Value="a"/></Status>',
    ],
)
def test_what_has_no_single_code_is_refused(inside: str) -> None:
    with pytest.raises(MalformedMessage):
        status(inside)
