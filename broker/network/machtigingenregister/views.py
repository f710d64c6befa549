"""The pages through which a person goes at the machtigingenregister."""

from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import structlog
from flask import Response
from flask import make_response
from flask import request

from broker.assembly.binder import Binder
from broker.assembly.party import Assembled
from broker.assembly.web import deliver
from broker.assembly.web import error_page
from broker.assembly.web import incoming
from broker.assembly.web import see_other
from broker.exchange.http import PartnerUnavailable
from broker.network.consent import FIELD
from broker.network.consent import LACKING
from broker.network.consent import Question as Asked
from broker.network.consent import withheld
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.flows import Flows
from broker.network.machtigingenregister.consenting import company_questions
from broker.network.machtigingenregister.consenting import passed_on
from broker.network.machtigingenregister.declarations import Declarer
from broker.network.machtigingenregister.options import Decision
from broker.network.machtigingenregister.options import Option
from broker.network.machtigingenregister.options import decide
from broker.network.machtigingenregister.options import known_organisation
from broker.network.machtigingenregister.questions import Question
from broker.network.machtigingenregister.questions import consumer
from broker.network.machtigingenregister.questions import read_again
from broker.network.machtigingenregister.questions import receive
from broker.network.machtigingenregister.questions import understand
from broker.network.machtigingenregister.shown import show_choice
from broker.network.machtigingenregister.shown import show_consent
from broker.network.machtigingenregister.shown import show_refusal
from broker.network.pages import bound_flow
from broker.network.pages import remember_way
from broker.network.pages import same_way
from broker.network.responses import NOT_DELIVERABLE
from broker.network.responses import answer
from broker.network.responses import refused
from broker.ports import MachtigingenStore
from broker.ports import Role
from broker.saml.assertion import require_in_force
from broker.saml.decision_query import DecisionQuery
from broker.saml.errors import NobodyToEncryptFor
from broker.saml.errors import SamlError
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.saml.status import Status
from broker.saml.status import request_unsupported
from broker.saml.status import responder_failed
from broker.screens import current_language

log = structlog.get_logger()

_LONGEST_SEARCH = 100
"""Characters of what is searched for among companies; names are shorter, and it is kept with the question.

Past it: the rest is not looked for."""


@dataclass(frozen=True, slots=True)
class DecisionFlow:
    """A question that is being answered, as the state store keeps it.

    ``question`` is the message as it arrived (base64): who it is about stays encrypted in it, and each page decides
    anew, so that a revocation counts at once. ``notice`` is the key of a text to show, ``searched`` what to look for.
    ``chosen`` names the option for which the person must still say which attributes may go, ``withheld`` the labels of
    the required ones to which they did not consent.
    """

    makelaar: str
    question: str = field(repr=False)
    relay_state: str | None
    notice: str | None = None
    searched: str = field(default="", repr=False)
    chosen: str | None = None
    withheld: tuple[str, ...] = ()


