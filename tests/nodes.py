"""Nodes of a makelaar in production: processes of `makelaar serve`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

import requests

from tests.box import ROOT

PATIENCE = 60.0
"""Seconds in which a busy machine does what it is asked."""


class Node:
    """A process of `makelaar serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, said: Path) -> None:
        """``said`` is where it writes what it says."""
        self.process = process
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self._said = said

    @property
    def said(self) -> str:
        """What it wrote, on both streams."""
        return self._said.read_text("utf-8")

    def get(self, path: str) -> requests.Response:
        """Ask by a connection of its own."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.address + path, timeout=20)

    def parts(self) -> set[int]:
        """The processes of gunicorn that answer for a part."""
        return children_of(self.process.pid)

    def workers(self) -> set[int]:
        """The processes that serve requests."""
        return {worker for part in self.parts() for worker in children_of(part)}

    def reload(self) -> None:
        """Have it begin its next generation; back when the one before has ended."""
        before, said = self.parts(), self.said.count('"reloaded"')
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.said.count('"reloaded"') > said, "the next generation is there")
        until(lambda: not before & self.parts(), "the generation before has ended")

    def kill(self) -> None:
        """End it with everything in it, at once, as a power cut would."""
        for number in (self.process.pid, *self.parts(), *self.workers()):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()


def children_of(number: int) -> set[int]:
    """The processes that a process began."""
    try:
        return {
            int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text("ascii").split()
        }
    except FileNotFoundError:
        return set()


def until(holds: Callable[[], object], what: str) -> None:
    """Return when it holds; fails when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


@contextmanager
def serving(folder: Path, port: int, *parts: str, **environment: str) -> Iterator[Node]:
    """`makelaar serve` with this data folder and first port, from when it is there."""
    own: Mapping[str, str] = {**environment, "MAKELAAR_DATA": str(folder), "MAKELAAR_PORT": str(port)}
    said = folder / "serve.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "broker", "serve", *parts],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
        )
    node = Node(process, port, said)
    try:
        until(lambda: "serving " in node.said or process.poll() is not None, "it serves")
        assert process.poll() is None, node.said
        yield node
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        if process.poll() is None:
            node.kill()
