"""What every embedded party begins with: a party put together, and a Flask application with its templates."""

from flask import Flask

from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.web import install
from broker.network.nasty.party import allowed_plan
from broker.network.nasty.party import misbehaving
from broker.network.nasty.party import surround
from broker.settings import Party
from broker.settings import Settings


def embed(settings: Settings, party: Party) -> tuple[Flask, Assembled]:
    """The application, with the endpoints that every party has, and the party behind it.

    This is the one place where a party is made to misbehave, when the settings say so. Raises what ``assemble``,
    ``allowed_plan`` and ``misbehaving`` raise.
    """
    plan = allowed_plan(settings, party)
    assembled = assemble(settings, party)
    conduct = None
    if plan is not None:
        assembled, conduct = misbehaving(assembled, plan)
    app = Flask("broker.network", template_folder="templates")
    install(app, assembled)
    if conduct is not None:
        surround(app, conduct)
    return app, assembled