class Views:
    """A question comes in; with one possible answer it goes out at once, otherwise the person sees a page."""

    def __init__(
        self,
        assembled: Assembled,
        binder: Binder,
        store: MachtigingenStore,
        dienstencatalogus: Dienstencatalogus,
        declarer: Declarer,
        secret: bytes,
    ) -> None:
        """``secret`` is the register's own; it keeps choices in forms opaque."""
        self._assembled = assembled
        self._binder = binder
        self._flows = Flows(assembled.state, DecisionFlow)
        self._store = store
        self._dienstencatalogus = dienstencatalogus
        self._declarer = declarer
        self._secret = secret

    def decision(self) -> Response:
        """Take a question in. Until it is proven to be a makelaar's, whatever is wrong ends on a page here."""
        try:
            arrived = incoming("SAMLRequest")
            makelaar, raw, query = receive(self._assembled, arrived)
        except SamlError as error:
            log.warning("question_refused", code=error.code, reason=str(error))
            return error_page(400, error.code)
        except PartnerUnavailable as error:
            log.warning("makelaar_unavailable", reason=str(error))
            return error_page(502, "storing")
        flow = DecisionFlow(makelaar.entity_id, b64encode(raw).decode(), arrived.relay_state)
        question = self._understand(makelaar, query)
        if isinstance(question, Status):
            return self._send(makelaar, flow, query, question)
        decision = self._decide(question)
        if decision.only_undeliverable:
            return self._send(makelaar, flow, query, NOT_DELIVERABLE)
        asked: tuple[Asked, ...] | None = ()
        if len(decision.options) == 1:
            asked = company_questions(question, self._store, decision.options[0])
            if not asked:
                outcome = LACKING if asked is None else self._declare(makelaar, question, decision.options[0])
                return self._send(makelaar, flow, query, outcome)
        flow_id = self._flows.begin(flow)
        if asked:
            (chosen,) = self._choices(flow_id, decision)
            self._flows.save(flow_id, replace(flow, chosen=chosen))
        response = see_other(f"/choice/{flow_id}")
        self._binder.bind(request, response, flow_id)
        return response

    def show(self, flow_id: str) -> Response:
        """The choice of companies, or why there is none; then which of the company's attributes may go."""
        found = self._find(flow_id)
        if isinstance(found, Response):
            return found
        flow, _, question = found
        decision = self._decide(question)
        action, token = f"/choice/{flow_id}", self._binder.token(request, flow_id)
        if not decision.options:
            return make_response(show_refusal(question, decision, action, token))
        choices = self._choices(flow_id, decision)
        if flow.chosen in choices:
            asked = company_questions(question, self._store, choices[flow.chosen]) or ()
            return make_response(show_consent(question, asked, flow.withheld, flow.notice, action, token))
        page = show_choice(
            question,
            self._store,
            choices,
            searched=flow.searched,
            notice=flow.notice,
            action=action,
            token=token,
        )
        return make_response(page)

    def act(self, flow_id: str) -> Response:
        """What the person did on that page."""
        found = self._find(flow_id)
        if isinstance(found, Response):
            return found
        flow, makelaar, question = found
        if not self._binder.accepts(request, flow_id):
            return self._again(flow_id, replace(flow, notice="mr.error.form_expired"))
        action = request.form.get("do", "choose")
        if action == "cancel":
            reason = "toestemming-geweigerd" if flow.withheld else "geannuleerd"
            return self._end(flow_id, makelaar, question, refused(reason))
        if action == "search":
            searched = request.form.get("q", "")[:_LONGEST_SEARCH]
            return self._again(flow_id, replace(flow, notice=None, searched=searched))
        decision = self._decide(question)
        if not decision.options:
            return self._end(flow_id, makelaar, question, refused(decision.reason))
        choices = self._choices(flow_id, decision)
        # Who went back to the list and chooses again means that.
        if flow.chosen in choices and "company" not in request.form:
            return self._consent(flow_id, flow, makelaar, question, choices[flow.chosen])
        chosen = request.form.get("company", "")
        option = choices.get(chosen)
        if option is None:
            return self._again(flow_id, replace(flow, chosen=None, notice="mr.error.choose_one"))
        asked = company_questions(question, self._store, option)
        if asked:
            return self._again(flow_id, replace(flow, chosen=chosen, notice=None))
        outcome = LACKING if asked is None else self._declare(makelaar, question, option)
        return self._end(flow_id, makelaar, question, outcome)

    def _consent(
        self, flow_id: str, flow: DecisionFlow, makelaar: Partner, question: Question, option: Option
    ) -> Response:
        """Which attributes of the chosen company the person lets us pass on."""
        if request.form.get("do") != "consent":
            return self._again(flow_id, replace(flow, withheld=(), notice=None))
        asked = company_questions(question, self._store, option)
        if asked is None:
            return self._end(flow_id, makelaar, question, LACKING)
        ticked = request.form.getlist(FIELD)
        if lacking := withheld(asked, ticked):
            return self._again(flow_id, replace(flow, withheld=lacking, notice=None))
        return self._end(
            flow_id, makelaar, question, self._declare(makelaar, question, option, asked, ticked)
        )

    def _find(self, flow_id: str) -> tuple[DecisionFlow, Partner, Question] | Response:
        flow = bound_flow(self._flows, self._binder, flow_id)
        if flow == "sessie-verlopen" and self._binder.accepts(request, flow_id):
            return same_way(self._assembled.state, flow_id)
        if isinstance(flow, str):
            return error_page(400, flow)
        try:
            makelaar = self._assembled.station.partners.find(flow.makelaar, Role.HM)
            query = read_again(makelaar, b64decode(flow.question))
            return flow, makelaar, understand(self._assembled, self._dienstencatalogus, makelaar, query)
        except SamlError as error:
            return error_page(400, error.code)
        except PartnerUnavailable:
            return error_page(503, "storing")

    def _understand(self, makelaar: Partner, query: DecisionQuery) -> Question | Status:
        try:
            question = understand(self._assembled, self._dienstencatalogus, makelaar, query)
            require_in_force(question.login.said.frame, self._assembled.station.own.clock())
        except NobodyToEncryptFor as error:
            log.error("nobody_to_encrypt_for", service_id=query.service_id, reason=str(error))
            return NOT_DELIVERABLE
        except SamlError as error:
            log.warning(
                "question_unsupported", partner=makelaar.entity_id, code=error.code, reason=str(error)
            )
            return request_unsupported(error.told, error.code)
        except PartnerUnavailable as error:
            log.warning("catalogue_unavailable", partner=makelaar.entity_id, reason=str(error))
            return responder_failed("the dienstencatalogus is not available", "machtigingenregister-fout")
        return question

    def _decide(self, question: Question) -> Decision:
        now = self._assembled.station.own.clock()
        return decide(
            self._store, question.subject, question.service, question.query.level, now, question.behind
        )

    def _choices(self, flow_id: str, decision: Decision) -> dict[str, Option]:
        secret = self._secret + flow_id.encode()
        return {option.choice_id(secret): option for option in decision.options}

    def _declare(
        self,
        makelaar: Partner,
        question: Question,
        option: Option,
        asked: tuple[Asked, ...] = (),
        ticked: Iterable[str] = (),
    ) -> bytes | Status:
        recipient = consumer(makelaar, question.query).location
        new_id = self._assembled.station.own.new_id
        attributes = passed_on(question, self._store, option, asked, ticked, new_id)
        if option.confirm_at is None:
            organisation = known_organisation(self._store, option.proof.company)
            return self._declarer.direct(question, option.proof, organisation, recipient, attributes)
        try:
            return self._declarer.first_half(question, option.proof, option.confirm_at, recipient, attributes)
        except UnknownPartner:
            log.error("second_register_unknown", partner=option.confirm_at)
            return responder_failed("the second register is not known here", "machtigingenregister-fout")
        except NobodyToEncryptFor as error:
            log.error("nobody_to_encrypt_for", partner=option.confirm_at, reason=str(error))
            return NOT_DELIVERABLE

    def _again(self, flow_id: str, flow: DecisionFlow) -> Response:
        self._flows.save(flow_id, flow)
        return see_other(f"/choice/{flow_id}")

    def _end(self, flow_id: str, makelaar: Partner, question: Question, outcome: bytes | Status) -> Response:
        """Answer the makelaar, once."""
        flow = self._flows.end(flow_id)
        if flow is None:
            return same_way(self._assembled.state, flow_id)
        response = self._send(makelaar, flow, question.query, outcome)
        self._binder.release(response, flow_id)
        return remember_way(self._assembled.state, flow_id, response)

    def _send(
        self, makelaar: Partner, flow: DecisionFlow, query: DecisionQuery, outcome: bytes | Status
    ) -> Response:
        reason = outcome.reason if isinstance(outcome, Status) else "permit"
        log.info("question_answered", partner=makelaar.entity_id, service_id=query.service_id, outcome=reason)
        delivery = answer(
            self._assembled,
            makelaar.entity_id,
            consumer(makelaar, query),
            request_id=query.id,
            relay_state=flow.relay_state,
            outcome=outcome,
        )
        return deliver(delivery, makelaar.display_name(current_language()))
