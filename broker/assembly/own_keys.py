"""The keys of the makelaar as its processes open them; the first one is taken from the files that are there."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from broker.domain.own_keys import KeyState
from broker.domain.own_keys import OwnKey
from broker.ports.changes import Change
from broker.ports.own_keys import KeysChanged
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.signers.files import FileSigner
from broker.signers.files import UnusableKey
from broker.signers.ring import KeyRing
from broker.storage.own_keys import SqlOwnKeyStore

BY_ITSELF = "makelaar"
"""Who changed a key in the history, when nobody asked."""


def open_key_ring(settings: Settings, engine: Engine, now: datetime) -> KeyRing:
    """The keys of the makelaar. Raises ``UnusableKey`` when there is none to sign with.

    Whoever never rolled a key has one: that of ``signing.key`` and ``.crt``, active since the first start. When those
    files were replaced by hand, that is the new one, as long as it is the only one.
    """
    store = SqlOwnKeyStore(engine)
    stem = settings.key_stem(MAKELAAR)
    known = store.all()
    if not known:
        signer = FileSigner.load(stem)
        first = OwnKey(stem.name, signer.key_name, signer.certificate_der, now, active_at=now)
        # Another process may have been first; then its row is the same, or this one's files are not.
        store.add(first, Change(now, BY_ITSELF, "key-registered", first.name))
    elif len(known) == 1 and known[0].name == stem.name:
        _take_replaced(store, known[0], FileSigner.load(stem), now)
    return KeyRing(store, stem.parent, now)


def require_folder(settings: Settings) -> None:
    """Raise ``UnusableKey`` where there can be no key, before a database is made there."""
    folder = settings.key_stem(MAKELAAR).parent
    if not folder.is_dir():
        raise UnusableKey(f"{folder}: not there")


def _take_replaced(store: SqlOwnKeyStore, known: OwnKey, signer: FileSigner, now: datetime) -> None:
    if signer.key_name == known.fingerprint or known.state(now) is not KeyState.ACTIVE:
        return
    changed = replace(known, fingerprint=signer.key_name, certificate=signer.certificate_der)
    try:
        store.replace([(known, changed)], Change(now, BY_ITSELF, "key-replaced", known.name))
    except KeysChanged:
        raise UnusableKey(f"{known.name}.key and .crt were replaced while other processes started") from None
