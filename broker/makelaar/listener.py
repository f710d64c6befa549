"""The listener of the back channel, as gunicorn is configured with it: ``--config python:broker.makelaar.listener``.

With ``back_channel = "tls"`` it ends TLS and asks for a client certificate. What OpenSSL lets in is a certificate under
an authority of ours, or one that stands in the metadata of some partner; which partner, the application judges.
"""

import errno
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import structlog
from cryptography import x509
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from broker.assembly.logs import configure
from broker.exchange.client_certificates import ClientAuthorities
from broker.exchange.partners import Partners
from broker.exchange.tls import listener_context
from broker.makelaar.back_channel import create_app
from broker.ports import Registry
from broker.ports import Role
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry

log = structlog.get_logger()

_HANDSHAKE_SECONDS = 5
_LINGER_SECONDS = 0.5
_LINGER_BYTES = 64 * 1024

Known = tuple[tuple[str, str], ...]
"""(entityID, content hash) of every partner."""


class Line(ssl.SSLSocket):
    """A connection whose handshake is bounded in time, and whose failure is told in the log as what it is."""

    def do_handshake(self, block: bool = False) -> None:
        """As ``ssl.SSLSocket``; raises ConnectionResetError for every failure, which gunicorn passes over."""
        self.settimeout(_HANDSHAKE_SECONDS)
        try:
            super().do_handshake(block)
        except ssl.SSLCertVerificationError as error:
            self._refuse(error.verify_message)
        except ssl.SSLEOFError:
            raise _gone() from None  # somebody who only looked whether the port is open
        except ssl.SSLError as error:
            self._refuse((error.reason or "no handshake").replace("_", " ").lower())
        except TimeoutError:
            self._refuse("no handshake in time")
        self.settimeout(None)

    def _refuse(self, reason: str) -> None:
        log.warning("client_certificate_refused", reason=reason)
        self._let_alert_arrive()
        raise _gone()

    def _let_alert_arrive(self) -> None:
        """Read what is still under way: a socket closed over unread data is reset, and our alert with it."""
        try:
            super().shutdown(socket.SHUT_WR)
            self.settimeout(_LINGER_SECONDS)
            read = 0
            while read < _LINGER_BYTES and (data := self.recv(4096)):
                read += len(data)
            super().shutdown(socket.SHUT_RD)
        except OSError:
            return


class Context(ssl.SSLContext):
    """A context of which the connections are ``Line``s."""

    sslsocket_class = Line


class Trust:
    """TLS contexts that trust the partners as they are registered at that moment."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        """Nothing is read yet."""
        self._settings = settings
        self._registry = registry
        self._partners = Partners(registry, MAKELAAR.oin, settings.lowest_level)
        self._lock = threading.Lock()
        self._made: tuple[Known, ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext:
        """The context for a connection that begins now; made again when a partner changed.

        Raises ``UnusableTls``, and whatever the database raises.
        """
        known: Known = tuple(each for role in Role for each in self._registry.content_hashes(role))
        with self._lock:
            if self._made is None or self._made[0] != known:
                self._made = (known, self._make())
            return self._made[1]

    def _make(self) -> ssl.SSLContext:
        settings = self._settings
        authorities = ClientAuthorities.load(settings.client_bundle)
        pinned: list[bytes] = []
        for role in Role:
            for partner in self._partners.in_role(role):
                for certificate in partner.signing:
                    # OpenSSL finds an issuer by name: one of that name in a partner's metadata would stand in the
                    # way of everybody whom the authority itself certified.
                    if authorities.share_a_name_with(x509.load_der_x509_certificate(certificate.der)):
                        log.warning("partner_certificate_left_out", partner=partner.entity_id)
                    else:
                        pinned.append(certificate.der)
        context, refused = listener_context(settings.listener_stem, settings.client_bundle, pinned, Context)
        if refused:
            log.warning("partner_certificate_left_out", count=len(refused))
        return context


def _gone() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "no handshake")


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
        raise _gone() from None
