"""TLS on the back channel, as strict as the network asks: mutual, and by the NCSC guidelines nothing below "goed".

Afsprakenstelsel, Secure connection; NCSC, ICT-beveiligingsrichtlijnen voor TLS 2.1: TLS 1.3, or 1.2 with ephemeral
keys on curves and authenticated encryption. Contexts are made once, never for a message or a connection.
"""

import ssl
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from broker.exchange.handshake import Context

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Suites of TLS 1.2; those of 1.3 are all good, and not chosen here."""


class UnusableTls(ValueError):
    """A certificate, key or bundle of authorities cannot be read; the text names the file."""


def client_context(stem: Path, authorities: Path, *, system: bool = False) -> ssl.SSLContext:
    """For who asks: presents ``<stem>.crt`` with its key, trusts servers under ``authorities`` (a PEM bundle).

    With ``system`` those of the operating system count too. Names are checked. Raises ``UnusableTls``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    _present(context, stem)
    _trust(context, authorities)
    if system:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return context


def listener_context(
    stem: Path, authorities: Path, pinned: Iterable[bytes] = ()
) -> tuple[ssl.SSLContext, Sequence[bytes]]:
    """For who is asked: a client certificate is required, under ``authorities`` or one of ``pinned`` (DER) itself.

    Beside the context, the pinned certificates that OpenSSL will not have: they must not take the others along.
    Nothing is resumed: each connection proves its key anew, to the trust of that moment. Raises ``UnusableTls``.
    """
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    _present(context, stem)
    _trust(context, authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    refused: list[bytes] = []
    for der in pinned:
        try:
            context.load_verify_locations(cadata=der)
        except (ssl.SSLError, ValueError):
            refused.append(der)
    return context, refused


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # What an operator or a partner's metadata names is an end of the chain, whether self-signed or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _present(context: ssl.SSLContext, stem: Path) -> None:
    try:
        # A password callback that gives none: a key that is locked must fail, not ask on the terminal.
        context.load_cert_chain(stem.with_suffix(".crt"), stem.with_suffix(".key"), password=lambda: "")
    except (OSError, ValueError) as error:
        raise UnusableTls(f"{stem}.crt or .key: {_why(error)}") from None


def _trust(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        context.load_verify_locations(cafile=authorities)
    except (OSError, ValueError) as error:
        raise UnusableTls(f"{authorities}: {_why(error)}") from None


def _why(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
