"""Connections of the listener with mutual TLS: a handshake is bounded in time, and a refused one told in the log."""

import errno
import socket
import ssl

import structlog

from broker.saml.policy import FRONT

log = structlog.get_logger()

_LINGER_SECONDS = 0.5
"""For each piece of what a refused client still sends. Past it: connection closed."""

_LINGER_BYTES = 64 * 1024
"""Of what a refused client still sends: more than a certificate with its chain. Past it: connection closed."""


class Line(ssl.SSLSocket):
    """One connection of the listener."""

    def do_handshake(self, block: bool = False) -> None:
        """As ``ssl.SSLSocket``; raises ConnectionResetError for every failure, which gunicorn passes over."""
        self.settimeout(FRONT.handshake_seconds)
        try:
            super().do_handshake(block)
        except ssl.SSLCertVerificationError as error:
            self._refuse(error.verify_message)
        except ssl.SSLEOFError:
            raise gone() from None  # somebody who only looked whether the port is open
        except ssl.SSLError as error:
            self._refuse((error.reason or "no handshake").replace("_", " ").lower())
        except TimeoutError:
            self._refuse("no handshake in time")
        self.settimeout(None)

    def _refuse(self, reason: str) -> None:
        log.warning("client_certificate_refused", reason=reason)
        self._let_alert_arrive()
        raise gone()

    def _let_alert_arrive(self) -> None:
        """Read what is still under way: a socket closed over unread data is reset, and our alert with it."""
        try:
            self.shutdown(socket.SHUT_WR)
            self.settimeout(_LINGER_SECONDS)
            read = 0
            while read < _LINGER_BYTES and (data := self.recv(4096)):
                read += len(data)
            self.shutdown(socket.SHUT_RD)
        except OSError:
            return


class Context(ssl.SSLContext):
    """A context of which the connections are ``Line``s."""

    sslsocket_class = Line


def gone() -> ConnectionResetError:
    """What is raised for a connection that came to nothing."""
    return ConnectionResetError(errno.ECONNRESET, "no handshake")
