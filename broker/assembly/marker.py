"""The test marker: how a makelaar shows that it may be attacked, and by whom."""

import hashlib
from typing import Final

from broker.assembly.party import Assembled

MARKER: Final = "makelaar-under-test"
TOKEN: Final = "self-attack:token"  # noqa: S105  # the key under which it stands, not the secret
RUNNING: Final = "self-attack:running"
LASTS_SECONDS: Final = 15 * 60


def show_marker(assembled: Assembled) -> str | None:
    """What the makelaar answers: the marker, and the digest of the secret in its store. None where none is shown."""
    if not assembled.settings.presents_test_marker:
        return None
    token = assembled.state.get(TOKEN)
    return MARKER if token is None else f"{MARKER} {hashlib.sha256(token).hexdigest()}"
