"""Which servers the documents name, and a TLS handshake with each: only where fetching a document may go."""

import socket
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from broker.checks.families.endpoints import addresses_of
from broker.checks.handshake import Handshake
from broker.checks.looking import Seen
from broker.exchange.fetching import Forbidden
from broker.exchange.fetching import Networks
from broker.exchange.fetching import judged_address

_HTTPS: Final = 443
_TIMEOUT: Final = 5.0
"""Seconds for the connection and the handshake with one server."""
_SERVERS: Final = 10
"""More than anybody has; each costs a connection."""
_PROBLEMS: Final = {
    62: "name",  # X509_V_ERR_HOSTNAME_MISMATCH
    64: "name",  # X509_V_ERR_IP_ADDRESS_MISMATCH
    10: "expired",  # X509_V_ERR_CERT_HAS_EXPIRED
}
"""Codes of OpenSSL; all others are about the chain."""


def shake_hands(seen: Seen) -> tuple[Handshake, ...] | None:
    """A handshake with each server that people are sent to over https; None when nobody asked for it."""
    make = seen.subject.tls
    if make is None or seen.descriptor is None:
        return None
    found: dict[tuple[str, int], None] = {}
    named = [seen.subject.metadata.name] if seen.subject.metadata is not None else []
    for address in (*named, *addresses_of(seen.descriptor)):
        try:
            parts = urlsplit(address.strip())
            if parts.scheme == "https" and parts.hostname:
                found[parts.hostname, parts.port or _HTTPS] = None
        except ValueError:
            continue
    return tuple(make(host, port) for host, port in list(found)[:_SERVERS])


def handshaker(allowed: Networks, authorities: str | None = None) -> Callable[[str, int], Handshake]:
    """What makes a handshake: as a browser does, with addresses on the internet or in ``allowed`` only.

    ``authorities`` is a PEM bundle in the place of those of the system.
    """

    def make(host: str, port: int) -> Handshake:
        try:
            address = judged_address(host, port, allowed)
        except Forbidden as error:
            return Handshake(host, port, problem="forbidden", detail=str(error))
        except OSError as error:
            return Handshake(host, port, problem="unreachable", detail=str(error))
        return _shake(host, port, address, ssl.create_default_context(cafile=authorities))

    return make


def _shake(host: str, port: int, address: str, context: ssl.SSLContext) -> Handshake:
    """One that verifies; when it fails for the certificate, another that does not, to see more."""
    problem, detail = None, ""
    for _ in range(2):
        try:
            with (
                socket.create_connection((address, port), timeout=_TIMEOUT) as connection,
                context.wrap_socket(connection, server_hostname=host) as secured,
            ):
                certificate = secured.getpeercert(binary_form=True) or b""
                return Handshake(host, port, secured.version() or "", certificate, problem, detail)
        except ssl.SSLCertVerificationError as error:
            problem, detail = _PROBLEMS.get(error.verify_code, "chain"), error.verify_message
            context.check_hostname = False
            # Nothing is sent over this connection: it is made to see which certificate the server has.
            context.verify_mode = ssl.CERT_NONE
        except OSError as error:
            return Handshake(host, port, problem="unreachable", detail=str(error))
    return Handshake(host, port, problem=problem, detail=detail)
