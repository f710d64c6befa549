"""Getting a document that an operator names: a file, or a URL."""

from pathlib import Path

import click
from cryptography import x509

from broker.cli.environment import read_settings
from broker.exchange.fetching import NotFetched
from broker.exchange.fetching import fetch
from broker.saml.policy import LIMITS


def read_document(source: str, maximum: int = LIMITS.metadata_bytes) -> bytes:
    """The bytes of a file or URL. Raises ``click.ClickException`` that says what to do.

    At most one byte more than ``maximum`` of a file, and of a URL as ``exchange.fetching`` allows.
    """
    if "://" not in source:
        try:
            with Path(source).open("rb") as file:
                # One byte more than is read: whoever parses it says that it is too large.
                return file.read(maximum + 1)
        except OSError as error:
            raise click.ClickException(f"{source}: {error.strerror}. Give a file that can be read.") from None
    try:
        return fetch(source, maximum, read_settings().fetch_networks, here=True)
    except NotFetched as error:
        raise click.ClickException(f"{source}: {error}") from None


def read_certificate(path: Path) -> x509.Certificate:
    """The certificate in a file, PEM or DER. Raises OSError or ValueError."""
    data = path.read_bytes()
    read = x509.load_pem_x509_certificate if b"-----BEGIN" in data else x509.load_der_x509_certificate
    try:
        return read(data)
    except ValueError:
        # What the library says is about ASN.1, and of no help to whoever named the wrong file.
        raise ValueError("not an X.509 certificate") from None
