"""The authenticatiedienst as a Flask application: a request in, at most two pages, an answer out."""

from dataclasses import replace
from datetime import datetime

import structlog
from flask import Flask
from flask import Response
from flask import make_response
from flask import request

from broker.assembly import paths
from broker.assembly.attempts import Attempts
from broker.assembly.binder import Binder
from broker.assembly.codes import Codes
from broker.assembly.name_hasher import NameHasher
from broker.assembly.party import Assembled
from broker.assembly.passwords import PasswordCheck
from broker.assembly.web import deliver
from broker.assembly.web import error_page
from broker.assembly.web import incoming
from broker.assembly.web import published
from broker.assembly.web import see_other
from broker.exchange.http import PartnerUnavailable
from broker.network.authenticatiedienst.answers import LoggedIn
from broker.network.authenticatiedienst.answers import declare
from broker.network.authenticatiedienst.consenting import WITHDRAWN
from broker.network.authenticatiedienst.consenting import Consenting
from broker.network.authenticatiedienst.delegation import PSEUDONYMS_FILE
from broker.network.authenticatiedienst.delegation import Delegation
from broker.network.authenticatiedienst.login import Login
from broker.network.authenticatiedienst.logout import Logout
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.network.authenticatiedienst.requests import consumer
from broker.network.authenticatiedienst.requests import flow_of
from broker.network.authenticatiedienst.requests import objection
from broker.network.authenticatiedienst.requests import receive
from broker.network.authenticatiedienst.sessions import Sessions
from broker.network.authenticatiedienst.shown import Pages
from broker.network.authenticatiedienst.single_sign_on import SingleSignOn
from broker.network.consent import FIELD
from broker.network.consent import withheld
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.embedding import embed
from broker.network.flows import TTL
from broker.network.flows import Flows
from broker.network.pages import bound_flow
from broker.network.pages import remember_way
from broker.network.pages import same_way
from broker.network.persons import is_test_person
from broker.network.responses import NOT_DELIVERABLE
from broker.network.responses import answer
from broker.network.responses import refused
from broker.ports import Middel
from broker.ports import Role
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import SamlError
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.saml.status import Status
from broker.saml.status import responder_failed
from broker.screens import current_language
from broker.settings import Party
from broker.settings import Settings
from broker.signers.secret import load_secret
from broker.storage.middelen import SqlMiddelenStore

log = structlog.get_logger()


def create_app(settings: Settings, party: Party) -> Flask:
    """The application of one embedded authenticatiedienst."""
    app, assembled = embed(settings, party)
    binder = Binder(party.name, app.extensions["screens"], assembled.state, TTL)
    names = NameHasher(load_secret(settings.folder(party) / "names.secret"))
    codes = Codes(assembled.state, names, lambda username: is_test_person(settings, username))
    attempts = Attempts(assembled.state, names)
    login = Login(SqlMiddelenStore(assembled.engine), PasswordCheck(), codes, attempts)
    catalogus = Dienstencatalogus()
    pages = Pages(assembled, catalogus, codes)
    sessions = Sessions(party.name, app.extensions["screens"], assembled.state)
    single_sign_on = SingleSignOn(sessions, login.middelen, catalogus, assembled.station.own.clock)
    consenting = Consenting(assembled, catalogus)
    flows = Flows(assembled.state, LoginFlow)
    delegation = Delegation(assembled, load_secret(settings.folder(party) / PSEUDONYMS_FILE))
    views = _Views(assembled, binder, flows, login, pages, single_sign_on, consenting, delegation)
    app.add_url_rule(paths.AD_SSO, "sign_on", views.sign_on, methods=["GET", "POST"])
    app.add_url_rule(paths.AD_DELEGATED, "delegated", views.delegated, methods=["GET", "POST"])
    app.add_url_rule(
        paths.AD_DELEGATED_METADATA, "delegated_metadata", lambda: published(assembled, "delegation.xml")
    )
    logout = Logout(assembled, sessions)
    app.add_url_rule(paths.AD_SLO, "log_out", logout.receive, methods=["GET", "POST"])
    app.add_url_rule("/logged-out", "logged_out", logout.show)
    app.add_url_rule("/login/<flow_id>", "login", views.show)
    app.add_url_rule("/login/<flow_id>", "try_login", views.act, methods=["POST"])
    return app


