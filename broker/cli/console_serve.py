"""The entry of gunicorn for what operators use: the console, and beside it the API when that is there."""

from flask import Flask

from broker.assembly.party import assemble
from broker.console.app import configure
from broker.console.app import create_app
from broker.settings import MAKELAAR
from broker.settings import Settings


def application() -> Flask:
    """The console with the settings of the environment."""
    configure()
    return create_app(assemble(Settings(), MAKELAAR))
