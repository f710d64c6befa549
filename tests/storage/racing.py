"""Many callers at once, in threads or in processes, to see which of them win."""

import multiprocessing
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.pool import Pool
from threading import Barrier
from typing import Any
from typing import TypeVar

from broker.ports import StateStore
from broker.storage.engine import make_engine
from broker.storage.migrations import upgrade
from broker.storage.state import open_state_store

Answer = TypeVar("Answer")

CALLERS = 50
PROCESSES = 4


def in_threads(call: Callable[[int], Answer], callers: int = CALLERS) -> list[Answer]:
    """The answers to ``call(0)``, ``call(1)``, … made at the same moment."""
    start = Barrier(callers)

    def called(number: int) -> Answer:
        start.wait()
        return call(number)

    with ThreadPoolExecutor(callers) as threads:
        return list(threads.map(called, range(callers)))


@dataclass(frozen=True)
class Processes:
    """Four processes that wait for each other."""

    pool: Pool
    start: Callable[[], Any]

    def each(self, work: Callable[..., Answer], *arguments: object) -> list[Answer]:
        """The answers of ``work(start, *arguments)`` in each of them; ``start()`` waits for all."""
        return self.pool.starmap(work, [(self.start, *arguments)] * PROCESSES, chunksize=1)


@contextmanager
def racing_processes() -> Iterator[Processes]:
    """The processes, which take longer to begin than to race."""
    # Spawned, not forked: pytest has threads, whose locks a forked child would inherit as they are.
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(PROCESSES) as pool:
        yield Processes(pool, manager.Barrier(PROCESSES).wait)
        pool.close()
        pool.join()


@contextmanager
def _store(url: str) -> Iterator[StateStore]:
    engine = make_engine(url)
    yield open_state_store("sql:", engine)
    engine.dispose()


def upgrade_at_once(start: Callable[[], Any], url: str) -> None:
    engine = make_engine(url)
    start()
    upgrade(engine)
    engine.dispose()


def take_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[str]:
    """The keys whose value this process got."""
    with _store(url) as store:
        start()
        return [key for key in keys if store.take(key) is not None]


def claim_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[str]:
    """The keys that this process claimed."""
    with _store(url) as store:
        start()
        return [key for key in keys if store.claim(key, 60)]


def swap_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[str]:
    """The keys whose value this process replaced."""
    with _store(url) as store:
        start()
        return [key for key in keys if store.swap(key, b"before", b"after", 60)]


def count_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[int]:
    """What this process counted."""
    with _store(url) as store:
        start()
        return [store.count(key, 60) for key in keys]
