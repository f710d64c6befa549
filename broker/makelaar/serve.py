"""The entry of gunicorn for the makelaar."""

from flask import Flask

from broker.makelaar.app import create_app
from broker.settings import Settings


def application() -> Flask:
    """The makelaar with the settings of the environment."""
    return create_app(Settings())
