"""Asking the authenticatiedienst, the machtigingenregister, and in a chain the second register."""

from flask import Response

from broker.assembly.web import deliver
from broker.domain.services import Service
from broker.exchange.sending import choose_endpoint
from broker.journey.answer import IN_CLEAR
from broker.journey.authentication import authentication_request
from broker.journey.authorization import Authorized
from broker.journey.authorization import Believed
from broker.journey.authorization import decision_query
from broker.journey.authorization import judge_confirmation
from broker.journey.authorization import limits_of
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.makelaar.context import Makelaar
from broker.ports import Role
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.decision_query import write_decision_query
from broker.saml.errors import UnknownPartner
from broker.saml.names import BINDING_SOAP
from broker.saml.parsing import reparse
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner

AD_CONSUMER_INDEX = 1
MR_CONSUMER_INDEX = 2
"""The indexes of our own consumers in our network metadata, for answers by artifact."""


def ask_ad(hm: Makelaar, journey: Journey, entity_id: str, *, remember: bool | None) -> Response:
    """Send the person to an authenticatiedienst. Raises ``UnknownPartner`` or ``LookupError``."""
    dienst = hm.station.partners.find(entity_id, Role.AD)
    endpoint = choose_endpoint(dienst.sign_on)
    own = hm.station.own
    authn_request = authentication_request(
        journey,
        require_service(hm, journey),
        request_id=own.new_id(),
        makelaar=hm.entity_id,
        destination=endpoint.location,
        acs_index=AD_CONSUMER_INDEX,
        now=own.clock(),
        catalogue=hm.catalogue_in_test(journey),
    )
    asked = journey.after(
        Event.CHOSE_AD,
        authenticatiedienst=entity_id,
        ad_request=authn_request.id,
        ad_asked_at=authn_request.issue_instant,
        ad_forced=authn_request.force_authn,
        remember=remember,
        notice=None,
    )
    hm.journeys.advance(journey, asked)
    message = hm.station.sender.sign_for(endpoint, write_authn_request(authn_request))
    return send(hm, asked, "SAMLRequest", message, endpoint, dienst)


def ask_mr(
    hm: Makelaar,
    journey: Journey,
    authentication: AuthenticationAssertion,
    believed: Believed,
) -> Response:
    """Send the person to the register the authenticatiedienst named.

    Raises ``UnknownPartner`` when it is none of ours, ``LookupError`` when it has no endpoint for us.
    """
    register = hm.station.partners.find(authentication.registry or "", Role.MR)
    endpoint = choose_endpoint(register.sign_on)
    own = hm.station.own
    query = decision_query(
        journey,
        require_service(hm, journey),
        authentication,
        (believed.raw,),
        query_id=own.new_id(),
        makelaar=hm.entity_id,
        destination=endpoint.location,
        acs_index=MR_CONSUMER_INDEX,
        now=own.clock(),
        wants_plain=_wants_plain(hm, journey),
        catalogue=hm.catalogue_in_test(journey),
    )
    asked = journey.after(
        Event.AUTHENTICATED,
        register=register.entity_id,
        mr_request=query.id,
        authentication=believed.raw,
        authentication_signature=believed.signature_value,
    )
    hm.journeys.advance(journey, asked)
    message = hm.station.sender.sign_for(endpoint, write_decision_query(query))
    return send(hm, asked, "SAMLRequest", message, endpoint, register)


def ask_second_register(
    hm: Makelaar,
    journey: Journey,
    authentication: AuthenticationAssertion,
    first: AuthorizationAssertion,
    link: Believed,
) -> tuple[Authorized, bytes | None]:
    """Have the second register of a chain confirm, over the back channel; what it said, and its assertion.

    Raises a ``SamlError`` for an answer not to be believed, ``PartnerUnavailable`` for none, ``LookupError`` when it
    has no back channel.
    """
    register = hm.station.partners.find(first.confirm_at or "", Role.MR)
    endpoint = choose_endpoint(register.sign_on, (BINDING_SOAP,))
    service = require_service(hm, journey)
    own = hm.station.own
    query = decision_query(
        journey,
        service,
        authentication,
        (journey.authentication or b"", link.raw),
        query_id=own.new_id(),
        makelaar=hm.entity_id,
        destination=endpoint.location,
        acs_index=None,
        now=own.clock(),
        wants_plain=_wants_plain(hm, journey),
        catalogue=hm.catalogue_in_test(journey),
    )
    message = hm.station.sender.sign_for(endpoint, write_decision_query(query))
    opened = hm.station.ask(register, endpoint.location, message)
    outcome = judge_confirmation(
        journey,
        opened,
        query_id=query.id,
        link=link,
        makelaar=hm.entity_id,
        service=service,
        now=own.clock(),
        behind=hm.behind(journey, authentication.level),
        offered=first.service_ids,
        limits=limits_of(first),
    )
    return outcome, None if opened.assertion is None else opened.assertion.raw.reveal_bytes()


def kept_authentication(journey: Journey) -> AuthenticationAssertion:
    """The assertion of the authenticatiedienst that this login rests on; it was verified when it came in."""
    return read_authentication(reparse(journey.authentication or b""))


def require_service(hm: Makelaar, journey: Journey) -> Service:
    """The service of a login. Raises ``UnknownPartner`` when it left the catalogue while the person was away."""
    service = hm.service(journey)
    if service is None:
        raise UnknownPartner("the service is no longer in the catalogue")
    return service


def _wants_plain(hm: Makelaar, journey: Journey) -> bool:
    return hm.dienstverlener(journey).connection.profile in IN_CLEAR


def send(
    hm: Makelaar, journey: Journey, field: str, message: bytes, endpoint: Endpoint, partner: Partner
) -> Response:
    """Send the person to a partner with a message; the id of the login travels as RelayState."""
    delivery = hm.station.sender.send(field, message, endpoint, partner.entity_id, journey.id)
    return deliver(delivery, partner.display_name(journey.language))
