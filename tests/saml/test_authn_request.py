"""What an AuthnRequest of a dienstverlener may ask, and what it may not."""

from collections.abc import Callable

import pytest
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.errors import MalformedMessage
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from tests.saml.builders import an_authn_request

_LOA3 = LevelOfAssurance.LOA3.urn


def changed(change: Callable[[etree._Element], object]) -> etree._Element:
    element = write_authn_request(an_authn_request(level=None))
    change(element)
    return element


def with_context(*classes: str, comparison: str | None = None) -> etree._Element:
    element = write_authn_request(an_authn_request(level=None))
    context = etree.SubElement(element, tag(SAMLP, "RequestedAuthnContext"))
    if comparison is not None:
        context.set("Comparison", comparison)
    for each in classes:
        etree.SubElement(context, tag(SAML, "AuthnContextClassRef")).text = each
    return element


@pytest.mark.rule("2.50")
@pytest.mark.parametrize("comparison", [None, "minimum", "exact"])
def test_one_level_with_minimum_or_exact_is_understood(comparison: str | None) -> None:
    request = read_authn_request(with_context(f" {_LOA3}\n", comparison=comparison))
    assert (request.level, request.asks_impossible) == (LevelOfAssurance.LOA3, None)


@pytest.mark.parametrize("comparison", ["better", "maximum"])
def test_better_and_maximum_are_impossible(comparison: str) -> None:
    request = read_authn_request(with_context(_LOA3, comparison=comparison))
    assert (request.level, request.asks_impossible) == (None, "RequestedAuthnContext")


@pytest.mark.rule("2.51")
@pytest.mark.parametrize("classes", [(), (_LOA3, _LOA3)])
def test_no_class_or_several_are_impossible(classes: tuple[str, ...]) -> None:
    assert read_authn_request(with_context(*classes)).asks_impossible == "RequestedAuthnContext"


@pytest.mark.parametrize(
    "name", ["", "loa3", _LOA3.upper(), _LOA3 + "x", "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"]
)
def test_a_class_outside_the_afsprakenstelsel_is_impossible_and_never_guessed(name: str) -> None:
    request = read_authn_request(with_context(name))
    assert (request.level, request.asks_impossible) == (None, "AuthnContextClassRef")


@pytest.mark.rule("2.25")
def test_a_passive_request_is_impossible() -> None:
    assert read_authn_request(changed(lambda e: e.set("IsPassive", "1"))).asks_impossible == "IsPassive"
    assert read_authn_request(changed(lambda e: e.set("IsPassive", "false"))).asks_impossible is None


@pytest.mark.rule("2.46", "2.48")
@pytest.mark.parametrize("name", ["Subject", "Conditions"])
def test_a_request_about_somebody_in_particular_is_impossible(name: str) -> None:
    request = read_authn_request(changed(lambda e: etree.SubElement(e, tag(SAML, name))))
    assert request.asks_impossible == name


@pytest.mark.rule("2.28")
@pytest.mark.parametrize(
    ("binding", "impossible"),
    [
        ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact", None),
        ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", None),
        ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "ProtocolBinding"),
        ("urn:oasis:names:tc:SAML:2.0:bindings:PAOS", "ProtocolBinding"),
        ("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "ProtocolBinding"),
        ("", "ProtocolBinding"),
        ("urn:x", "ProtocolBinding"),
    ],
)
def test_a_binding_by_which_no_answer_can_leave_is_impossible(binding: str, impossible: str | None) -> None:
    request = read_authn_request(changed(lambda e: e.set("ProtocolBinding", binding)))
    assert request.asks_impossible == impossible


@pytest.mark.parametrize(
    ("count", "impossible"),
    [("0", "ProxyCount"), ("00", "ProxyCount"), (" 0 ", "ProxyCount"), ("1", None), ("10", None)],
)
def test_who_forbids_that_another_authenticates_asks_the_impossible(
    count: str, impossible: str | None
) -> None:
    request = read_authn_request(
        changed(lambda e: etree.SubElement(e, tag(SAMLP, "Scoping"), ProxyCount=count))
    )
    assert request.asks_impossible == impossible


def test_scoping_without_a_list_limits_nothing() -> None:
    def scope(element: etree._Element) -> None:
        scoping = etree.SubElement(element, tag(SAMLP, "Scoping"))
        etree.SubElement(scoping, tag(SAMLP, "RequesterID")).text = "urn:somebody"

    request = read_authn_request(changed(scope))
    assert (request.idp_list, request.asks_impossible) == ((), None)


def test_an_authenticatiedienst_that_is_named_twice_counts_once_and_a_list_is_bounded() -> None:
    many = [f"urn:{number}" for number in range(LIMITS.scoped + 5)]
    for given, kept in (
        (["urn:a", "urn:b", "urn:a"], ("urn:a", "urn:b")),
        (many, tuple(many[: LIMITS.scoped])),
    ):
        request = read_authn_request(write_authn_request(an_authn_request(idp_list=tuple(given))))
        assert request.idp_list == kept


@pytest.mark.rule("2.47")
def test_a_name_id_policy_is_ignored() -> None:
    request = read_authn_request(
        changed(lambda e: etree.SubElement(e, tag(SAMLP, "NameIDPolicy"), AllowCreate="1"))
    )
    assert request.asks_impossible is None


@pytest.mark.rule("2.24")
@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_force_authn_in_every_spelling(text: str, value: bool) -> None:
    assert read_authn_request(changed(lambda e: e.set("ForceAuthn", text))).force_authn is value


@pytest.mark.rule("2.37")
@pytest.mark.parametrize(
    ("name", "kept"),
    [("  ", None), ("", None), ("x" * 100, "x" * LIMITS.provider_name_characters), (" a ", "a")],
)
def test_a_provider_name_is_trimmed_and_cut(name: str, kept: str | None) -> None:
    assert read_authn_request(changed(lambda e: e.set("ProviderName", name))).provider_name == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ID", ""),
        ("ID", "1a"),
        ("ID", "_a b"),
        ("ID", "_" * 129),
        ("Version", "1.1"),
        ("Version", "2.0 "),
        ("IssueInstant", ""),
        ("IssueInstant", "yesterday"),
        ("IssueInstant", "2025-03-03T09:16:18"),
        ("IssueInstant", "0001-01-01T00:00:00+14:00"),
        ("ForceAuthn", "yes"),
        ("AssertionConsumerServiceIndex", "-1"),
        ("AssertionConsumerServiceIndex", "65536"),
        ("AssertionConsumerServiceIndex", "1.0"),
        ("AttributeConsumingServiceIndex", "999999"),
    ],
)
def test_a_malformed_attribute_is_refused(name: str, value: str) -> None:
    with pytest.raises(MalformedMessage):
        read_authn_request(changed(lambda e: e.set(name, value)))


def test_another_message_is_refused() -> None:
    with pytest.raises(MalformedMessage):
        read_authn_request(changed(lambda e: setattr(e, "tag", tag(SAMLP, "LogoutRequest"))))
