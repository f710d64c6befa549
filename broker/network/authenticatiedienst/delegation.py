"""Letting a plain SAML identity provider log somebody in on behalf of this authenticatiedienst.

An organisation brings its own login this way. What its identity provider says of how somebody logged in counts only by
the mapping an operator made: a class of AuthnContext without a level is refused, never guessed.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.domain.identifiers import InternalPseudonym
from broker.exchange.incoming import Incoming
from broker.exchange.sending import Delivery
from broker.exchange.sending import choose_endpoint
from broker.ports import Middel
from broker.ports import Role
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.errors import MalformedMessage
from broker.saml.errors import Replayed
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.parsing import parse
from broker.saml.partner import Partner
from broker.saml.plain_identity import open_plain_response
from broker.saml.policy import LIFETIMES
from broker.saml.post import decode_post

log = structlog.get_logger()

PSEUDONYMS_FILE = "delegation.secret"
"""The file of the secret from which pseudonyms are made, in the folder of the authenticatiedienst."""

_FITS_NOTHING = "!"
"""What no password hashes to."""

_BINDINGS = (BINDING_REDIRECT, BINDING_POST)


def pseudonym_at(secret: bytes, provider: str, person: str) -> InternalPseudonym:
    """How we call a person whom an identity provider (an entityID) calls ``person``; the same at every login.

    ``secret`` is the authenticatiedienst's own, so that nobody else can tell who is meant.
    """
    message = provider.encode("utf-8") + b"\n" + person.encode("utf-8")
    return InternalPseudonym(hmac.new(secret, message, hashlib.sha256).hexdigest())


@dataclass(frozen=True, slots=True)
class Delegation:
    """The identity providers behind one authenticatiedienst."""

    assembled: Assembled
    secret: bytes

    def providers(self) -> Sequence[tuple[str, str]]:
        """(entityID, name) of those that people may choose, by name."""
        known = self.assembled.station.partners.in_role(Role.IDP)
        named = [(each.entity_id, each.connection.name or each.display_name("nl")) for each in known]
        return sorted(named, key=lambda each: each[1].casefold())

    def ask(self, provider: str, flow_id: str) -> tuple[AuthnRequest, Delivery]:
        """Our request, always for a new login, and the way to the identity provider.

        Raises ``UnknownPartner`` when it is none of ours, LookupError when it has no endpoint we can use.
        """
        station = self.assembled.station
        partner = station.partners.find(provider, Role.IDP)
        endpoint = choose_endpoint(partner.sign_on, _BINDINGS)
        asked = AuthnRequest(
            id=station.own.new_id(),
            issue_instant=station.own.clock(),
            issuer=station.own.entity_id,
            destination=endpoint.location,
            acs_url=self._consumer,
            protocol_binding=BINDING_POST,
            force_authn=True,  # a session of theirs knows none of the limits of single sign-on
        )
        message = station.sender.sign_for(endpoint, write_authn_request(asked))
        return asked, station.sender.send("SAMLRequest", message, endpoint, provider, flow_id)

    def believe(self, arrived: Incoming, provider: str, request_id: str, asked_at: datetime) -> Middel | None:
        """The middel that a login at the identity provider amounts to, None when nobody logged in.

        ``asked_at`` is when we asked; a login of before that does not count. Raises a ``SamlError`` for an answer that
        is not to be believed or that has no mapping.
        """
        if arrived.binding != BINDING_POST:
            raise MalformedMessage("an identity provider answers by HTTP-POST")
        station = self.assembled.station
        partner = station.partners.find(provider, Role.IDP)
        login = open_plain_response(
            parse(decode_post(arrived.value)),
            partner,
            request_id=request_id,
            recipient=self._consumer,
            audience=station.own.entity_id,
            now=station.own.clock(),
        )
        if login is None:
            return None
        if login.authn_instant < asked_at - LIFETIMES.clock_skew:
            raise UnexpectedAnswer("a new login was asked, and the AuthnInstant is before that")
        digest = hashlib.sha256(f"{provider}\n{login.assertion_id}".encode()).hexdigest()
        if not station.state.claim(f"assertion:{digest}", 2 * int(LIFETIMES.journey.total_seconds())):
            raise Replayed("an assertion that was used before")
        return self._middel(partner, login.subject, login.context)

    def _middel(self, provider: Partner, person: str, context: str) -> Middel:
        connection = provider.connection
        level = connection.contexts.get(context)
        if level is None:
            log.warning("context_not_mapped", partner=provider.entity_id, reason=context[:200])
            raise UnexpectedAnswer("the class of the AuthnContext has no level in the mapping")
        pseudonym = pseudonym_at(self.secret, provider.entity_id, person)
        return Middel(
            # Nobody can log in with it here: the name cannot be typed, and no password has this hash.
            username=f"\n{pseudonym.reveal()}",
            password_hash=_FITS_NOTHING,
            totp_secret=None,
            pseudonym=pseudonym,
            level=level,
            register=connection.register or "",
        )

    @property
    def _consumer(self) -> str:
        return self.assembled.public_url + paths.AD_DELEGATED
