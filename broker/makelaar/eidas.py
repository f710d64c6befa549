"""A login for a service of eIDAS: on to the eIDAS-berichtenservice (EB), where nothing is to be chosen."""

from flask import Response

from broker.assembly.web import see_other
from broker.exchange.sending import choose_endpoint
from broker.journey.eidas import choose_eb
from broker.journey.eidas import eidas_request
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.makelaar import asking
from broker.makelaar import pages
from broker.makelaar.answering import show_refused
from broker.makelaar.context import Makelaar
from broker.ports import Role
from broker.saml.authn_request import write_authn_request

CONSUMER_INDEX = 5
"""The index of our own consumer in our network metadata, for answers of an EB by artifact."""


def forward(hm: Makelaar, journey: Journey, wanted: tuple[str, ...] = ()) -> Response:
    """Send the person to an EB, without a screen; to a page when there is none that can serve this login.

    ``wanted`` is whom the dienstverlener has chosen beforehand. Raises ``UnknownPartner`` when the service is gone.
    """
    known = hm.station.partners.in_role(Role.EB)
    eb = choose_eb(known, journey.required_level, wanted)
    if eb is None:
        refused = show_refused(hm, journey, Event.EB_FAILED, "berichtenservice-fout")
        return see_other(pages.action(refused))
    endpoint = choose_endpoint(eb.sign_on)
    own = hm.station.own
    request = eidas_request(
        journey,
        asking.require_service(hm, journey),
        request_id=own.new_id(),
        makelaar=hm.entity_id,
        destination=endpoint.location,
        acs_index=CONSUMER_INDEX,
        now=own.clock(),
        catalogue=hm.catalogue_in_test(journey),
    )
    asked = journey.after(
        Event.ASKED_EB,
        authenticatiedienst=eb.entity_id,
        ad_request=request.id,
        ad_asked_at=request.issue_instant,
        ad_forced=request.force_authn,
    )
    hm.journeys.advance(journey, asked)
    message = hm.station.sender.sign_for(endpoint, write_authn_request(request))
    return asking.send(hm, asked, "SAMLRequest", message, endpoint, eb)
