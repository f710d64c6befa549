"""Finding the one message in a request of a browser."""

import pytest

from broker.exchange.incoming import Incoming
from broker.exchange.incoming import read_incoming
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.policy import LIMITS

Form = list[tuple[str, str]]
SIGNED = "&SigAlg=rsa&Signature=c2ln"
LIMIT = LIMITS.relay_state_bytes


@pytest.mark.rule("2.14", "2.15")
@pytest.mark.parametrize(
    ("query", "form", "binding", "value", "relay_state"),
    [
        ("", [("SAMLRequest", "TVNH")], BINDING_POST, "TVNH", None),
        ("", [("SAMLRequest", "TVNH"), ("RelayState", "a b&c")], BINDING_POST, "TVNH", "a b&c"),
        ("lang=en&x", [("SAMLRequest", "TVNH")], BINDING_POST, "TVNH", None),
        ("", [("button", "1"), ("button", "2"), ("SAMLRequest", "TVNH")], BINDING_POST, "TVNH", None),
        ("SAMLRequest=TVNH" + SIGNED, [], BINDING_REDIRECT, "TVNH", None),
        ("SAMLRequest=TVNH&RelayState=a+b%26c" + SIGNED, [], BINDING_REDIRECT, "TVNH", "a b&c"),
        ("SAMLRequest=a%2Bb" + SIGNED, [], BINDING_REDIRECT, "a%2Bb", None),
        ("SAMLRequest=TVNH" + SIGNED, [("button", "1")], BINDING_REDIRECT, "TVNH", None),
        ("SAMLart=AAQA%2BA%3D%3D&RelayState=%C3%A9", [], BINDING_ARTIFACT, "AAQA+A==", "é"),
        ("", [("SAMLart", "AAQA+A=="), ("RelayState", "é")], BINDING_ARTIFACT, "AAQA+A==", "é"),
        ("RelayState=&SAMLart=AAQA", [], BINDING_ARTIFACT, "AAQA", ""),
    ],
)
def test_one_message_is_found_by_its_binding(
    query: str, form: Form, binding: str, value: str, relay_state: str | None
) -> None:
    assert read_incoming(query, form, "SAMLRequest") == Incoming(binding, value, relay_state, query)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("", []),
        ("lang=en", [("button", "1")]),
        ("RelayState=x", []),
        ("samlrequest=TVNH", []),
        ("SAMLResponse=TVNH" + SIGNED, []),
        ("", [("SAMLResponse", "TVNH")]),
        ("SAMLRequest=TVNH&SAMLResponse=TVNH", []),
        ("SAMLRequest=TVNH&SAMLart=AAQA", []),
        ("", [("SAMLRequest", "TVNH"), ("SAMLart", "AAQA")]),
        ("SAMLRequest=TVNH", [("SAMLart", "AAQA")]),
        ("SAMLRequest=TVNH", [("SAMLRequest", "TVNH")]),
        ("RelayState=x", [("SAMLRequest", "TVNH")]),
        ("SigAlg=rsa", [("SAMLRequest", "TVNH")]),
        ("RelayState=x", [("SAMLRequest", "TVNH"), ("RelayState", "x")]),
        ("SAMLRequest=TVNH" + SIGNED, [("RelayState", "x")]),
        ("SAMLart=AAQA", [("RelayState", "x")]),
        ("RelayState=x", [("SAMLart", "AAQA")]),
        ("SAMLRequest=TVNH&SAMLRequest=TVNH", []),
        ("SAMLRequest=TVNH&RelayState=a&RelayState=a", []),
        ("", [("SAMLRequest", "TVNH"), ("SAMLRequest", "TVNH")]),
        ("", [("SAMLRequest", "TVNH"), ("RelayState", "a"), ("RelayState", "b")]),
        ("SAMLart=AAQA&SAMLart=AAQA", []),
        ("SAMLRequest=TVNH&RelayState=%FF" + SIGNED, []),
        ("SAMLart=%FF", []),
        ("SAMLart=AAQA&RelayState=%C3%28", []),
    ],
    ids=[
        "nothing",
        "nothing of SAML",
        "RelayState alone",
        "another case",
        "the other field, queried",
        "the other field, posted",
        "request and response",
        "request and artifact, queried",
        "request and artifact, posted",
        "request queried, artifact posted",
        "request in both places",
        "posted request, RelayState queried",
        "posted request, SigAlg queried",
        "posted request, RelayState in both places",
        "queried request, RelayState posted",
        "queried artifact, RelayState posted",
        "posted artifact, RelayState queried",
        "request twice, queried",
        "RelayState twice, queried",
        "request twice, posted",
        "RelayState twice, posted",
        "artifact twice",
        "RelayState that is not UTF-8",
        "artifact that is not UTF-8",
        "RelayState beside an artifact that is not UTF-8",
    ],
)
def test_anything_else_is_malformed(query: str, form: Form) -> None:
    with pytest.raises(MalformedMessage):
        read_incoming(query, form, "SAMLRequest")


@pytest.mark.parametrize("relay_state", ["r" * LIMIT, "é" * (LIMIT // 2)], ids=["ASCII", "two bytes each"])
def test_relay_state_may_be_as_long_as_the_limit(relay_state: str) -> None:
    form = [("SAMLResponse", "TVNH"), ("RelayState", relay_state)]

    assert read_incoming("", form, "SAMLResponse").relay_state == relay_state


@pytest.mark.parametrize(
    "relay_state", ["r" * (LIMIT + 1), "é" * (LIMIT // 2) + "r"], ids=["ASCII", "two bytes each"]
)
@pytest.mark.parametrize("name", ["SAMLResponse", "SAMLart"])
def test_a_longer_relay_state_is_too_large(name: str, relay_state: str) -> None:
    with pytest.raises(MessageTooLarge):
        read_incoming("", [(name, "TVNH"), ("RelayState", relay_state)], "SAMLResponse")


def test_so_is_one_in_the_query_string() -> None:
    with pytest.raises(MessageTooLarge):
        read_incoming(f"SAMLart=AAQA&RelayState={'%61' * (LIMIT + 1)}", [], "SAMLResponse")
