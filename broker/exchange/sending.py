"""How a message leaves through the browser."""

from dataclasses import dataclass
from urllib.parse import urlencode

from broker.exchange.artifacts import Artifacts
from broker.exchange.own import Own
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.parsing import Element
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.post import encode_post
from broker.saml.redirect import encode_redirect
from broker.saml.signature import sign

PREFERRED = (BINDING_ARTIFACT, BINDING_POST)
"""Artifact where a partner offers it, as the afsprakenstelsel asks; POST where its metadata has nothing else."""

FOR_LOGOUT = (BINDING_ARTIFACT, BINDING_REDIRECT, BINDING_POST)
"""The messages of logout are small and hold no attributes, so Redirect, which needs no click, comes before POST."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser to this URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Form:
    """Let the browser post these fields to this URL."""

    action: str
    fields: tuple[tuple[str, str], ...]


Delivery = Redirect | Form


def choose_endpoint(endpoints: tuple[Endpoint, ...], bindings: tuple[str, ...] = PREFERRED) -> Endpoint:
    """The endpoint with the binding we like best. Raises LookupError when the partner offers none of them."""
    for binding in bindings:
        for endpoint in endpoints:
            if endpoint.binding == binding:
                return endpoint
    raise LookupError("the partner offers no binding that we speak")


def logout_answered_at(partner: Partner) -> Endpoint | None:
    """Where a partner that asks for a logout waits for the LogoutResponse, None when it waits for none."""
    try:
        return choose_endpoint(partner.logout, FOR_LOGOUT).for_responses
    except LookupError:
        return None


class Sender:
    """Sends what one party has to say."""

    def __init__(self, own: Own, artifacts: Artifacts) -> None:
        """``artifacts`` holds the messages that go by artifact."""
        self._own = own
        self._artifacts = artifacts

    def send(
        self,
        field: str,
        message: bytes,
        endpoint: Endpoint,
        partner: str,
        relay_state: str | None,
        version: str | None = None,
        note: str = "",
        in_test: str | None = None,
    ) -> Delivery:
        """Deliver a message to a partner's endpoint; ``field`` is SAMLRequest or SAMLResponse.

        ``version`` is the content hash of the partner as the login began with it; ``note`` is for who wants to know
        when an artifact was fetched; ``in_test`` is the id of the version that a test login tries out.

        The message comes signed, except by HTTP-Redirect, where the query string is signed and the message must
        carry no signature of its own.
        """
        if endpoint.binding == BINDING_ARTIFACT:
            fields = [("SAMLart", self._artifacts.hold(message, partner, version, note, in_test))]
            if relay_state is not None:
                fields.append(("RelayState", relay_state))
            return Redirect(_with_query(endpoint.location, urlencode(fields)))
        if endpoint.binding == BINDING_REDIRECT:
            query = encode_redirect(field, message, relay_state, self._own.key)
            return Redirect(_with_query(endpoint.location, query))
        if endpoint.binding == BINDING_POST:
            state = [] if relay_state is None else [("RelayState", relay_state)]
            return Form(endpoint.location, ((field, encode_post(message)), *state))
        raise LookupError("the binding of this endpoint is not one for browsers")

    def sign_for(self, endpoint: Endpoint, message: Element) -> bytes:
        """Sign a message that will go to this endpoint, unless its binding signs the query string instead."""
        if endpoint.binding != BINDING_REDIRECT:
            sign(message, self._own.key)
        return serialise(message)


def _with_query(location: str, query: str) -> str:
    return f"{location}{'&' if '?' in location else '?'}{query}"
