"""RSA keys and certificates for tests, made when first asked for, kept for the session, never in the repository."""

import atexit
import shutil
import tempfile
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Lock

from broker.saml.keys import Certificate
from broker.signers.files import FileSigner
from broker.signers.files import make_development_key

_OIN = "00000099000000001000"
_MAKING = Lock()
"""Threads of one test may ask for the same key at once; who comes second finds it there."""


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="test-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def key_stem(name: str) -> Path:
    """Where ``<name>.key`` and ``<name>.crt`` (PEM) stand, for programs that read files."""
    with _MAKING:
        stem = _folder() / name
        make_development_key(stem, name=name, oin=_OIN, now=datetime.now(UTC))
    return stem


@cache
def signer(name: str) -> FileSigner:
    """The private key of the party called ``name``; always the same one within a session."""
    return FileSigner.load(key_stem(name))


@cache
def certificate(name: str) -> Certificate:
    """The certificate of the party called ``name``, as its metadata would give it."""
    own = signer(name)
    return Certificate.from_der(own.certificate_der, own.key_name)


@cache
def expired_certificate(name: str) -> Certificate:
    """A certificate of another key of the party called ``name``, that has expired."""
    stem, then = _folder() / f"{name}-expired", datetime.now(UTC) - timedelta(days=4 * 365)
    make_development_key(stem, name=name, oin=_OIN, now=then)
    return Certificate.from_der(FileSigner.load(stem).certificate_der)


def private_pem(name: str) -> bytes:
    """The private key, PEM."""
    return key_stem(name).with_suffix(".key").read_bytes()


def certificate_pem(name: str) -> bytes:
    """The certificate, PEM."""
    return key_stem(name).with_suffix(".crt").read_bytes()
