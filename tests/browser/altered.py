"""Requests as Gemeente Voorbeeld would never send them, signed with its own development key."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from broker.assembly import paths
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.post import encode_post
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import encode_redirect
from broker.saml.signature import sign
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import Party
from broker.signers.files import FileSigner
from tests.browser.visitor import Visitor


def begun(visitor: Visitor, service: int = 3) -> str:
    """The address, with the request in it, to which the dienstverlener would send this browser now."""
    url = f"{visitor.box.url(GEMEENTE)}/login?service={service}&binding=redirect"
    return visitor.context.request.get(url, max_redirects=0).headers["location"]


def altered(visitor: Visitor, signer: Party = GEMEENTE, **changes: Any) -> str:
    """Such an address, after these changes to the request; the signature is made anew, by ``signer``."""
    authn_request, relay_state = _begun(visitor)
    message = serialise(write_authn_request(replace(authn_request, **changes)))
    return _sso(visitor) + "?" + encode_redirect("SAMLRequest", message, relay_state, key_of(visitor, signer))


def altered_form(visitor: Visitor, tampering: Sequence[tuple[bytes, bytes]] = (), **changes: Any) -> str:
    """A page with a form that posts the changed request; ``tampering`` replaces bytes after it was signed."""
    authn_request, relay_state = _begun(visitor)
    element = write_authn_request(replace(authn_request, **changes))
    sign(element, key_of(visitor, GEMEENTE))
    message = serialise(element)
    for old, new in tampering:
        assert old in message
        message = message.replace(old, new)
    fields = {"SAMLRequest": encode_post(message), "RelayState": relay_state or ""}
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
    return f'<form method="post" action="{_sso(visitor)}">{inputs}<button>Verstuur</button></form>'


def key_of(visitor: Visitor, party: Party) -> FileSigner:
    """The development key of a party of the box."""
    return FileSigner.load(visitor.box.settings.key_stem(party))


def _begun(visitor: Visitor) -> tuple[AuthnRequest, str | None]:
    received = decode_redirect(urlsplit(begun(visitor)).query)
    return read_authn_request(parse(received.data)), received.relay_state


def _sso(visitor: Visitor) -> str:
    return visitor.box.url(MAKELAAR) + paths.HM_SSO
