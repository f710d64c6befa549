"""Work in forks of this process, a few at a time, each with answers that can be pickled."""

import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import Generic
from typing import TypeVar

J = TypeVar("J")


@dataclass(frozen=True, slots=True)
class Ended(Generic[J]):
    """A job that has ended. ``answers`` are those it gave before its end; ``clean`` says that the end was its own,
    ``seconds`` how much processor time it took."""

    job: J
    answers: tuple[Any, ...]
    clean: bool
    seconds: float


def in_forks(
    jobs: Iterable[J], work: Callable[[J, Callable[[Any], None]], None], *, at_once: int, cpu_seconds: float
) -> Iterator[Ended[J]]:
    """Do ``work(job, answer)`` for each job in a fork of its own, and give each as it ends.

    ``answer`` may be called any number of times. A fork that takes more than ``cpu_seconds`` of processor time, or
    ten times as much by the clock, is ended, with everything it started.
    """
    waiting, running = iter(jobs), dict[int, tuple[J, Path]]()
    folder = tempfile.mkdtemp(prefix="forks-")
    while True:
        while len(running) < at_once and (job := next(waiting, None)) is not None:
            handle, path = tempfile.mkstemp(dir=folder)
            sys.stdout.flush()
            pid = os.fork()
            if pid == 0:
                _in_fork(job, work, handle, cpu_seconds)
            os.close(handle)
            running[pid] = job, Path(path)
        if not running:
            Path(folder).rmdir()
            return
        pid, status, usage = os.wait4(-1, 0)
        if pid in running:
            job, answers = running.pop(pid)
            yield Ended(job, _answers(answers), status == 0, usage.ru_utime + usage.ru_stime)


def _in_fork(
    job: J, work: Callable[[J, Callable[[Any], None]], None], handle: int, cpu_seconds: float
) -> None:
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1):
            os.dup2(nowhere, standard)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, cpu_seconds * 10)
        with os.fdopen(handle, "wb", buffering=0) as file:
            work(job, lambda answer: pickle.dump(answer, file))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _answers(path: Path) -> tuple[Any, ...]:
    found = []
    with path.open("rb") as file:
        while True:
            try:
                found.append(pickle.load(file))  # noqa: S301  # written by a fork of our own
            except (EOFError, pickle.UnpicklingError):
                break
    path.unlink()
    return tuple(found)
