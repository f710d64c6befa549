"""What a party that misbehaves has at hand: keys that are wrong, another party's identity, and what it said before."""

from collections import deque
from dataclasses import dataclass
from dataclasses import field
from threading import Condition
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa

from broker.exchange.own import Own
from broker.ports import Signer

KEPT: Final = 50
"""Earlier messages that are kept to be said again."""

PATIENCE: Final = 0.5
"""Seconds that one answer waits for another to be swapped with."""


@dataclass(frozen=True, slots=True)
class Impostor:
    """Another party of the box, whose key we happen to have: its EntityID and key."""

    entity_id: str
    key: Signer


@dataclass(frozen=True, slots=True)
class WrongKey:
    """A key under the name and certificate of another one."""

    right: Signer
    key: rsa.RSAPrivateKey

    @classmethod
    def like(cls, right: Signer) -> "WrongKey":
        """A new key that says it is the one in the metadata."""
        return cls(right, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @property
    def key_name(self) -> str:
        """The name of the right key."""
        return self.right.key_name

    @property
    def certificate_der(self) -> bytes:
        """The certificate of the right key."""
        return self.right.certificate_der

    def sign(self, data: bytes) -> bytes:
        """A signature that the certificate does not fit."""
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def unwrap(self, wrapped: bytes) -> bytes:
        """As the right key does."""
        return self.right.unwrap(wrapped)


class _Place:
    def __init__(self, message: bytes) -> None:
        self.message = message
        self.received: bytes | None = None


class Swap:
    """Where two answers of one moment change places."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._condition = Condition()
        self._waiting: _Place | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether an answer waits for another: the next one has to do."""
        return self._waiting is not None

    def change(self, message: bytes, patience: float = PATIENCE) -> bytes | None:
        """The message of somebody else, who gets this one; None when nobody came in time."""
        with self._condition:
            if self._waiting is not None:
                other, self._waiting = self._waiting, None
                other.received = message
                self._condition.notify_all()
                return other.message
            place = self._waiting = _Place(message)
            self._condition.wait_for(lambda: place.received is not None, patience)
            if place.received is None:
                self._waiting = None
            return place.received


@dataclass(frozen=True, slots=True)
class Hands:
    """The tools of one party in this process. ``wrong`` is a key that no metadata holds."""

    own: Own
    wrong: Signer
    other: Impostor
    said: deque[bytes] = field(default_factory=lambda: deque(maxlen=KEPT), repr=False)
    swap: Swap = field(default_factory=Swap)
