"""How messages leave through the browser."""

from base64 import b64decode
from dataclasses import replace
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

from broker.exchange.sending import Form
from broker.exchange.sending import Redirect
from broker.exchange.sending import choose_endpoint
from broker.exchange.sending import logout_answered_at
from broker.ports import Role
from broker.saml.authn_request import write_authn_request
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import verify_redirect
from broker.saml.signature import is_signed
from broker.saml.signature import verify
from tests.exchange.builders import Network
from tests.keys import certificate
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import an_authn_request

ARTIFACT = Endpoint(BINDING_ARTIFACT, "https://ad.example/artifact")
POST = Endpoint(BINDING_POST, "https://ad.example/post")
REDIRECT = Endpoint(BINDING_REDIRECT, "https://ad.example/redirect")
SOAP = Endpoint(BINDING_SOAP, "https://ad.example/soap")
MESSAGE = serialise(write_authn_request(an_authn_request()))
RELAY_STATE = "a b&c=é"


@pytest.mark.rule("6.0.01", "6.0.04")
@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ((POST, REDIRECT, ARTIFACT), ARTIFACT),
        ((REDIRECT, SOAP, POST), POST),
        (
            (Endpoint(BINDING_POST, "https://ad.example/first"), POST),
            Endpoint(BINDING_POST, "https://ad.example/first"),
        ),
    ],
)
def test_the_artifact_is_preferred_then_the_form(offered: tuple[Endpoint, ...], chosen: Endpoint) -> None:
    assert choose_endpoint(offered) == chosen


def test_another_binding_can_be_asked() -> None:
    assert choose_endpoint((POST, SOAP), (BINDING_SOAP,)) == SOAP


@pytest.mark.parametrize("offered", [(), (REDIRECT, SOAP)])
def test_a_partner_without_a_binding_we_speak_cannot_be_reached(offered: tuple[Endpoint, ...]) -> None:
    with pytest.raises(LookupError):
        choose_endpoint(offered)


@pytest.mark.parametrize("relay_state", [None, "", RELAY_STATE])
def test_by_artifact_the_browser_carries_only_the_artifact(network: Network, relay_state: str | None) -> None:
    delivery = network["hm"].sender.send("SAMLRequest", MESSAGE, ARTIFACT, MR, relay_state)

    assert isinstance(delivery, Redirect)
    carried = parse_qs(urlsplit(delivery.url).query, keep_blank_values=True, strict_parsing=True)
    assert delivery.url.startswith(ARTIFACT.location + "?SAMLart=")
    assert set(carried) == ({"SAMLart"} if relay_state is None else {"SAMLart", "RelayState"})
    assert carried.get("RelayState") == (None if relay_state is None else [relay_state])


def test_an_address_with_a_query_string_keeps_it(network: Network) -> None:
    endpoint = Endpoint(BINDING_ARTIFACT, "https://ad.example/sso?tenant=1")

    delivery = network["hm"].sender.send("SAMLRequest", MESSAGE, endpoint, MR, None)

    assert isinstance(delivery, Redirect)
    assert delivery.url.startswith("https://ad.example/sso?tenant=1&SAMLart=")


@pytest.mark.parametrize("relay_state", [None, RELAY_STATE])
def test_by_post_the_form_carries_the_whole_message(network: Network, relay_state: str | None) -> None:
    delivery = network["hm"].sender.send("SAMLResponse", MESSAGE, POST, MR, relay_state)

    assert isinstance(delivery, Form)
    assert delivery.action == POST.location
    fields = dict(delivery.fields)
    assert b64decode(fields.pop("SAMLResponse")) == MESSAGE
    assert fields == ({} if relay_state is None else {"RelayState": relay_state})


def test_by_redirect_the_query_string_is_signed(network: Network) -> None:
    delivery = network["hm"].sender.send("SAMLRequest", MESSAGE, REDIRECT, MR, RELAY_STATE)

    assert isinstance(delivery, Redirect)
    message = decode_redirect(urlsplit(delivery.url).query)
    assert (message.data, message.relay_state) == (MESSAGE, RELAY_STATE)
    assert verify_redirect(message, parse(message.data), [certificate("hm")], HM).signer == HM


def test_a_back_channel_is_not_for_browsers(network: Network) -> None:
    with pytest.raises(LookupError):
        network["hm"].sender.send("SAMLRequest", MESSAGE, SOAP, MR, None)


@pytest.mark.parametrize("endpoint", [ARTIFACT, POST, SOAP])
def test_a_message_is_signed_itself(network: Network, endpoint: Endpoint) -> None:
    message = network["hm"].sender.sign_for(endpoint, parse(MESSAGE))

    assert verify(parse(message), [certificate("hm")], HM).signer == HM


def test_unless_the_query_string_will_be(network: Network) -> None:
    assert network["hm"].sender.sign_for(REDIRECT, parse(MESSAGE)) == MESSAGE
    assert not is_signed(parse(MESSAGE))


@pytest.mark.parametrize(
    ("offered", "waits_at"),
    [
        ((), None),
        ((SOAP,), None),
        ((SOAP, POST), "https://ad.example/post"),
        ((replace(POST, response_location="https://ad.example/ended"),), "https://ad.example/ended"),
    ],
)
def test_a_logout_is_answered_where_the_partner_waits_in_a_browser(
    network: Network, offered: tuple[Endpoint, ...], waits_at: str | None
) -> None:
    partner = replace(network["ad"].partners.find(HM, Role.HM), logout=offered)
    endpoint = logout_answered_at(partner)
    assert (endpoint and endpoint.location) == waits_at
