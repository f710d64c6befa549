"""Answering without a page: when an earlier login in this browser may stand for a new one.

Afsprakenstelsel, Use cases Single Sign-On. The person decides whether to stay logged in; the rules are in
``domain/sessions.py``.
"""

from dataclasses import dataclass

import structlog
from flask import Request

from broker.domain.identifiers import Oin
from broker.domain.sessions import Wanted
from broker.domain.sessions import may_be_kept
from broker.domain.sessions import may_serve
from broker.exchange.http import PartnerUnavailable
from broker.exchange.own import Clock
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.network.authenticatiedienst.sessions import Session
from broker.network.authenticatiedienst.sessions import Sessions
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.ports import Middel
from broker.ports import MiddelenStore
from broker.saml.errors import SamlError
from broker.saml.partner import Partner

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """Begins, finds and ends sessions by the rules."""

    sessions: Sessions
    middelen: MiddelenStore
    dienstencatalogus: Dienstencatalogus
    clock: Clock

    def supports(self, makelaar: Partner, flow: LoginFlow) -> bool:
        """Whether the service that is logged in to has joined; False when that cannot be known."""
        if flow.dienstverlener is None:
            return False
        try:
            catalogue = self.dienstencatalogus.of(makelaar, None, flow.service_uuid, flow.catalogue)
        except (SamlError, PartnerUnavailable):
            return False
        service = catalogue.declared_for(flow.service_uuid, flow.dienstverlener)
        return service is not None and service.sso_support

    def serve(self, request: Request, flow: LoginFlow, *, force_authn: bool) -> tuple[Session, Middel] | None:
        """The session in this browser that answers the request, extended, and its middel; None to log in.

        A request for a new login ends the session that is there.
        """
        session = self.sessions.find(request)
        if session is None:
            return None
        if force_authn:
            self.sessions.end(session)
            return None
        if not flow.single_sign_on or flow.dienstverlener is None:
            return None
        now = self.clock()
        wanted = Wanted(flow.required, Oin(flow.dienstverlener), force_authn, flow.single_sign_on)
        if not may_serve(session.signed_on, wanted, now):
            return None
        middel = self.middelen.find(session.username)
        if middel is None or middel.level is not session.signed_on.level:
            return None  # withdrawn or changed since
        return (session, middel) if self.sessions.extend(session, now) else None

    def keep(self, request: Request, flow: LoginFlow, middel: Middel) -> Session | None:
        """The new session of a login, None when it may not or should not stand for later ones."""
        kept = flow.stay and may_be_kept(middel.level, sso_support=flow.single_sign_on)
        previous = self.sessions.find(request)
        if previous is not None and (kept or previous.username != middel.username):
            self.sessions.end(previous)
        if not kept or flow.dienstverlener is None:
            return None
        return self.sessions.begin(middel.username, middel.level, Oin(flow.dienstverlener), self.clock())
