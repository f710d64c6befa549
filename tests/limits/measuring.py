"""What processes take of memory and time while something is done to them, as Linux counts it."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from broker.settings import MAKELAAR
from tests.box import Box

_TICKS = os.sysconf("SC_CLK_TCK")
_KIBIBYTES = 1024


@dataclass
class Cost:
    """CPU in milliseconds, to the tick of the clock, and the rise of memory to its highest, in MiB."""

    cpu: float = 0
    peak: float = 0


def makelaar_processes(box: Box) -> list[int]:
    """The processes of the makelaar's front: gunicorn and its workers."""
    return sorted(
        int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _is_ours(path, box)
    )


def _is_ours(path: Path, box: Box) -> bool:
    try:
        entries = (path / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or is somebody else's
        return False
    return {f"MAKELAAR_DATA={box.settings.data}".encode(), f"MAKELAAR_PARTY={MAKELAAR.name}".encode()} <= set(
        entries
    )


@contextmanager
def measured(*processes: int) -> Iterator[Cost]:
    """Fill in what happens inside costs these processes, all together; this one when none is named."""
    processes = processes or (os.getpid(),)
    if processes == (os.getpid(),):
        # What an earlier bomb left to the allocator would hide what the next one takes.
        ctypes.CDLL(None).malloc_trim(0)
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5")  # the highest so far becomes what is used now
    before = [(_memory(process, "VmRSS"), _cpu(process)) for process in processes]
    cost = Cost()
    yield cost
    for process, (memory, cpu) in zip(processes, before, strict=True):
        cost.peak += max(0, _memory(process, "VmHWM") - memory) / _KIBIBYTES
        cost.cpu += (_cpu(process) - cpu) * 1000 / _TICKS


def _memory(process: int, name: str) -> int:
    """In KiB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(name)


def _cpu(process: int) -> int:
    """In ticks: of the whole process, in user and in system."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
