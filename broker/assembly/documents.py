"""The metadata that a party serves: files, or for the makelaar whatever its keys are at this moment."""

from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from broker.assembly.publication import documents_of_makelaar
from broker.domain.own_keys import OwnKey
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.ports import Signer
from broker.saml.keys import Certificate
from broker.settings import Settings


class Documents(Protocol):
    """What a party publishes, by name."""

    def find(self, name: str) -> bytes | None:
        """The document as it is now; None when there is none of this name."""


class FileDocuments:
    """Documents that were written when the party was set up."""

    def __init__(self, folder: Path) -> None:
        """``folder`` need not be there yet."""
        self._folder = folder

    def find(self, name: str) -> bytes | None:
        """The file as it is now."""
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None


class PublishedKeys(Protocol):
    """Keys, and which of them metadata holds."""

    def at(self, moment: datetime) -> Signer:
        """The key to sign with."""

    def published(self, moment: datetime) -> tuple[OwnKey, ...]:
        """The keys that metadata holds, the one that signs first."""


class RolledDocuments:
    """The metadata of the makelaar, made again when a key comes or goes, in every process for itself."""

    def __init__(self, settings: Settings, keys: PublishedKeys, clock: Clock = system_clock) -> None:
        """Nothing is made before it is asked for."""
        self._settings = settings
        self._keys = keys
        self._clock = clock
        self._lock = Lock()
        self._made: tuple[tuple[str, ...], dict[str, bytes]] = ((), {})

    def find(self, name: str) -> bytes | None:
        """The document with the keys of this moment."""
        return self.every().get(name)

    def every(self) -> dict[str, bytes]:
        """All documents with the keys of this moment, by name."""
        now = self._clock()
        key = self._keys.at(now)
        further = [each for each in self._keys.published(now) if each.fingerprint != key.key_name]
        names = (key.key_name, *(each.fingerprint for each in further))
        with self._lock:
            if self._made[0] != names:
                certificates = tuple(Certificate.from_der(each.certificate) for each in further)
                self._made = (names, documents_of_makelaar(self._settings, key, certificates))
            return self._made[1]
