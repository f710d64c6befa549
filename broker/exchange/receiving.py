"""How a message that came in is believed, in the order that is cheapest and safest first.

Limits and well-formedness, known issuer, signature, schema, then Destination, time and replay. What is returned was
signed by the partner that is returned with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from broker.exchange.artifacts import Artifacts
from broker.exchange.incoming import Incoming
from broker.exchange.own import Own
from broker.exchange.partners import Instead
from broker.exchange.partners import Partners
from broker.ports import Role
from broker.ports import StateStore
from broker.saml import schema
from broker.saml.artifact import source_id
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import Replayed
from broker.saml.errors import UnexpectedAnswer
from broker.saml.errors import WrongDestination
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_REDIRECT
from broker.saml.parsing import Element
from broker.saml.parsing import parse
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.post import decode_post
from broker.saml.post import decode_posted_request
from broker.saml.reading import issuer
from broker.saml.redirect import RedirectMessage
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import verify_redirect
from broker.saml.response import OpenedResponse
from broker.saml.response import open_response
from broker.saml.signature import Verified
from broker.saml.signature import is_signed
from broker.saml.signature import verify


@dataclass(frozen=True, slots=True)
class _Arrived:
    element: Element
    resolved_at: str | None = None
    redirect: RedirectMessage | None = None


class Receiver:
    """Receives what partners say to one party."""

    def __init__(self, own: Own, partners: Partners, artifacts: Artifacts, state: StateStore) -> None:
        """``state`` remembers which message IDs were seen."""
        self._own = own
        self._partners = partners
        self._artifacts = artifacts
        self._state = state

    def request(
        self, incoming: Incoming, *roles: Role, instead: Instead | None = None
    ) -> tuple[Partner, Verified]:
        """A request from a partner in one of these roles, verified. Raises a ``SamlError``.

        ``instead`` is who counts otherwise than in force: its request is verified by those keys and no others.
        """
        return self._message(self._arrive(incoming, roles, instead=instead), roles, instead)

    def logout_response(self, incoming: Incoming, expected: str, *roles: Role) -> Verified:
        """A LogoutResponse of the partner we asked, verified: unlike a Response it may come by HTTP-Redirect.

        Raises a ``SamlError`` or ``PartnerUnavailable``.
        """
        partner, verified = self._message(self._arrive(incoming, roles, "SAMLResponse"), roles)
        if partner.entity_id != expected:
            raise UnexpectedAnswer("another partner answers than was asked")
        return verified

    def _message(
        self, arrived: _Arrived, roles: tuple[Role, ...], instead: Instead | None = None
    ) -> tuple[Partner, Verified]:
        element = arrived.element
        partner = self._issuer(arrived, roles, instead)
        valid = schema.is_valid(element)  # judged after the signature, while the tree is still whole
        if arrived.redirect is None:
            verified = verify(element, partner.signing, partner.entity_id, keep=True)
        elif is_signed(element):
            raise InvalidSignature("signed both in the query string and in the message")
        else:
            verified = verify_redirect(arrived.redirect, element, partner.signing, partner.entity_id)
        if not valid:
            raise MalformedMessage("not valid against the schema")
        return partner, verified

    def back_channel_request(self, element: Element, *roles: Role) -> tuple[Partner, Verified]:
        """A schema-valid request out of a SOAP envelope, verified. Raises a ``SamlError``."""
        partner = self._partners.find(issuer(element), *roles)
        return partner, verify(element, partner.signing, partner.entity_id, keep=True)

    def response(self, incoming: Incoming, expected: str, *roles: Role, most: int = 1) -> OpenedResponse:
        """The Response of the partner we asked, verified, with up to ``most`` assertions.

        Raises a ``SamlError`` or ``PartnerUnavailable``.
        """
        if incoming.binding == BINDING_REDIRECT:
            raise MalformedMessage("a Response does not come by HTTP-Redirect")
        arrived = self._arrive(incoming, roles)
        partner = self._issuer(arrived, roles)
        if partner.entity_id != expected:
            raise UnexpectedAnswer("another partner answers than was asked")
        return open_checked(arrived.element, partner, most)

    def require_fresh(self, message_id: str, issue_instant: datetime, sender: str) -> None:
        """Raise ``OutsideTimeWindow`` or ``Replayed`` unless the message is of this moment and new.

        The ID is remembered for longer than the window in which the message would be accepted again.
        """
        now, window, skew = self._own.clock(), LIFETIMES.request_window, LIFETIMES.clock_skew
        if not now - window <= issue_instant <= now + skew:
            raise OutsideTimeWindow("the message is not of this moment")
        ttl = int((window + skew).total_seconds()) * 2
        if not self._state.claim(f"seen:{source_id(sender).hex()}:{message_id}", ttl):
            raise Replayed("the ID of the message was used before")

    def _arrive(
        self,
        incoming: Incoming,
        roles: tuple[Role, ...],
        field: str = "SAMLRequest",
        instead: Instead | None = None,
    ) -> _Arrived:
        if incoming.binding == BINDING_ARTIFACT:
            partner, element = self._artifacts.fetch(incoming.value, *roles, instead=instead)
            return _Arrived(element, resolved_at=partner.entity_id)
        if incoming.binding == BINDING_REDIRECT:
            message = decode_redirect(incoming.query, field)
            return _Arrived(parse(message.data), redirect=message)
        if Role.DV in roles:
            return _Arrived(parse(decode_posted_request(incoming.value)[0]))
        return _Arrived(parse(decode_post(incoming.value)))

    def _issuer(self, arrived: _Arrived, roles: tuple[Role, ...], instead: Instead | None = None) -> Partner:
        partner = self._partners.find(issuer(arrived.element), *roles, instead=instead)
        if arrived.resolved_at is not None and partner.entity_id != arrived.resolved_at:
            raise UnexpectedAnswer("the message behind the artifact is by another partner")
        return partner


def open_checked(element: Element, partner: Partner, most: int = 1) -> OpenedResponse:
    """Open a Response of this partner, judging its schema after its signature. Raises a ``SamlError``."""
    valid = schema.is_valid(element)
    opened = open_response(element, partner.signing, partner.entity_id, most)
    if not valid:
        raise MalformedMessage("not valid against the schema")
    return opened


def require_destination(destination: str | None, ours: Collection[str]) -> None:
    """Raise ``WrongDestination`` unless Destination is, byte for byte, one of our endpoints."""
    if destination not in ours:
        raise WrongDestination("the Destination is not this endpoint")
