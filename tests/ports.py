"""Ports of this machine on which nobody listens, for what the tests start.

Several processes may run tests at the same time: those of one parallel run, and other runs beside it. Between the
moment at which a port is found free and the moment at which a server listens on it, nobody else may take it. So each
process keeps a block of ports to itself, for as long as it lives, by a lock on a file; and it goes round in its block,
so that what was handed out last is handed out again last. All lie beneath the ports that Linux gives to clients.
"""

import fcntl
import socket
import tempfile
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO
from typing import Final

LOWEST: Final = 20_000
HIGHEST: Final = 32_000
_BLOCK: Final = 500


class _Block:
    """The ports from ``first`` on that this process has to itself; ``lock`` is held until the process ends."""

    def __init__(self, first: int, lock: IO[bytes]) -> None:
        self._ports = range(first, first + _BLOCK)
        self._next = first
        self._lock = lock

    def take(self, count: int) -> int:
        """The first of ``count`` consecutive ports that are free. RuntimeError when no such are left."""
        ports = self._ports
        for first in chain(range(self._next, ports.stop, count), range(ports.start, self._next, count)):
            wanted = range(first, first + count)
            if wanted.stop <= ports.stop and all(_is_free(port) for port in wanted):
                self._next = wanted.stop
                return first
        raise RuntimeError("no free ports")


def free_port() -> int:
    """A port that is free at this moment."""
    return _ours().take(1)


def free_ports(count: int) -> int:
    """The first of ``count`` consecutive ports that are free at this moment."""
    return _ours().take(count)


@cache
def _ours() -> _Block:
    """The block of this process. RuntimeError when other processes have all of them."""
    for first in range(LOWEST, HIGHEST, _BLOCK):
        path = Path(tempfile.gettempdir(), f"makelaar-tests-ports-{first}")
        lock = path.open("wb")  # stays open, and so locked, until this process ends
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
        else:
            return _Block(first, lock)
    raise RuntimeError("too many processes run tests")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
