"""The demo dienstverlener as a Flask application: what it offers, asking, receiving and showing."""

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
from broker.assembly.web import xml
from broker.domain.levels import LevelOfAssurance
from broker.exchange.artifacts import Artifacts
from broker.exchange.http import PartnerUnavailable
from broker.exchange.receiving import open_checked
from broker.network.dienstverlener import shown
from broker.network.dienstverlener.answers import Expectation
from broker.network.dienstverlener.answers import believe
from broker.network.dienstverlener.answers import keep
from broker.network.dienstverlener.answers import open_attributes
from broker.network.dienstverlener.answers import open_subjects
from broker.network.dienstverlener.catalogue import EIDAS_SERVICES
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.dienstverlener.catalogue import answerable
from broker.network.dienstverlener.catalogue import make_own_catalogue
from broker.network.dienstverlener.logins import Ended
from broker.network.dienstverlener.logins import ListeningClient
from broker.network.dienstverlener.logins import Login
from broker.network.dienstverlener.requests import ask
from broker.network.dienstverlener.requests import ask_to_log_out
from broker.network.embedding import embed
from broker.network.flows import TTL
from broker.network.flows import Flows
from broker.network.flows import is_flow_id
from broker.ports import Role
from broker.saml.declaration import Declaration
from broker.saml.errors import MalformedMessage
from broker.saml.errors import Replayed
from broker.saml.errors import SamlError
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.response import OpenedResponse
from broker.screens import current_language
from broker.settings import Party
from broker.settings import Settings

log = structlog.get_logger()

_BINDINGS = {"post": BINDING_POST, "redirect": BINDING_REDIRECT, "artifact": BINDING_ARTIFACT}
_ASSERTION_TTL = int((LIFETIMES.assertion + LIFETIMES.clock_skew).total_seconds()) * 2


def create_app(settings: Settings, party: Party) -> Flask:
    """The application of one demo dienstverlener."""
    app, assembled = embed(settings, party)
    binder = Binder(party.name, app.extensions["screens"], assembled.state, TTL)
    views = _Views(assembled, binder, Flows(assembled.state, Login))
    app.add_url_rule("/", "start", views.start)
    app.add_url_rule("/login", "login", views.login)
    app.add_url_rule(paths.DV_ACS, "acs", views.acs, methods=["GET", "POST"])
    app.add_url_rule("/login/<flow>", "outcome", views.outcome)
    app.add_url_rule("/login/<flow>/logout", "log_out", views.log_out, methods=["POST"])
    app.add_url_rule(paths.CATALOGUE, "catalogue", views.catalogue)
    return app


