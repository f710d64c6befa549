"""The keys of a process: it follows the clock, learns of new keys while it runs, and never waits for one in a login."""

import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from broker.domain.own_keys import OwnKey
from broker.ports.changes import Change
from broker.signers.files import UnusableKey
from broker.signers.ring import POLL_SECONDS
from broker.signers.ring import STALE_SECONDS
from broker.signers.ring import KeyRing
from tests.keys import key_stem
from tests.keys import signer

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SWITCH = NOW + timedelta(minutes=1)


class Store:
    """Keys in memory, which count how often they are read."""

    def __init__(self, *keys: OwnKey) -> None:
        self.keys = keys
        self.reads = 0
        self.down = False

    def all(self) -> Sequence[OwnKey]:
        self.reads += 1
        if self.down:
            raise OperationalError("SELECT", None, Exception("down"))
        return self.keys

    def add(self, key: OwnKey, change: Change) -> bool:
        raise NotImplementedError

    def replace(self, changes: Sequence[tuple[OwnKey, OwnKey]], change: Change) -> None:
        raise NotImplementedError


class Ticks:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of two keys, ``hm`` and ``dv``."""
    for name in ("hm", "dv"):
        for suffix in (".key", ".crt"):
            (tmp_path / name).with_suffix(suffix).write_bytes(key_stem(name).with_suffix(suffix).read_bytes())
    return tmp_path


def own_key(name: str, *, active_at: datetime | None = NOW) -> OwnKey:
    return OwnKey(name, signer(name).key_name, signer(name).certificate_der, NOW, active_at=active_at)


ACTIVE, NEXT = own_key("hm"), own_key("dv", active_at=None)
SWITCHING = (replace(ACTIVE, retiring_at=SWITCH), replace(NEXT, active_at=SWITCH))


def name_at(ring: KeyRing, moment: datetime) -> str:
    return ring.at(moment).key_name


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "own-keys":
            thread.join(10)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    wait_for_threads()


def test_at_the_moment_of_the_switch_the_next_key_signs(folder: Path, ticks: Ticks) -> None:
    ring = KeyRing(Store(*SWITCHING), folder, NOW, ticks)

    assert name_at(ring, SWITCH - timedelta(microseconds=1)) == ACTIVE.fingerprint
    assert name_at(ring, SWITCH) == NEXT.fingerprint
    assert ring.at(SWITCH).sign(b"x") == signer("dv").sign(b"x")


def test_a_key_that_is_announced_is_loaded_by_the_time_it_signs(folder: Path, ticks: Ticks) -> None:
    store = Store(ACTIVE)
    ring = KeyRing(store, folder, NOW, ticks)
    store.keys = SWITCHING
    ticks.seconds = POLL_SECONDS
    ring.at(NOW)
    wait_for_threads()
    (folder / "dv.key").unlink()  # whoever loads it now would notice

    assert name_at(ring, SWITCH) == NEXT.fingerprint
    assert [key.name for key in ring.published(NOW)] == ["hm", "dv"]


def test_signing_reads_the_store_once_in_a_while_only(folder: Path, ticks: Ticks) -> None:
    store = Store(ACTIVE)
    ring = KeyRing(store, folder, NOW, ticks)
    store.reads = 0
    for _ in range(1000):
        ring.at(NOW)
    assert store.reads == 0
    ticks.seconds = POLL_SECONDS
    for _ in range(1000):
        ring.at(NOW)
    assert store.reads == 1


def test_a_process_that_had_nothing_to_do_looks_before_it_signs(folder: Path, ticks: Ticks) -> None:
    store = Store(ACTIVE)
    ring = KeyRing(store, folder, NOW, ticks)
    store.keys = (replace(SWITCHING[0], retired_at=SWITCH), SWITCHING[1])
    ticks.seconds = 3600

    assert name_at(ring, SWITCH + timedelta(hours=1)) == NEXT.fingerprint


def test_while_one_thread_looks_the_others_go_on(folder: Path, ticks: Ticks) -> None:
    looking, go_on = threading.Event(), threading.Event()

    class Slow(Store):
        def all(self) -> Sequence[OwnKey]:
            if ticks.seconds:
                looking.set()
                assert go_on.wait(10)
            return super().all()

    ring = KeyRing(Slow(ACTIVE), folder, NOW, ticks)
    ticks.seconds = POLL_SECONDS
    thread = threading.Thread(target=ring.at, args=[NOW])
    thread.start()
    assert looking.wait(10)
    started = time.monotonic()
    assert name_at(ring, NOW) == ACTIVE.fingerprint
    assert time.monotonic() - started < 1
    go_on.set()
    thread.join(10)


def test_without_a_database_it_goes_on_with_what_it_knew(folder: Path, ticks: Ticks) -> None:
    store = Store(*SWITCHING)
    ring = KeyRing(store, folder, NOW, ticks)
    store.down = True
    ticks.seconds = STALE_SECONDS

    assert name_at(ring, NOW) == ACTIVE.fingerprint
    assert name_at(ring, SWITCH) == NEXT.fingerprint


def test_a_node_without_the_file_goes_on_with_the_key_before_while_that_is_believed(
    folder: Path, ticks: Ticks
) -> None:
    (folder / "dv.key").unlink()
    ring = KeyRing(Store(*SWITCHING), folder, NOW, ticks)

    assert list(ring.absent()) == ["dv"]
    assert name_at(ring, SWITCH) == ACTIVE.fingerprint


def test_the_file_may_come_while_it_runs(folder: Path, ticks: Ticks) -> None:
    kept = (folder / "dv.key").read_bytes()
    (folder / "dv.key").unlink()
    ring = KeyRing(Store(*SWITCHING), folder, NOW, ticks)
    (folder / "dv.key").write_bytes(kept)
    ticks.seconds = POLL_SECONDS
    ring.at(NOW)
    wait_for_threads()

    assert ring.absent() == {}
    assert name_at(ring, SWITCH) == NEXT.fingerprint


def test_a_retired_key_signs_nothing_whatever_else_is_missing(folder: Path, ticks: Ticks) -> None:
    retired = (replace(SWITCHING[0], retired_at=SWITCH), SWITCHING[1])
    (folder / "dv.crt").unlink()
    ring = KeyRing(Store(*retired), folder, NOW, ticks)

    with pytest.raises(UnusableKey, match=r"dv\.crt"):
        ring.at(SWITCH)


def test_files_with_another_certificate_are_not_the_key_that_was_announced(
    folder: Path, ticks: Ticks
) -> None:
    for suffix in (".key", ".crt"):
        (folder / "dv").with_suffix(suffix).write_bytes(key_stem("ad").with_suffix(suffix).read_bytes())

    assert "not the certificate" in KeyRing(Store(*SWITCHING), folder, NOW, ticks).absent()["dv"]


def test_a_retired_key_leaves_the_memory_of_the_process(folder: Path, ticks: Ticks) -> None:
    store = Store(*SWITCHING)
    ring = KeyRing(store, folder, NOW, ticks)
    store.keys = (replace(SWITCHING[0], retired_at=SWITCH), SWITCHING[1])
    ticks.seconds = POLL_SECONDS
    ring.at(SWITCH)
    store.keys = SWITCHING
    (folder / "hm.key").unlink()
    ticks.seconds = 2 * POLL_SECONDS
    ring.at(SWITCH)
    wait_for_threads()

    assert list(ring.absent()) == ["hm"], "it had to be loaded again"
