"""Whether a URL is a makelaar that may be attacked: it presents our test marker, and it is the one of these settings.

A marker that anybody could copy would not do. So the command puts a secret in the state store, and the makelaar at the
URL shows its digest: that proves that the two share their store, and so that whoever attacks runs the makelaar.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3

from broker.assembly import paths
from broker.assembly.marker import LASTS_SECONDS
from broker.assembly.marker import MARKER
from broker.assembly.marker import RUNNING
from broker.assembly.marker import TOKEN
from broker.assembly.party import Assembled


class NotATarget(Exception):
    """The URL may not be attacked; the text says why, and what to do."""


@contextmanager
def may_be_attacked(makelaar: Assembled, url: str) -> Iterator[None]:
    """For as long as it takes, nobody else attacks this makelaar. Raises ``NotATarget``."""
    if url != makelaar.public_url:
        raise NotATarget(
            f"the makelaar of these settings is at {makelaar.public_url}. Name that address, or the settings of the "
            "other: MAKELAAR_DATA=... or MAKELAAR_CONFIG=... makelaar self-attack URL"
        )
    if not makelaar.state.claim(RUNNING, LASTS_SECONDS):
        raise NotATarget(
            "another self-attack on this makelaar is going on; wait for its end. If it was killed, this one may begin "
            "a quarter of an hour after that one did, and removes the partners that it left."
        )
    try:
        token = secrets.token_bytes(32)
        makelaar.state.put(TOKEN, token, LASTS_SECONDS)
        _require_marker(url, hashlib.sha256(token).hexdigest())
        yield
    finally:
        makelaar.state.drop(TOKEN)
        makelaar.state.drop(RUNNING)


def _require_marker(url: str, digest: str) -> None:
    try:
        answer = urllib3.request("GET", url + paths.MARKER, retries=False, redirect=False, timeout=10)
    except urllib3.exceptions.HTTPError as error:
        raise NotATarget(
            f"nothing answers at {url} ({type(error).__name__}). Start it: makelaar run"
        ) from None
    text = answer.data.decode("utf-8", "replace").split()
    if answer.status != 200 or text[:1] != [MARKER]:
        raise NotATarget(
            f"{url} does not present the test marker, so it is not attacked. A makelaar presents it on localhost, or "
            "when its settings say attackable = true; never set that where people log in for real."
        )
    if text[1:] != [digest]:
        raise NotATarget(
            f"{url} has another state store than these settings: it is not the makelaar you run here."
        )
