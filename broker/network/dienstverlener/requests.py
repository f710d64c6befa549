"""Asking the makelaar to log somebody in (Interface specifications DV-HM, AuthnRequest), or out (Single log-out)."""

from collections.abc import Mapping
from typing import Any

from broker.assembly.party import Assembled
from broker.domain.levels import LevelOfAssurance
from broker.exchange.sending import Delivery
from broker.exchange.sending import choose_endpoint
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.dienstverlener.logins import Login
from broker.network.flows import Flows
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.logout import LogoutRequest
from broker.saml.logout import write_logout_request
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES

ACS_INDEX = 0
"""The index of our AssertionConsumerService in our metadata."""


def ask(
    assembled: Assembled,
    flows: Flows[Login],
    makelaar: Partner,
    *,
    binding: str,
    index: int,
    level: LevelOfAssurance | None,
) -> tuple[str, Delivery]:
    """Begin a login for the service with this index; the id of the flow and the message for the browser to carry.

    The id travels as RelayState. ``level`` None asks for what the catalogue says. Raises LookupError when the
    makelaar does not offer ``binding``.
    """
    station = assembled.station
    endpoint = choose_endpoint(makelaar.sign_on, (binding,))
    offer = OFFERS.get(index)
    request = AuthnRequest(
        id=station.own.new_id(),
        issue_instant=station.own.clock(),
        issuer=station.own.entity_id,
        destination=endpoint.location,
        acs_index=ACS_INDEX,
        service_index=index,
        force_authn=not (offer and offer.service.sso_support),
        level=level,
    )
    message = station.sender.sign_for(endpoint, write_authn_request(request))
    least = level or (offer.service.level if offer else LevelOfAssurance.LOA2)
    login = Login(
        request_id=request.id,
        service_id=offer.service.service_id if offer else None,
        level=least.short,
        exchanged=[("AuthnRequest", "sent", message.decode())],
    )
    flow = flows.begin(login)
    return flow, station.sender.send("SAMLRequest", message, endpoint, makelaar.entity_id, relay_state=flow)


def ask_to_log_out(
    assembled: Assembled, makelaar: Partner, kept: Mapping[str, Any], *, binding: str
) -> Delivery:
    """The LogoutRequest for a login, of which ``kept`` is what ``answers.keep`` kept.

    Raises LookupError when the makelaar does not offer ``binding``.
    """
    station = assembled.station
    endpoint = choose_endpoint(makelaar.logout, (binding,))
    now = station.own.clock()
    wish = LogoutRequest(
        id=station.own.new_id(),
        issue_instant=now,
        issuer=station.own.entity_id,
        destination=endpoint.location,
        name_id=kept["name_id"],
        name_qualifier=kept["name_qualifier"],
        session_indexes=(kept["session_index"],),
        not_on_or_after=now + LIFETIMES.request_window,
    )
    message = station.sender.sign_for(endpoint, write_logout_request(wish))
    return station.sender.send("SAMLRequest", message, endpoint, makelaar.entity_id, None)
