"""Getting a document that an operator names: a file, or a URL."""

from pathlib import Path
from urllib.parse import urlsplit

import click
import urllib3
from cryptography import x509

from broker.saml.policy import LIMITS

_TIMEOUT = urllib3.Timeout(connect=5, read=20)


def read_document(source: str, maximum: int = LIMITS.metadata_bytes) -> bytes:
    """The bytes of a file or URL. Raises ``click.ClickException`` that says what to do.

    Of a URL at most ``maximum`` bytes: https, and http on this machine only; redirects are not followed, so that what
    was typed is what is read.
    """
    if "://" not in source:
        try:
            return Path(source).read_bytes()
        except OSError as error:
            raise click.ClickException(f"{source}: {error.strerror}. Give a file that can be read.") from None
    parts = urlsplit(source)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) not in {
        ("http", "localhost"),
        ("http", "127.0.0.1"),
    }:
        raise click.ClickException(f"{source}: use https, or http on localhost.")
    pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
    try:
        answer = pool.request("GET", source, redirect=False, preload_content=False)
        data = answer.read(maximum + 1, decode_content=True)
    except urllib3.exceptions.HTTPError as error:
        raise click.ClickException(
            f"{source}: not reached ({type(error).__name__}). Is the address right?"
        ) from None
    if answer.status != 200:
        raise click.ClickException(
            f"{source}: answered {answer.status}. Give the address of the document itself."
        )
    if len(data) > maximum:
        raise click.ClickException(f"{source}: larger than {maximum // 2**20} MiB.")
    return bytes(data)


def read_certificate(path: Path) -> x509.Certificate:
    """The certificate in a file, PEM or DER. Raises OSError or ValueError."""
    data = path.read_bytes()
    read = x509.load_pem_x509_certificate if b"-----BEGIN" in data else x509.load_der_x509_certificate
    try:
        return read(data)
    except ValueError:
        # What the library says is about ASN.1, and of no help to whoever named the wrong file.
        raise ValueError("not an X.509 certificate") from None
