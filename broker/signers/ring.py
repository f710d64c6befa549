"""The key of the makelaar that signs at this moment, in a process that learns of new keys while it runs.

Which key it is follows from moments in the store and the clock, so all processes and nodes change at one instant. The
moments are read again every few seconds, by whichever signature comes first; private keys are loaded beforehand, in a
thread of their own.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from threading import Thread

import structlog
from sqlalchemy.exc import SQLAlchemyError

from broker.domain.own_keys import KeyState
from broker.domain.own_keys import OwnKey
from broker.domain.own_keys import published_keys
from broker.domain.own_keys import signing_keys
from broker.ports import Signer
from broker.ports.own_keys import OwnKeyStore
from broker.signers.files import FileSigner
from broker.signers.files import UnusableKey

log = structlog.get_logger()

POLL_SECONDS = 2.0
"""How long a process goes on before it looks whether keys changed. It then is one small query of one thread."""

STALE_SECONDS = 5.0
"""How old the moments may be of which a signature is made: a process that had nothing to do looks first.

Whoever changes a key does so at least this long ahead (``saml.policy.LIFETIMES.key_lead``)."""


class KeyRing:
    """The own keys of one process. Safe for threads, and to be made before gunicorn forks."""

    def __init__(
        self, store: OwnKeyStore, folder: Path, now: datetime, tick: Callable[[], float] = time.monotonic
    ) -> None:
        """Load what may be needed: keys are ``<folder>/<name>.key`` and ``.crt``. ``tick`` counts seconds.

        Raises ``UnusableKey`` when there is none to sign with, and whatever the database raises.
        """
        self._store = store
        self._folder = folder
        self._tick = tick
        self._lock = Lock()
        self._loading = Lock()
        self._signers: dict[str, FileSigner] = {}
        self._absent: dict[str, str] = {}
        self._keys = tuple(store.all())
        self._read_at = tick()
        self._load(self._keys, now)
        self._signer(now)

    def at(self, moment: datetime) -> Signer:
        """The key to sign with at this moment. Raises ``UnusableKey`` when this process has none.

        A node that misses the file of the active key goes on with the one before, as long as partners believe that.
        """
        self._refresh(moment)
        return self._signer(moment)

    def published(self, moment: datetime) -> tuple[OwnKey, ...]:
        """The keys that metadata holds at this moment, the one that signs first."""
        self._refresh(moment)
        return published_keys(self._keys, moment)

    def absent(self) -> dict[str, str]:
        """Why keys that may be needed cannot be used in this process, by name of the key."""
        return dict(self._absent)

    def _signer(self, moment: datetime) -> Signer:
        candidates = signing_keys(self._keys, moment)
        for key in candidates:
            if (signer := self._signers.get(key.fingerprint)) is not None:
                return signer
            if key.name not in self._absent:
                # It came in force while this process had nothing to do.
                self._load([key], moment)
                if (signer := self._signers.get(key.fingerprint)) is not None:
                    return signer
        names = ", ".join(str(self._folder / key.name) for key in candidates) or "none is active"
        reasons = "; ".join(self._absent.values())
        raise UnusableKey(reasons or f"no key of the makelaar to sign with: {names}")

    def _refresh(self, moment: datetime) -> None:
        age = self._tick() - self._read_at
        if age < POLL_SECONDS:
            return
        # One thread looks; the others wait for it only when what they have is too old to sign by.
        if not self._lock.acquire(blocking=age >= STALE_SECONDS):
            return
        try:
            if self._tick() - self._read_at >= POLL_SECONDS:
                self._read(moment)
        finally:
            self._lock.release()

    def _read(self, moment: datetime) -> None:
        try:
            self._keys = tuple(self._store.all())
        except SQLAlchemyError as error:
            # Without a database no login ends; the moments that we know still hold.
            log.error("own_keys_unread", error=type(error).__name__)
        finally:
            self._read_at = self._tick()
        needed = {key.fingerprint for key in self._keys if key.state(moment) is not KeyState.RETIRED}
        if set(self._signers) - needed:
            self._signers = {name: each for name, each in self._signers.items() if name in needed}
        if needed - set(self._signers):
            keys = self._keys
            Thread(target=lambda: self._load(keys, moment), name="own-keys", daemon=True).start()

    def _load(self, keys: tuple[OwnKey, ...] | list[OwnKey], moment: datetime) -> None:
        with self._loading:
            for key in keys:
                if key.fingerprint in self._signers or key.state(moment) is KeyState.RETIRED:
                    continue
                try:
                    signer = load_own_key(self._folder, key)
                except UnusableKey as error:
                    if key.name not in self._absent:
                        log.error("own_key_unusable", reason=f"{key.name}: {error}")
                    self._absent = {**self._absent, key.name: str(error)}
                    continue
                self._signers = {**self._signers, key.fingerprint: signer}
                self._absent = {name: why for name, why in self._absent.items() if name != key.name}


def load_own_key(folder: Path, key: OwnKey) -> FileSigner:
    """The private half of a key of ours. Raises ``UnusableKey`` when its files are not here, or hold another."""
    signer = FileSigner.load(folder / key.name)
    if signer.key_name != key.fingerprint:
        text = f"{folder / key.name}.crt is not the certificate that was announced"
        raise UnusableKey(text, "other", f"{key.name}.crt")
    return signer
