"""The state store in the memory of one process: for tests and for a single worker."""

import time
from collections.abc import Callable
from threading import Lock

PURGE_EVERY = 1000
"""Writes between two sweeps over all keys."""


class MemoryStateStore:
    """A ``StateStore`` that other processes do not see and that ends with its process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._content: dict[str, tuple[bytes, float]] = {}
        self._writes = 0

    def put(self, key: str, value: bytes, ttl: int) -> None:
        with self._lock:
            self._write(key, value, self._clock() + ttl)

    def get(self, key: str) -> bytes | None:
        with self._lock:
            return self._alive(key)

    def take(self, key: str) -> bytes | None:
        with self._lock:
            value = self._alive(key)
            self._content.pop(key, None)
            return value

    def claim(self, key: str, ttl: int) -> bool:
        with self._lock:
            if self._alive(key) is not None:
                return False
            self._write(key, b"", self._clock() + ttl)
            return True

    def swap(self, key: str, old: bytes, new: bytes, ttl: int) -> bool:
        with self._lock:
            if self._alive(key) != old:
                return False
            self._write(key, new, self._clock() + ttl)
            return True

    def count(self, key: str, ttl: int) -> int:
        with self._lock:
            before = self._alive(key)
            number = 1 if before is None else int(before) + 1
            until = self._clock() + ttl if before is None else self._content[key][1]
            self._write(key, str(number).encode(), until)
            return number

    def drop(self, key: str) -> None:
        with self._lock:
            self._content.pop(key, None)

    def ping(self) -> None:
        """Memory always answers."""

    def _alive(self, key: str) -> bytes | None:
        value, until = self._content.get(key, (None, 0.0))
        return value if until > self._clock() else None

    def _write(self, key: str, value: bytes, until: float) -> None:
        self._content[key] = (value, until)
        self._writes += 1
        if self._writes % PURGE_EVERY == 0:
            now = self._clock()
            self._content = {name: entry for name, entry in self._content.items() if entry[1] > now}
