"""The listener of the back channel, as gunicorn is configured with it: ``--config python:broker.makelaar.listener``.

With ``back_channel = "tls"`` it ends TLS and asks for a client certificate.
"""

import ssl
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from broker.assembly.logs import configure
from broker.exchange.handshake import gone
from broker.makelaar.back_channel import create_app
from broker.makelaar.trust import Trust
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry

log = structlog.get_logger()


def application() -> Flask:
    """The back channel with the settings of the environment."""
    return create_app(_settings)


# What gunicorn reads of this module.

_settings = Settings()
_trust = Trust(_settings, SqlRegistry(make_engine(_settings.database(MAKELAAR))))

umask = 0o117
"""Of the Unix socket: its owner and group may open it, since whoever opens it may name any client certificate."""

if _settings.back_channel_socket and _settings.back_channel == "proxy":
    bind = f"unix:{_settings.back_channel_socket.resolve()}"
else:
    bind = f"{_settings.host}:{_settings.port + BACK_CHANNEL_OFFSET}"

if _settings.back_channel == "tls":
    certfile = str(_settings.listener_stem.with_suffix(".crt"))
    keyfile = str(_settings.listener_stem.with_suffix(".key"))


def on_starting(_server: Any) -> None:
    """Find out at the start, not at the first partner, that a certificate or key is of no use."""
    configure(MAKELAAR.name)
    if _settings.back_channel == "tls":
        _trust.context()


def ssl_context(_config: Any, _default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Asked by gunicorn for every connection."""
    try:
        return _trust.context()
    except SQLAlchemyError as error:
        log.error("trust_unavailable", error=type(error).__name__)
        raise gone() from None
