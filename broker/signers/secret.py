"""A secret of one party, made once and kept beside its keys."""

import os
import secrets
from pathlib import Path

_BYTES = 32


def load_secret(path: Path) -> bytes:
    """The 32 random bytes in this file, which only its owner can read; made when there is none.

    Several processes may start at once: the file appears whole or not at all, and the first one counts.
    Raises ValueError when the file holds something else, OSError when it cannot be read or made.
    """
    if not path.exists():
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        try:
            os.link(part, path)
        except FileExistsError:
            pass  # another process was first
        finally:
            part.unlink()
    secret = path.read_bytes()
    if len(secret) != _BYTES:
        raise ValueError(f"{path} does not hold a secret of {_BYTES} bytes")
    return secret
