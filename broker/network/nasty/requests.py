"""What a dienstverlener can do to its AuthnRequest: to what it asks, and to how that is signed and sent."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from broker.domain.levels import LevelOfAssurance
from broker.exchange.sending import Delivery
from broker.exchange.sending import Form
from broker.exchange.sending import Redirect
from broker.network.nasty.hands import Hands
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.names import DS
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.signature import is_signed
from broker.saml.signature import sign

_LONG_AGO: Final = timedelta(hours=1)
_NO_INDEX: Final = 4242

Ask = Callable[[AuthnRequest, Hands], AuthnRequest]


def is_request(message: bytes) -> bool:
    """Whether this is an AuthnRequest."""
    return parse(message).tag == tag(SAMLP, "AuthnRequest")


def _unknown_acs(asked: AuthnRequest, _hands: Hands) -> AuthnRequest:
    return replace(asked, acs_index=_NO_INDEX, acs_url=None)


def _stale(asked: AuthnRequest, hands: Hands) -> AuthnRequest:
    return replace(asked, issue_instant=hands.own.clock() - _LONG_AGO)


def _level_too_high(asked: AuthnRequest, _hands: Hands) -> AuthnRequest:
    return replace(asked, level=LevelOfAssurance.LOA4)


ASKS: Final[Mapping[str, Ask]] = {
    "unknown-acs": _unknown_acs,
    "stale-request": _stale,
    "level-too-high": _level_too_high,
}
"""What is asked otherwise, by the name of the misbehaviour."""


def ask_otherwise(name: str, message: bytes, hands: Hands) -> bytes:
    """The request with something else in it, signed again if it was signed."""
    element = parse(message)
    changed = write_authn_request(ASKS[name](read_authn_request(element), hands))
    if is_signed(element):
        sign(changed, hands.own.key)
    return serialise(changed)


def sign_wrongly(name: str, message: bytes, hands: Hands) -> bytes:
    """The request without its signature, or with one of another key; what is signed by its query stays as it is."""
    element = parse(message)
    signature = element.find(tag(DS, "Signature"))
    if signature is not None:
        element.remove(signature)
        if name == "wrong-key-request":
            sign(element, hands.wrong)
    return serialise(element)


def send_otherwise(name: str, delivery: Delivery) -> Delivery:
    """The delivery with a query that is not signed, or with nonsense in the place of the message."""
    if isinstance(delivery, Form):
        if name != "garbage-request":
            return delivery
        return Form(delivery.action, tuple(_nonsense(pair) for pair in delivery.fields))
    parts = urlsplit(delivery.url)
    pairs = parse_qsl(parts.query)
    if name == "garbage-request":
        pairs = [_nonsense(pair) for pair in pairs]
    elif name == "unsigned-request":
        pairs = [pair for pair in pairs if pair[0] not in {"SigAlg", "Signature"}]
    return Redirect(urlunsplit(parts._replace(query=urlencode(pairs))))


def _nonsense(pair: tuple[str, str]) -> tuple[str, str]:
    return (pair[0], "bm9uc2Vuc2U=") if pair[0] in {"SAMLRequest", "SAMLart"} else pair