class _Views:
    def __init__(self, assembled: Assembled, binder: Binder, flows: Flows[Login]) -> None:
        self._assembled = assembled
        self._binder = binder
        self._flows = flows
        self._acs = assembled.public_url + paths.DV_ACS

    def start(self) -> str:
        """What can be logged in to."""
        lang = current_language()
        services = [
            (index, offer.service.name(lang), offer.service.level.label, offer.descriptions[lang])
            for index, offer in OFFERS.items()
        ]
        levels = [(level.short, level.label) for level in LevelOfAssurance if level > LevelOfAssurance.LOA1]
        return render_template("dv_start.html", services=services if self._makelaar() else [], levels=levels)

    def login(self) -> Response:
        """Send the browser to the makelaar.

        An index that our metadata does not have is sent as well, to see how a makelaar refuses it.
        """
        makelaar = self._makelaar()
        try:
            index = int(request.args.get("service", ""))
            binding = _BINDINGS[request.args.get("binding", "post")]
            asked = request.args.get("level") or None
            level = None if asked is None else LevelOfAssurance.from_short(asked)
        except (ValueError, KeyError):
            return error_page(400, "bericht-ongeldig")
        if makelaar is None or not 0 <= index <= 65535:
            return error_page(404, "niet-gevonden")
        flow, delivery = ask(
            self._assembled, self._flows, makelaar, binding=binding, index=index, level=level
        )
        response = deliver(delivery, makelaar.display_name(current_language()))
        self._binder.bind(request, response, flow)
        return response

    def acs(self) -> Response:
        """Take the answer in, keep what came of it, and show it on a page that can be loaded again."""
        try:
            arrived = incoming("SAMLResponse")
            if arrived.binding != BINDING_ARTIFACT:
                raise MalformedMessage("the answer did not come by HTTP-Artifact")
        except SamlError as error:
            return self._error(error.told)
        flow = arrived.relay_state or ""
        if not is_flow_id(flow) or not self._binder.is_bound(request, flow):
            return self._error("RelayState: this browser did not begin this login")
        login = self._flows.end(flow)
        if login is None:
            return self._error("RelayState: this login has ended")
        if login.ended is not None:
            self._flows.save(flow, login)
            return self._error("InResponseTo: this request was answered before")
        self._flows.save(flow, self._receive(arrived.value, login))
        return see_other(f"/login/{flow}")

    def _receive(self, artifact: str, login: Login) -> Login:
        """The login with what came of it; whatever is wrong with the answer ends it."""
        station = self._assembled.station
        line = ListeningClient(station.soap)
        artifacts = Artifacts(station.own, station.partners, station.state, line)
        try:
            makelaar, element = artifacts.fetch(artifact, Role.HM)
            opened = open_checked(element, makelaar)
            declaration = believe(opened, self._expectation(login, makelaar), station.own.clock())
            kept = None if declaration is None else self._accept(declaration)
        except (SamlError, PartnerUnavailable) as error:
            log.warning("answer_refused", error=type(error).__name__, reason=str(error))
            detail = error.told if isinstance(error, SamlError) else str(error)
            ended = _ended(login, Ended.REFUSED, {"detail": detail})
        else:
            failed = kept is None
            ended = _ended(login, Ended.FAILED if failed else Ended.LOGGED_IN, kept or _status(opened))
            log.info("login_ended", outcome=ended.ended, service_id=login.service_id)
        return replace(ended, exchanged=login.exchanged + line.exchanged)

    def _expectation(self, login: Login, makelaar: Partner) -> Expectation:
        us, level = self._assembled.party.entity_id, LevelOfAssurance.from_short(login.level)
        return Expectation(
            login.request_id,
            makelaar.entity_id,
            us,
            self._acs,
            answerable(login.service_id),
            level,
            allows_nobody=login.service_id in EIDAS_SERVICES,
        )

    def _accept(self, declaration: Declaration) -> dict[str, object]:
        """What to keep of a declaration that is used now, for the first time, and that we can open."""
        if not self._assembled.state.claim(f"assertion:{declaration.frame.id}", _ASSERTION_TTL):
            raise Replayed("ID: the Assertion was used before")
        kept = keep(declaration)
        for _ in open_subjects(kept, self._assembled.signer, self._assembled.party.entity_id):
            pass  # opened now, so that a failure is found here and not on the page
        open_attributes(kept, self._assembled.signer, self._assembled.party.entity_id)
        return kept

    def outcome(self, flow: str) -> Response:
        """The page with what came of a login, in the browser it was begun in only."""
        bound = is_flow_id(flow) and self._binder.is_bound(request, flow)
        login = self._flows.find(flow) if bound else None
        if login is None or login.ended is None:
            return see_other("/")
        way_out = shown.WayOut(f"/login/{flow}/logout", self._binder.token(request, flow))
        key, us = self._assembled.signer, self._assembled.party.entity_id
        return make_response(shown.page(login, key, us, way_out))

    def log_out(self, flow: str) -> Response:
        """End everything this browser has here, and send it to the makelaar to end the rest.

        Afsprakenstelsel, Single sign-on and user sessions: cookies and session go first.
        """
        makelaar, binding = self._makelaar(), _BINDINGS.get(request.form.get("binding", "redirect"))
        if not is_flow_id(flow) or not self._binder.accepts(request, flow):
            return see_other("/")
        login = self._flows.end(flow)
        if login is None or login.ended != Ended.LOGGED_IN or makelaar is None or binding is None:
            return see_other("/")
        try:
            delivery = ask_to_log_out(self._assembled, makelaar, login.outcome, binding=binding)
        except LookupError:
            log.warning("makelaar_without_logout", partner=makelaar.entity_id)
            return error_page(404, "niet-gevonden")
        response = deliver(delivery, makelaar.display_name(current_language()))
        self._binder.release_all(request, response)
        log.info("logged_out", service_id=login.service_id)
        return response

    def catalogue(self) -> Response:
        """The dienstencatalogus, for the makelaar to register."""
        return xml(make_own_catalogue(self._assembled), "application/xml")

    def _makelaar(self) -> Partner | None:
        return next(iter(self._assembled.station.partners.in_role(Role.HM)), None)

    def _error(self, detail: str) -> Response:
        page = render_template("dv_error.html", detail=detail, reference=None, messages=[])
        return make_response(page, 400)


def _ended(login: Login, ended: Ended, outcome: dict[str, object]) -> Login:
    return replace(login, ended=ended.value, outcome=outcome)


def _status(opened: OpenedResponse) -> dict[str, object]:
    status = opened.response.status
    codes = [code for code in (status.top, status.second) if code]
    return {"codes": codes, "message": status.message, "reason": status.reason}
