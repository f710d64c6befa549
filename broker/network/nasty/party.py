"""A party that is made to misbehave: the same party, with another sender, another line, and a layer around it."""

from dataclasses import replace

import structlog
from flask import Flask
from flask import Response
from flask import g

from broker.assembly.party import Assembled
from broker.exchange.http import SoapClient
from broker.exchange.tls import client_context
from broker.network.nasty.choosing import EMBEDDED
from broker.network.nasty.choosing import Chooser
from broker.network.nasty.choosing import Plan
from broker.network.nasty.choosing import plan_for
from broker.network.nasty.conduct import Conduct
from broker.network.nasty.fetching import NastyClient
from broker.network.nasty.guard import require_harmless
from broker.network.nasty.hands import Hands
from broker.network.nasty.hands import Impostor
from broker.network.nasty.hands import WrongKey
from broker.network.nasty.layer import NastyLayer
from broker.network.nasty.sending import NastySender
from broker.ports import Role
from broker.settings import AD_SLEUTEL
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import FileSigner

HEADER = "Misbehaved"
"""The header that tells a browser, and whoever tests with one, what was done to the message it carries on."""

log = structlog.get_logger()


def allowed_plan(settings: Settings, party: Party) -> Plan | None:
    """How a party is to misbehave, None when it behaves; to be asked before anything of it is loaded.

    Raises ``UnknownMisbehaviour``, and ``NotForProduction`` unless keys and addresses are those of a box.
    """
    plan = plan_for(settings, party)
    if plan is not None:
        require_harmless(settings, (party, _other(party)))
    return plan


def misbehaving(assembled: Assembled, plan: Plan) -> tuple[Assembled, Conduct]:
    """The party with senders and lines that do as planned, and its conduct. Raises ``UnusableKey``, ``UnusableTls``."""
    settings, party, station = assembled.settings, assembled.party, assembled.station
    other = _other(party)
    impostor = Impostor(other.entity_id, FileSigner.load(settings.key_stem(other)))
    hands = Hands(station.own, WrongKey.like(assembled.signer), impostor)
    conduct = Conduct(Chooser(plan, party.name), hands)
    nasty = replace(station, sender=NastySender(party.role, conduct, station.artifacts))
    if party.role is Role.DV:
        thief = SoapClient(client_context(settings.client_stem(other), settings.server_bundle))
        nasty = replace(nasty, soap=NastyClient(station.soap, conduct, thief))
    log.warning("this party misbehaves on purpose", count=len(plan.choices))
    return replace(assembled, station=nasty), conduct


def surround(app: Flask, conduct: Conduct) -> None:
    """Put the layer around the application, a warning on its pages, and in a header what was done."""
    app.wsgi_app = NastyLayer(app.wsgi_app, conduct)  # type: ignore[method-assign, assignment]  # Flask's own way to wrap
    app.context_processor(lambda: {"misbehaves": True})

    @app.after_request
    def tell(response: Response) -> Response:
        if done := g.get("misbehaved"):
            response.headers[HEADER] = ", ".join(done)
        return response


def _other(party: Party) -> Party:
    """Whose key it happens to have: another party in its role where there is one."""
    others = [each for each in EMBEDDED if each is not party and each.role is party.role]
    return others[0] if others else AD_SLEUTEL
