"""What dienstverleners may send: bindings, escaping, consumers, RelayState, software."""

import base64
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote_plus
from urllib.parse import urljoin
from urllib.parse import urlsplit

import pytest

from tests.attacks.foreign import TOOLS
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.foreign_dv import lower_hex
from tests.journeys.foreign_dv import percent_space
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Visitor

URL = "https://www.waterschap.example/aanvraag/4711?stap=3&terug=%2Fmijn+zaken%2F&naam=één twee"
CONFIRMATION = (
    "//samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData"
)
RELAY_STATES = [
    "a",
    "",
    "x" * 81,
    URL,
    URL + "z" * 900,
    '"><script>alert(1)</script>&amp;',
    "line\r\nSet-Cookie: a=b\r\n\r\n<h1>",
    "http://evil.example/\\@x",
    "€ ☃ \U0001f600",
]
WRITTEN = ["a", "empty", "81 bytes", "URL", "nearly 1 kB", "HTML", "CRLF", "evil URL", "unicode"]


@pytest.mark.rule("2.12", "2.42")
@pytest.mark.parametrize("escape", [quote_plus, lower_hex, percent_space])
@pytest.mark.parametrize("relay_state", ["plain", URL, None])
def test_a_query_signature_holds_however_the_sender_escapes(
    visitor: Visitor, dv: ForeignDv, escape: Callable[[str], str], relay_state: str | None
) -> None:
    # Straight over the line: the client behind the walker would write every escape in capitals.
    parts = urlsplit(dv.sso)
    with closing(HTTPConnection(parts.netloc, timeout=20)) as line:
        line.request("GET", f"{parts.path}?{dv.query(dv.ask(), relay_state, escape)}")
        answer = line.getresponse()
        assert answer.status == 303, answer.read()
        name, _, value = (answer.getheader("Set-Cookie") or "").partition(";")[0].partition("=")
        visitor.session.cookies.set(name, value)
        visitor.open(urljoin(dv.sso, answer.getheader("Location") or "")).press("cancel")
    assert visitor.landing.get("RelayState") == relay_state


def test_parameters_may_come_in_another_order_and_with_others_between_them(
    visitor: Visitor, dv: ForeignDv
) -> None:
    request, state, algorithm, signature = dv.query(dv.ask(), "state").split("&")
    visitor.open(f"{dv.sso}?{signature}&utm_source=x&{algorithm}&{request}&lang=en&{state}")
    assert "ad" in visitor.fields()


@pytest.mark.rule("2.43", "9.11")
@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_a_request_is_accepted_whatever_software_signed_it(
    visitor: Visitor, dv: ForeignDv, tool: str
) -> None:
    signed = TOOLS[tool](dv.ask(ID="_SAMLID").text, dv.name)
    visitor.post(dv.sso, {"SAMLRequest": base64.encodebytes(signed).decode()})
    assert "ad" in visitor.fields()


@pytest.mark.rule("2.09", "2.28", "2.29", "2.31")
@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ({}, "/acs"),
        ({"AssertionConsumerServiceIndex": "3"}, "/acs"),
        ({"AssertionConsumerServiceIndex": "2"}, "/other?from=1&"),
        ({"AssertionConsumerServiceURL": "http://localhost:9/other?from=1"}, "/other?from=1&"),
        ({"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"}, "/acs"),
        (
            {
                "AssertionConsumerServiceURL": "http://localhost:9/acs",
                "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
            },
            "/acs",
        ),
    ],
    ids=["default", "index", "other index", "URL", "binding only", "URL and binding"],
)
def test_the_answer_goes_to_the_consumer_that_is_asked(
    visitor: Visitor, dv: ForeignDv, attributes: dict[str, str], path: str
) -> None:
    visitor.complete("werknemer", 3, **attributes)
    assert visitor.location.startswith(dv.url + path)
    received = visitor.received()
    assert received.status == SUCCESS
    expected = dv.url + path.rstrip("&")
    assert received.response.get("Destination") == expected
    assert received.one(CONFIRMATION).get("Recipient") == expected


@pytest.mark.rule("2.04", "3.1.02")
@pytest.mark.parametrize("relay_state", RELAY_STATES, ids=WRITTEN)
@pytest.mark.parametrize("binding", ["post", "redirect"])
def test_relay_state_comes_back_as_it_was_sent(
    visitor: Visitor, dv: ForeignDv, relay_state: str, binding: str
) -> None:
    visitor.send(dv.ask(), relay_state, binding=binding)
    assert "alert(1)" not in (visitor.answer.text if visitor.answer else "")
    visitor.press("cancel")
    assert visitor.landing["RelayState"] == relay_state
    assert visitor.answer is not None
    assert "a=b" not in visitor.answer.headers.get("Set-Cookie", "")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("2.04", "3.1.02")
def test_relay_state_comes_back_after_a_whole_login(visitor: Visitor, dv: ForeignDv) -> None:
    visitor.send(dv.ask(), URL).choose_ad("werknemer").authenticate("werknemer")
    assert visitor.landing["RelayState"] == URL
    assert visitor.received().status == SUCCESS


def test_relay_state_comes_back_with_a_refusal_as_well(visitor: Visitor, dv: ForeignDv) -> None:
    visitor.send(dv.ask(99), URL).press("back")
    assert visitor.landing["RelayState"] == URL


@pytest.mark.rule("2.02")
def test_without_relay_state_none_is_made_up(visitor: Visitor, dv: ForeignDv) -> None:
    visitor.send(dv.ask()).press("cancel")
    assert set(visitor.landing) == {"SAMLart"}


@pytest.mark.rule("2.47")
def test_an_optional_wish_that_changes_nothing_is_no_objection(visitor: Visitor) -> None:
    visitor.ask(
        inside='<samlp:NameIDPolicy AllowCreate="true"/>',
        Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified",
    )
    assert "ad" in visitor.fields()


@pytest.mark.rule("2.37")
def test_a_wish_that_names_the_dienstverlener_is_shown_as_text(visitor: Visitor) -> None:
    visitor.ask(ProviderName="<b>Balie</b> & co")
    assert "<b>Balie</b> & co" in visitor.text
