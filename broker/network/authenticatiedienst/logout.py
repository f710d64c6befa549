"""Ending a session because the makelaar asks for it (Afsprakenstelsel, Single log-out).

Only the session of the browser that brings the request can end, and only by a NameID that this session gave to the
makelaar that asks.
"""

from dataclasses import dataclass

import structlog
from flask import Response
from flask import make_response
from flask import render_template
from flask import request

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.web import deliver
from broker.assembly.web import incoming
from broker.assembly.web import see_other
from broker.exchange.http import PartnerUnavailable
from broker.exchange.incoming import Incoming
from broker.exchange.receiving import require_destination
from broker.exchange.sending import logout_answered_at
from broker.network.authenticatiedienst.sessions import Sessions
from broker.ports import Role
from broker.saml.errors import SamlError
from broker.saml.logout import LogoutRequest
from broker.saml.logout import LogoutResponse
from broker.saml.logout import read_logout_request
from broker.saml.logout import require_not_lapsed
from broker.saml.logout import write_logout_response
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.status import SUCCESS
from broker.saml.status import responder_failed
from broker.screens import current_language

log = structlog.get_logger()

_OTHER_SESSION = responder_failed("the session in this browser is another one", "uitloggen-niet-mogelijk")


@dataclass(frozen=True, slots=True)
class Logout:
    """The SingleLogoutService of one authenticatiedienst."""

    assembled: Assembled
    sessions: Sessions

    def receive(self) -> Response:
        """End the session that a makelaar names, and say so: on our page, or to a makelaar that waits for it."""
        try:
            arrived = incoming("SAMLRequest")
            makelaar, wish = self._believe(arrived)
        except SamlError as error:
            log.warning("logout_refused", code=error.code, reason=str(error))
            return _page(ended=False, code=error.code, status=400)
        except PartnerUnavailable as error:
            log.warning("makelaar_unavailable", reason=str(error))
            return _page(ended=False, code="storing", status=502)
        ended = self._end(makelaar, wish)
        log.info("logout_asked", partner=makelaar.entity_id, outcome="ended" if ended else "another session")
        endpoint = logout_answered_at(makelaar)
        if arrived.relay_state is not None and endpoint is not None:
            response = self._answer(makelaar, endpoint, wish, arrived.relay_state, ended=ended)
        else:
            response = see_other("/logged-out")
        if ended:
            self.sessions.take_back(response)
        return response

    def show(self) -> Response:
        """Whether somebody is logged in here; a page of its own, so that loading it again sends no message twice."""
        return _page(ended=self.sessions.find(request) is None)

    def _believe(self, arrived: Incoming) -> tuple[Partner, LogoutRequest]:
        """The request of a makelaar, for us, of this moment and new. Raises a ``SamlError``."""
        receiver = self.assembled.station.receiver
        makelaar, verified = receiver.request(arrived, Role.HM)
        wish = read_logout_request(verified.element)
        require_destination(wish.destination, {self.assembled.public_url + paths.AD_SLO})
        receiver.require_fresh(wish.id, wish.issue_instant, wish.issuer)
        require_not_lapsed(wish, self.assembled.station.own.clock())
        return makelaar, wish

    def _end(self, makelaar: Partner, wish: LogoutRequest) -> bool:
        """Whether nobody is logged in here any more; another session than the one that is named goes on."""
        session = self.sessions.find(request)
        if session is None:
            return True
        indexes = wish.session_indexes
        if not session.gave(wish.name_id, makelaar.entity_id):
            return False
        if indexes and session.index_of(wish.name_id) not in indexes:
            return False
        self.sessions.end(session)
        return True

    def _answer(
        self, makelaar: Partner, endpoint: Endpoint, wish: LogoutRequest, relay_state: str, *, ended: bool
    ) -> Response:
        own = self.assembled.station.own
        answer = LogoutResponse(
            id=own.new_id(),
            in_response_to=wish.id,
            issue_instant=own.clock(),
            issuer=own.entity_id,
            destination=endpoint.location,
            status=SUCCESS if ended else _OTHER_SESSION,
        )
        sender = self.assembled.station.sender
        message = sender.sign_for(endpoint, write_logout_response(answer))
        delivery = sender.send("SAMLResponse", message, endpoint, makelaar.entity_id, relay_state)
        return deliver(delivery, makelaar.display_name(current_language()))


def _page(*, ended: bool, code: str | None = None, status: int = 200) -> Response:
    return make_response(render_template("ad_logout.html", ended=ended, code=code), status)