class _Views:
    def __init__(
        self,
        assembled: Assembled,
        binder: Binder,
        flows: Flows[LoginFlow],
        login: Login,
        pages: Pages,
        single_sign_on: SingleSignOn,
        consenting: Consenting,
        delegation: Delegation,
    ) -> None:
        self._assembled = assembled
        self._binder = binder
        self._flows = flows
        self._login = login
        self._pages = pages
        self._single_sign_on = single_sign_on
        self._consenting = consenting
        self._delegation = delegation

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
        wrong = objection(asked, self._assembled.party.level)
        if wrong is not None:
            log.info("request_unsupported", partner=makelaar.entity_id, reason=wrong.reason)
            return self._send(makelaar, asked.id, asked.acs_index, arrived.relay_state, wrong)
        flow = flow_of(asked, arrived.relay_state)
        flow = replace(flow, single_sign_on=self._single_sign_on.supports(makelaar, flow))
        served = self._single_sign_on.serve(request, flow, force_authn=asked.force_authn)
        if served is not None:
            session, middel = served
            known = LoggedIn(middel, session=session)
            found = self._consenting.questions(flow, middel)
            if isinstance(found, Status):
                return self._send_for(makelaar, flow, found)
            if not found:
                return self._send_for(makelaar, flow, self._declare(makelaar, flow, known))
            flow = replace(flow, consenting=middel.username, by_session=True)
        flow_id = self._flows.begin(flow)
        response = see_other(f"/login/{flow_id}")
        self._binder.bind(request, response, flow_id)
        return response

    def show(self, flow_id: str) -> Response:
        """The page this login has come to."""
        flow = bound_flow(self._flows, self._binder, flow_id)
        if isinstance(flow, str):
            return error_page(400, flow)
        action, token = f"/login/{flow_id}", self._binder.token(request, flow_id)
        if flow.consenting is None:
            return make_response(self._pages.show(flow, action, token, self._delegation.providers()))
        middel = self._login.middelen.find(flow.consenting)
        found = WITHDRAWN if middel is None else self._consenting.questions(flow, middel)
        if isinstance(found, Status):
            return self._end(flow_id, found)
        return make_response(self._pages.consent(flow, found, action, token))

    def act(self, flow_id: str) -> Response:
        """What the person did on that page."""
        flow = bound_flow(self._flows, self._binder, flow_id)
        if flow == "sessie-verlopen" and self._binder.accepts(request, flow_id):
            return same_way(self._assembled.state, flow_id)
        if isinstance(flow, str):
            return error_page(400, flow)
        if not self._binder.accepts(request, flow_id):
            return self._again(flow_id, replace(flow, notice="ad.error.form_expired"))
        action = request.form.get("do", "login")
        if flow.consenting is not None:
            return self._consent(flow_id, flow, action)
        if action == "cancel":
            return self._end(flow_id, refused("niveau-te-laag" if flow.too_low else "geannuleerd"))
        if action == "retry" or flow.too_low:
            return self._again(flow_id, replace(flow, too_low=None, notice=None, typed=""))
        if provider := request.form.get("provider"):
            return self._delegate(flow_id, flow, provider)
        now, code = self._assembled.station.own.clock(), request.form.get("otp", "").strip()
        if flow.proven:
            result = self._login.try_code(replace(flow, notice=None), code, now)
        else:
            username, password = request.form.get("username", "").strip(), request.form.get("password", "")
            flow = replace(flow, stay=request.form.get("stay") == "1")
            result = self._login.try_password(flow, username, password, code, now)
        if not isinstance(result, Middel):
            return self._again(flow_id, result)
        return self._logged_in(flow_id, flow, result)

    def _logged_in(self, flow_id: str, flow: LoginFlow, middel: Middel) -> Response:
        """On to the questions about attributes, if there are any, and else to the makelaar."""
        found = self._consenting.questions(flow, middel)
        if isinstance(found, Status):
            return self._end(flow_id, found)
        if not found:
            return self._end(flow_id, LoggedIn(middel, stay=flow.stay))
        return self._again(flow_id, replace(flow, consenting=middel.username, proven=None, notice=None))

    def _consent(self, flow_id: str, flow: LoginFlow, action: str) -> Response:
        """What the person, who has logged in, lets us pass on."""
        if action == "cancel":
            return self._end(flow_id, refused("toestemming-geweigerd" if flow.withheld else "geannuleerd"))
        if action != "consent":
            return self._again(flow_id, replace(flow, withheld=(), notice=None))
        middel = self._login.middelen.find(flow.consenting or "")
        found = WITHDRAWN if middel is None else self._consenting.questions(flow, middel)
        if middel is None or isinstance(found, Status):
            return self._end(flow_id, found if isinstance(found, Status) else WITHDRAWN)
        ticked = request.form.getlist(FIELD)
        if lacking := withheld(found, ticked):
            return self._again(flow_id, replace(flow, withheld=lacking, notice=None))
        served = self._single_sign_on.serve(request, flow, force_authn=False) if flow.by_session else None
        if flow.by_session and (served is None or served[1].username != middel.username):
            # The session ended while the person was reading, so somebody must log in after all.
            return self._again(flow_id, replace(flow, consenting=None, by_session=False))
        attributes = self._consenting.encrypt(flow, found, ticked)
        if isinstance(attributes, Status):
            return self._end(flow_id, attributes)
        session = None if served is None else served[0]
        return self._end(flow_id, LoggedIn(middel, flow.stay, session, attributes))

    def _delegate(self, flow_id: str, flow: LoginFlow, provider: str) -> Response:
        """Send the person to an identity provider of their organisation."""
        try:
            asked, delivery = self._delegation.ask(provider, flow_id)
        except (UnknownPartner, LookupError) as error:
            log.warning("delegation_refused", reason=str(error))
            return self._again(flow_id, replace(flow, notice="ad.error.provider"))
        waiting = replace(flow, notice=None, delegated_to=provider, delegated_request=asked.id)
        self._flows.save(flow_id, replace(waiting, delegated_at=asked.issue_instant.isoformat()))
        return deliver(delivery, dict(self._delegation.providers()).get(provider, provider))

    def delegated(self) -> Response:
        """The identity provider answers. What is not believed leads back to the login page, which says so."""
        try:
            arrived = incoming("SAMLResponse")
        except SamlError as error:
            return error_page(400, error.code)
        flow_id = arrived.relay_state or ""
        flow = bound_flow(self._flows, self._binder, flow_id)
        if isinstance(flow, str):
            return error_page(400, flow)
        asked = replace(flow, delegated_to=None, delegated_request=None, notice="ad.error.provider")
        if flow.delegated_to is None or flow.delegated_request is None:
            return self._again(flow_id, asked)
        try:
            asked_at = datetime.fromisoformat(flow.delegated_at)
            middel = self._delegation.believe(arrived, flow.delegated_to, flow.delegated_request, asked_at)
        except SamlError as error:
            log.warning("delegated_login_refused", partner=flow.delegated_to, reason=str(error))
            return self._again(flow_id, asked)
        if middel is None:
            return self._again(flow_id, replace(asked, notice="ad.error.provider_cancelled"))
        if middel.level < flow.required:
            return self._again(flow_id, replace(asked, notice=None, too_low=middel.level.short))
        return self._logged_in(flow_id, flow, middel)

    def _again(self, flow_id: str, flow: LoginFlow) -> Response:
        self._flows.save(flow_id, flow)
        return see_other(f"/login/{flow_id}")

    def _end(self, flow_id: str, outcome: LoggedIn | Status) -> Response:
        """Answer the makelaar, once."""
        flow = self._flows.end(flow_id)
        if flow is None:
            return same_way(self._assembled.state, flow_id)
        try:
            makelaar = self._assembled.station.partners.find(flow.makelaar, Role.HM)
        except UnknownPartner as error:
            return error_page(400, error.code)
        begun = None
        if isinstance(outcome, Status):
            log.info("login_refused", partner=flow.makelaar, reason=outcome.reason)
            response = self._send_for(makelaar, flow, outcome)
        else:
            if outcome.session is None:
                begun = self._single_sign_on.keep(request, replace(flow, stay=outcome.stay), outcome.middel)
                outcome = replace(outcome, session=begun)
            response = self._send_for(makelaar, flow, self._declare(makelaar, flow, outcome))
        if begun is not None:
            self._single_sign_on.sessions.give(response, begun)
        self._binder.release(response, flow_id)
        return remember_way(self._assembled.state, flow_id, response)

    def _declare(self, makelaar: Partner, flow: LoginFlow, outcome: LoggedIn) -> bytes | Status:
        try:
            declared = declare(self._assembled, makelaar, flow, outcome)
        except UnknownPartner:
            log.error("register_unknown", partner=outcome.middel.register)
            return responder_failed(
                "the register of this middel is not known here", "authenticatiedienst-fout"
            )
        except NobodyToEncryptFor as error:
            log.error("nobody_to_encrypt_for", partner=outcome.middel.register, reason=str(error))
            return NOT_DELIVERABLE
        log.info("login_declared", partner=flow.makelaar, loa=outcome.middel.level.short)
        return declared

    def _send_for(self, makelaar: Partner, flow: LoginFlow, outcome: bytes | Status) -> Response:
        return self._send(makelaar, flow.request_id, flow.acs_index, flow.relay_state, outcome)

    def _send(
        self,
        makelaar: Partner,
        request_id: str,
        acs_index: int | None,
        relay_state: str | None,
        outcome: bytes | Status,
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
