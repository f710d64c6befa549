"""The machtigingenregister as a Flask application: a question in, at most one page, an answer out."""

import structlog
from flask import Flask
from flask import Response

from broker.assembly import paths
from broker.assembly.binder import Binder
from broker.assembly.web import soap_fault
from broker.assembly.web import soap_request
from broker.assembly.web import xml
from broker.exchange.http import PartnerUnavailable
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.embedding import embed
from broker.network.flows import TTL
from broker.network.machtigingenregister.chain import ChainDesk
from broker.network.machtigingenregister.declarations import Declarer
from broker.network.machtigingenregister.views import Views
from broker.saml.errors import SamlError
from broker.saml.soap import CONTENT_TYPE
from broker.settings import Party
from broker.settings import Settings
from broker.signers.secret import load_secret
from broker.storage.machtigingen import SqlMachtigingenStore

log = structlog.get_logger()


def create_app(settings: Settings, party: Party) -> Flask:
    """The application of one embedded machtigingenregister."""
    app, assembled = embed(settings, party)
    binder = Binder(party.name, app.extensions["screens"], assembled.state, TTL)
    secret = load_secret(settings.folder(party) / "pseudonyms.secret")
    store, catalogue = SqlMachtigingenStore(assembled.engine), Dienstencatalogus()
    declarer = Declarer(assembled, secret)
    desk = ChainDesk(assembled, store, catalogue, declarer)
    views = Views(assembled, binder, store, catalogue, declarer, secret)
    app.add_url_rule(paths.MR_DECISION, "decision", views.decision, methods=["GET", "POST"])
    app.add_url_rule("/choice/<flow_id>", "choice", views.show)
    app.add_url_rule("/choice/<flow_id>", "choose", views.act, methods=["POST"])
    app.add_url_rule(paths.MR_CHAIN, "chain", lambda: _answer_chain(desk), methods=["POST"])
    return app


def _answer_chain(desk: ChainDesk) -> Response:
    body = soap_request()
    if body is None:
        return Response("text/xml is expected here\n", status=415, content_type="text/plain")
    try:
        return xml(desk.answer(body), CONTENT_TYPE)
    except SamlError as error:
        log.warning("chain_question_refused", code=error.code, reason=str(error))
        return soap_fault("Client", "the question was refused")
    except PartnerUnavailable as error:
        log.warning("catalogue_unavailable", reason=str(error))
        return soap_fault("Server", "the dienstencatalogus is not available")
