"""The eIDAS-berichtenservice as a Flask application: a request in, one page, an answer out."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from flask import Flask
from flask import Response
from flask import make_response
from flask import render_template
from flask import request

from broker.assembly import paths
from broker.assembly.binder import Binder
from broker.assembly.party import Assembled
from broker.assembly.web import deliver
from broker.assembly.web import error_page
from broker.assembly.web import incoming
from broker.assembly.web import see_other
from broker.exchange.http import PartnerUnavailable
from broker.network.authenticatiedienst.requests import consumer
from broker.network.authenticatiedienst.requests import objection
from broker.network.berichtenservice.desk import UNAVAILABLE
from broker.network.berichtenservice.desk import Desk
from broker.network.berichtenservice.desk import Ready
from broker.network.berichtenservice.requests import EidasFlow
from broker.network.berichtenservice.requests import find_service
from broker.network.berichtenservice.requests import flow_of
from broker.network.berichtenservice.requests import objection_to
from broker.network.berichtenservice.requests import receive
from broker.network.consent import FIELD
from broker.network.consent import withheld
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.embedding import embed
from broker.network.flows import TTL
from broker.network.flows import Flows
from broker.network.foreigners import FOREIGNERS
from broker.network.foreigners import find
from broker.network.pages import bound_flow
from broker.network.pages import remember_way
from broker.network.pages import same_way
from broker.network.responses import answer
from broker.network.responses import refused
from broker.ports import Role
from broker.saml.authn_request import AuthnRequest
from broker.saml.errors import SamlError
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.saml.status import Status
from broker.screens import current_language
from broker.settings import Party
from broker.settings import Settings
from broker.signers.secret import load_secret

log = structlog.get_logger()


def create_app(settings: Settings, party: Party) -> Flask:
    """The application of one embedded eIDAS-berichtenservice."""
    app, assembled = embed(settings, party)
    binder = Binder(party.name, app.extensions["screens"], assembled.state, TTL)
    secret = load_secret(settings.folder(party) / "pseudonyms.secret")
    desk = Desk(assembled, Dienstencatalogus(), secret)
    views = _Views(assembled, binder, Flows(assembled.state, EidasFlow), desk)
    app.add_url_rule(paths.EB_SSO, "sign_on", views.sign_on, methods=["GET", "POST"])
    app.add_url_rule("/login/<flow_id>", "login", views.show)
    app.add_url_rule("/login/<flow_id>", "choose", views.act, methods=["POST"])
    return app


class _Views:
    def __init__(self, assembled: Assembled, binder: Binder, flows: Flows[EidasFlow], desk: Desk) -> None:
        self._assembled = assembled
        self._binder = binder
        self._flows = flows
        self._desk = desk

    def sign_on(self) -> Response:
        """Take a request in. Until it is proven to be a makelaar's, whatever is wrong ends on a page here."""
        try:
            arrived = incoming("SAMLRequest")
            makelaar, asked = receive(self._assembled, arrived)
        except SamlError as error:
            log.warning("request_refused", code=error.code, reason=str(error))
            return error_page(400, error.code)
        except PartnerUnavailable as error:
            log.warning("makelaar_unavailable", reason=str(error))
            return error_page(502, "storing")
        flow = self._flow(makelaar, asked, arrived.relay_state)
        if isinstance(flow, Status):
            log.info("request_unsupported", partner=makelaar.entity_id, reason=flow.reason)
            return self._send(makelaar, asked.id, asked.acs_index, arrived.relay_state, flow)
        flow_id = self._flows.begin(flow)
        response = see_other(f"/login/{flow_id}")
        self._binder.bind(request, response, flow_id)
        return response

    def _flow(self, makelaar: Partner, asked: AuthnRequest, relay_state: str | None) -> EidasFlow | Status:
        """The flow of a request, or the status that says why nobody can be logged in for it."""
        wrong = objection(asked, self._assembled.party.level)
        if wrong is not None:
            return wrong
        try:
            service = find_service(self._desk.dienstencatalogus, makelaar, asked)
        except (SamlError, PartnerUnavailable) as error:
            log.warning("catalogue_unavailable", reason=str(error))
            return UNAVAILABLE
        wrong = objection_to(service, self._assembled.settings.bsn_authorised)
        if wrong is not None or service is None:
            return wrong or UNAVAILABLE
        return flow_of(asked, service, relay_state)

    def show(self, flow_id: str) -> Response:
        """The page on which the country of the person is played, and after it the one about attributes."""
        flow = bound_flow(self._flows, self._binder, flow_id)
        if isinstance(flow, str):
            return error_page(400, flow)
        context = self._context(flow, flow_id)
        if flow.chosen is None:
            page = render_template(
                "eb_choose.html",
                level_label=flow.required.label,
                people=_people(current_language()),
                **context,
            )
            return make_response(page)
        ready = self._ready(flow)
        if isinstance(ready, Status):
            return self._end(flow_id, ready)
        name = "consent_withheld.html" if flow.withheld else "consent.html"
        page = render_template(name, questions=ready.questions, withheld=flow.withheld, **context)
        return make_response(page)

    def _context(self, flow: EidasFlow, flow_id: str) -> dict[str, object]:
        service_name, dv_name = self._names(flow)
        return {
            "action": f"/login/{flow_id}",
            "token": self._binder.token(request, flow_id),
            "service_name": service_name,
            "dv_name": dv_name,
            "error": flow.notice,
        }

    def _names(self, flow: EidasFlow) -> tuple[str | None, str]:
        language = current_language()
        try:
            makelaar = self._assembled.station.partners.find(flow.makelaar, Role.HM)
            catalogue = self._desk.dienstencatalogus.of(makelaar, in_test=flow.catalogue)
            service = catalogue.services.get(flow.service_id)
        except (SamlError, PartnerUnavailable):
            service = None
        if service is None:
            return None, flow.intended_audience
        return service.name(language), service.dienstverlener_name(language)

    def act(self, flow_id: str) -> Response:
        """What the person did on that page."""
        flow = bound_flow(self._flows, self._binder, flow_id)
        if flow == "sessie-verlopen" and self._binder.accepts(request, flow_id):
            return same_way(self._assembled.state, flow_id)
        if isinstance(flow, str):
            return error_page(400, flow)
        if not self._binder.accepts(request, flow_id):
            return self._again(flow_id, replace(flow, notice="eb.error.form_expired"))
        action = request.form.get("do")
        if action == "cancel":
            return self._end(flow_id, refused("toestemming-geweigerd" if flow.withheld else "geannuleerd"))
        if flow.chosen is not None:
            return self._consent(flow_id, flow, action)
        person = find(request.form.get("person", ""))
        if person is None:
            return self._again(flow_id, replace(flow, notice="eb.error.choose_one"))
        chosen = replace(flow, chosen=person.username, notice=None)
        ready = self._ready(chosen)
        if isinstance(ready, Ready) and ready.questions:
            return self._again(flow_id, chosen)
        return self._end(flow_id, ready)

    def _consent(self, flow_id: str, flow: EidasFlow, action: str | None) -> Response:
        """What the person lets us pass on."""
        if action != "consent":
            return self._again(flow_id, replace(flow, withheld=(), notice=None))
        ready, ticked = self._ready(flow), request.form.getlist(FIELD)
        if isinstance(ready, Ready) and (lacking := withheld(ready.questions, ticked)):
            return self._again(flow_id, replace(flow, withheld=lacking, notice=None))
        return self._end(flow_id, ready, ticked)

    def _ready(self, flow: EidasFlow) -> Ready | Status:
        """What is known of who was chosen."""
        person = find(flow.chosen or "")
        try:
            makelaar = self._assembled.station.partners.find(flow.makelaar, Role.HM)
        except UnknownPartner:
            return UNAVAILABLE
        if person is None:
            return UNAVAILABLE
        return self._desk.prepare(makelaar, flow, person, current_language())

    def _again(self, flow_id: str, flow: EidasFlow) -> Response:
        self._flows.save(flow_id, flow)
        return see_other(f"/login/{flow_id}")

    def _end(self, flow_id: str, outcome: Ready | Status, ticked: Sequence[str] = ()) -> Response:
        """Answer the makelaar, once."""
        flow = self._flows.end(flow_id)
        if flow is None:
            return same_way(self._assembled.state, flow_id)
        try:
            makelaar = self._assembled.station.partners.find(flow.makelaar, Role.HM)
        except UnknownPartner as error:
            return error_page(400, error.code)
        sent: tuple[bytes, ...] | Status
        if isinstance(outcome, Status):
            sent = outcome
            log.info("login_refused", partner=flow.makelaar, reason=outcome.reason)
        else:
            sent = self._desk.declare(makelaar, flow, outcome, ticked)
            log.info("login_declared", partner=flow.makelaar, loa=outcome.person.level.short)
        response = self._send(makelaar, flow.request_id, flow.acs_index, flow.relay_state, sent)
        self._binder.release(response, flow_id)
        return remember_way(self._assembled.state, flow_id, response)

    def _send(
        self,
        makelaar: Partner,
        request_id: str,
        acs_index: int | None,
        relay_state: str | None,
        outcome: tuple[bytes, ...] | Status,
    ) -> Response:
        delivery = answer(
            self._assembled,
            makelaar.entity_id,
            consumer(makelaar, acs_index),
            request_id=request_id,
            relay_state=relay_state,
            outcome=outcome,
        )
        return deliver(delivery, makelaar.display_name(current_language()))


def _people(language: str) -> list[tuple[str, str | None, str, str, str]]:
    """Username, company, country, level and what it shows, of everybody who can be chosen."""
    place = 0 if language == "nl" else 1
    return [
        (
            person.username,
            person.company.name if person.company else None,
            person.country[place],
            person.level.label,
            person.shows[place],
        )
        for person in FOREIGNERS
    ]
