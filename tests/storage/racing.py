"""Many callers at once, in threads or in processes, to see which of them win."""

import multiprocessing
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from typing import TypeVar

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


def in_processes(work: Callable[..., Answer], *arguments: object) -> list[Answer]:
    """The answers of ``work(start, *arguments)`` in each of four new processes; ``start()`` waits for all."""
    # Spawned, not forked: pytest has threads, whose locks a forked child would inherit as they are.
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        barrier = manager.Barrier(PROCESSES)
        with context.Pool(PROCESSES) as pool:
            return pool.starmap(work, [(barrier.wait, *arguments)] * PROCESSES, chunksize=1)


def upgrade_at_once(start: Callable[[], Any], url: str) -> None:
    engine = make_engine(url)
    start()
    upgrade(engine)
    engine.dispose()


def take_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[str]:
    """The keys whose value this process got."""
    store = open_state_store("sql:", make_engine(url))
    start()
    return [key for key in keys if store.take(key) is not None]


def claim_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[str]:
    """The keys that this process claimed."""
    store = open_state_store("sql:", make_engine(url))
    start()
    return [key for key in keys if store.claim(key, 60)]


def swap_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[str]:
    """The keys whose value this process replaced."""
    store = open_state_store("sql:", make_engine(url))
    start()
    return [key for key in keys if store.swap(key, b"before", b"after", 60)]


def count_each(start: Callable[[], Any], url: str, keys: Sequence[str]) -> list[int]:
    """What this process counted."""
    store = open_state_store("sql:", make_engine(url))
    start()
    return [store.count(key, 60) for key in keys]
