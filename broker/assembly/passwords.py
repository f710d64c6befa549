"""Passwords: argon2id, with the same work for a username that nobody has."""

import secrets
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from argon2.exceptions import VerificationError

# OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

AT_ONCE: Final = 2
"""Hashes computed at the same time per process: each takes its 19 MiB and a core, whoever asks for it.

Past it: the next one waits its turn."""

_gate = threading.BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """The argon2id hash in PHC form."""
    return _HASHER.hash(password)


class PasswordCheck:
    """Checks passwords, a few at a time."""

    def __init__(self) -> None:
        """Make a hash that nobody's password fits, of the same cost as a real one."""
        self._nobody = hash_password(secrets.token_urlsafe(24))

    def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is the one behind the hash; never for None, which takes just as long."""
        with _gate:
            try:
                _HASHER.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None
