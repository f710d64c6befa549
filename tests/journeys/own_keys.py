"""The own keys of the running box: files of a next one, who has it, and everything as it was afterwards."""

import shutil
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from datetime import datetime

import requests

from broker.assembly import paths
from broker.ports import Role
from broker.ports.changes import Change
from broker.saml.metadata import read_metadata
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.signers.ring import STALE_SECONDS
from broker.storage.engine import make_engine
from broker.storage.own_keys import SqlOwnKeyStore
from broker.storage.registry import SqlRegistry
from tests.box import Box
from tests.keys import key_stem

FIRST = "signing"
PATIENCE = 30.0
"""Seconds in which every party of the box has our metadata, on a machine that is busy."""


def keys(box: Box, *arguments: str) -> str:
    """What `makelaar keys` says, when it succeeds."""
    result = box.command("keys", *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def published(box: Box) -> list[str]:
    """The signing certificates in our metadata, by fingerprint."""
    return _signing(requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).content)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as this holds; fails when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.2)


def everybody_has(box: Box, expected: list[str]) -> bool:
    """Whether each party of the box has our metadata with these keys."""
    return all(_known_to(box, party) == expected for party in PARTIES if party is not MAKELAAR)


@contextmanager
def next_key(box: Box, name: str) -> Iterator[None]:
    """Files of a next key on the node; afterwards the first key signs again, and everybody knows."""
    stem = box.settings.key_stem(MAKELAAR).with_name(name)
    first = published(box)
    for suffix in (".key", ".crt"):
        shutil.copy(key_stem(name).with_suffix(suffix), stem.with_suffix(suffix))
    try:
        yield
    finally:
        _put_back(box, name)
        wait_until(lambda: published(box) == first and everybody_has(box, first), "the box as it was")
        for suffix in (".key", ".crt"):
            stem.with_suffix(suffix).unlink()


def _put_back(box: Box, name: str) -> None:
    """No key goes back, so this is done behind the back of the product; then it is retired as anybody would."""
    engine = make_engine(box.settings.database(MAKELAAR))
    store = SqlOwnKeyStore(engine)
    known = {key.name: key for key in store.all()}
    if name in known:
        first, rolled = known[FIRST], known[name]
        again = replace(first, retiring_at=None, retired_at=None)
        given_up = replace(rolled, active_at=None, retiring_at=None, retired_at=None)
        change = Change(datetime.now(UTC), "tests", "key-activated", FIRST)
        store.replace([(first, again), (rolled, given_up)], change)
        keys(box, "retire", name)
        # Each process looks again within this time; after that none signs with the key that was given up.
        time.sleep(STALE_SECONDS)
    engine.dispose()


def _known_to(box: Box, party: Party) -> list[str]:
    engine = make_engine(box.settings.database(party))
    record = SqlRegistry(engine).find(MAKELAAR.entity_id)
    engine.dispose()
    return [] if record is None else _signing(record.metadata)


def _signing(metadata: bytes) -> list[str]:
    return [each.key_name for each in read_metadata(metadata, Role.HM, datetime.now(UTC))[0].signing]
