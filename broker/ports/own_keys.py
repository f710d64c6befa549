"""What is kept of the makelaar's own keys; the private halves stay in files or an HSM."""

from collections.abc import Sequence
from typing import Protocol

from broker.domain.own_keys import OwnKey
from broker.ports.changes import Change


class KeysChanged(Exception):
    """Somebody else changed a key meanwhile; look again before deciding."""


class OwnKeyStore(Protocol):
    """The own keys with their moments, one store for all nodes."""

    def all(self) -> Sequence[OwnKey]:
        """Every key, retired ones too, by name. Asked every few seconds by every process: one small query."""

    def add(self, key: OwnKey, change: Change) -> bool:
        """Add a key with its line in the history; False, and nothing is written, when its name is taken."""

    def replace(self, changes: Sequence[tuple[OwnKey, OwnKey]], change: Change) -> None:
        """Put new moments in the place of those that were read, all together with one line in the history.

        Each pair is (as it was read, as it becomes). Raises ``KeysChanged``, and nothing is written, when one is no
        longer as it was read.
        """
