"""The entry of gunicorn for what operators use: the console, and under ``/v1`` the API for their programs."""

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from broker.api.app import create_api
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.strangers import at_own_host
from broker.console.app import configure
from broker.console.app import create_app
from broker.settings import MAKELAAR
from broker.settings import Settings


def application() -> Flask:
    """Both, with the settings of the environment."""
    configure()
    return console_and_api(assemble(Settings(), MAKELAAR))


def console_and_api(assembled: Assembled) -> Flask:
    """The console, that hands what begins with ``/v1`` to the API: it knows nothing of sessions and cookies."""
    console, api = create_app(assembled), create_api(assembled)
    mounted = {"/v1": at_own_host(api.wsgi_app, assembled.settings.console_address)}
    console.wsgi_app = DispatcherMiddleware(console.wsgi_app, mounted)  # type: ignore[method-assign]  # Flask says to
    return console
