"""What of an AuthnRequest departs from the interface, one habit at a time."""

import pytest
from lxml import etree

from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.personal import RawMessage
from broker.saml.deviations import request_deviations
from broker.saml.signature import Verified

CLASS = "<saml:AuthnContextClassRef>urn:etoegang:core:assurance-class:loa3</saml:AuthnContextClassRef>"
CONTEXT = f'<samlp:RequestedAuthnContext Comparison="minimum">{CLASS}</samlp:RequestedAuthnContext>'


def seen(
    attributes: str = 'AttributeConsumingServiceIndex="7" IssueInstant="2026-11-22T12:00:00Z"',
    inside: str = CONTEXT,
    *,
    relay_state: str | None = None,
    profile: Profile = Profile.V1_13,
    holds_certificate: bool = False,
) -> set[Tolerance]:
    text = (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        f'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" {attributes}>{inside}</samlp:AuthnRequest>'
    )
    verified = Verified(etree.fromstring(text), "dv", "key", "", RawMessage(b""), holds_certificate)
    return set(request_deviations(verified, relay_state, profile))


STRICT = 'AttributeConsumingServiceIndex="7" IssueInstant="2026-11-22T12:00:00Z"'


def test_a_request_that_keeps_to_the_interface_has_none() -> None:
    assert seen(relay_state="r" * 80) == set()


@pytest.mark.rule("2.20", "2.27", "2.28", "2.31", "2.57")
@pytest.mark.parametrize(
    ("attributes", "tolerance"),
    [
        (f'{STRICT} AssertionConsumerServiceURL="https://dv.example.nl/acs"', Tolerance.ACS_URL),
        (f'{STRICT} ProtocolBinding="urn:x"', Tolerance.PROTOCOL_BINDING),
        ('IssueInstant="2026-11-22T12:00:00Z"', Tolerance.NO_SERVICE_INDEX),
        (f'{STRICT} Consent="urn:oasis:names:tc:SAML:2.0:consent:obtained"', Tolerance.CONSENT),
        ('AttributeConsumingServiceIndex="7" IssueInstant="2026-11-22T13:00:00+01:00"', Tolerance.TIME_ZONE),
    ],
)
def test_an_attribute_that_departs(attributes: str, tolerance: Tolerance) -> None:
    assert seen(attributes) == {tolerance}


@pytest.mark.rule("2.47", "2.50", "2.51", "2.52", "2.57")
@pytest.mark.rule("2.50", "2.51")
@pytest.mark.parametrize(
    ("inside", "tolerance"),
    [
        ("", Tolerance.NO_AUTHN_CONTEXT),
        (f"<samlp:NameIDPolicy/>{CONTEXT}", Tolerance.NAME_ID_POLICY),
        (CONTEXT.replace('Comparison="minimum"', 'Comparison="exact"'), Tolerance.COMPARISON),
        (CONTEXT.replace('Comparison="minimum"', ""), Tolerance.COMPARISON),
        (CONTEXT.replace(CLASS, CLASS * 2), Tolerance.COMPARISON),
    ],
)
def test_an_element_that_departs(inside: str, tolerance: Tolerance) -> None:
    assert seen(inside=inside) == {tolerance}


@pytest.mark.rule("2.43", "2.57")
@pytest.mark.rule("2.23")
@pytest.mark.parametrize("other", ["obtained", "implicit", "unavailable", ""])
def test_a_consent_is_unspecified_or_a_deviation(other: str) -> None:
    consent = "urn:oasis:names:tc:SAML:2.0:consent:"
    assert seen(f'{STRICT} Consent="{consent}unspecified"') == set()
    assert seen(f'{STRICT} Consent="{consent}{other}"') == {Tolerance.CONSENT}


def test_a_certificate_in_a_message_is_seen() -> None:
    assert seen(holds_certificate=True) == {Tolerance.X509_IN_KEYINFO}


@pytest.mark.rule("2.03", "2.57")
@pytest.mark.parametrize("relay_state", ["r" * 81, "é" * 41])
def test_relay_state_is_counted_in_bytes(relay_state: str) -> None:
    assert seen(relay_state=relay_state) == {Tolerance.LONG_RELAY_STATE}


def test_what_is_ordinary_in_saml_is_not_remarked_on_in_that_profile() -> None:
    attributes = (
        'AssertionConsumerServiceURL="u" ProtocolBinding="b" IssueInstant="2026-11-22T13:00:00+01:00"'
    )
    inside = "<samlp:NameIDPolicy/>"
    found = seen(attributes, inside, profile=Profile.SAML, holds_certificate=True, relay_state="r" * 81)
    assert found == {Tolerance.TIME_ZONE, Tolerance.LONG_RELAY_STATE}
