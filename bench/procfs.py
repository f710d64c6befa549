"""What Linux says a process has used."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12
_IDLE, _IOWAIT = 3, 4


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB of one process: resident, and proportional (pages shared by n processes count for 1/n)."""

    rss: float
    pss: float


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of these processes together, all their threads, so far. Ticks of 10 ms."""
    return sum(_cpu(pid) for pid in pids)


def _cpu(pid: int) -> float:
    # The name, in parentheses, may hold spaces; counting starts behind it.
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS


def machine_seconds() -> tuple[float, float]:
    """(busy, all) seconds of all CPUs of this machine together, so far; time stolen by a hypervisor is busy."""
    ticks = [int(each) for each in Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:9]]
    idle = ticks[_IDLE] + ticks[_IOWAIT]
    return (sum(ticks) - idle) / _TICKS, sum(ticks) / _TICKS


def has_fast_rsa() -> bool:
    """Whether the CPU has AVX-512 IFMA, with which OpenSSL signs in 40 % of the time that it takes elsewhere."""
    return "avx512ifma" in Path("/proc/cpuinfo").read_text("utf-8")


def children(pid: int) -> list[int]:
    """The processes that ``pid`` started and that are still there."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def memory(pid: int) -> Memory:
    """What a process holds now."""
    found: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]:
        name, _, value = line.partition(":")
        found[name] = int(value.split()[0]) / 1024
    return Memory(found["Rss"], found["Pss"])
