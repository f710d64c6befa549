"""What a run found, and how it is shown."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass

from bench.peer import Peer
from bench.procfs import Memory
from bench.rsa import Yardstick


@dataclass(frozen=True, slots=True)
class Phase:
    """Logins by a number of clients at once.

    ``cpu_ms`` is user and system time of all makelaar processes per login, ``driver_cpu_ms`` that of the driver;
    ``p50_ms`` and ``p99_ms`` are wall time of a whole login, the work of the driver's own parties included;
    ``others`` is the share of the machine that other programs used meanwhile, 0 to 1.
    """

    clients: int
    logins: int
    seconds: float
    cpu_ms: float
    driver_cpu_ms: float
    p50_ms: float
    p99_ms: float
    others: float

    @property
    def per_second(self) -> float:
        """Logins per second, driver and makelaar on one machine."""
        return self.logins / self.seconds


@dataclass(frozen=True, slots=True)
class Figures:
    """A whole run. ``operations`` are RSA operations of the makelaar in one login, by kind.

    ``fast_rsa`` tells of a CPU that makes the unit small, and so all figures in it large.
    """

    state: str
    cpus: int
    fast_rsa: bool
    yardstick: Yardstick
    operations: Mapping[str, float]
    phases: tuple[Phase, ...]
    workers: tuple[Memory, ...]
    master: Memory
    peer: Peer | None

    @property
    def floor_ms(self) -> float:
        """What the RSA operations of one login cost by themselves. The makelaar neither encrypts nor decrypts."""
        return self._times(self.yardstick.sign, self.yardstick.verify)

    @property
    def peer_ms(self) -> float | None:
        """What the signatures and verifications of one login cost the peer."""
        return None if self.peer is None else self._times(self.peer.sign, self.peer.verify)

    def units(self, cpu_ms: float) -> float:
        """The same in RSA-2048 signatures of this run."""
        return cpu_ms / self.yardstick.sign

    def _times(self, sign: float, verify: float) -> float:
        return self.operations["sign"] * sign + self.operations["verify"] * verify

    def as_json(self) -> str:
        """Everything, for programs."""
        values = asdict(self)
        values["floor_ms"] = self.floor_ms
        values["floor_u"] = self.units(self.floor_ms)
        values["peer_ms"] = self.peer_ms
        for shown, phase in zip(values["phases"], self.phases, strict=True):
            shown |= {"u": self.units(phase.cpu_ms), "logins_per_second": phase.per_second}
        return json.dumps(values, indent=2)

    def as_text(self) -> str:
        """Everything, for people."""
        lines = [
            f"state {self.state}, {self.cpus} CPUs, AVX-512 IFMA {'yes' if self.fast_rsa else 'no'}",
            self._unit_line(),
            "RSA operations of the makelaar per login: "
            + ", ".join(f"{count:g} {name}" for name, count in self.operations.items()),
            "",
            "clients  logins  CPU ms/login      u   logins/s  p50 ms  p99 ms  driver CPU ms  others %",
            *(
                f"{phase.clients:7}  {phase.logins:6}  {phase.cpu_ms:12.2f}  {self.units(phase.cpu_ms):5.1f}"
                f"   {phase.per_second:8.1f}  {phase.p50_ms:6.1f}  {phase.p99_ms:6.1f}"
                f"  {phase.driver_cpu_ms:13.2f}  {phase.others * 100:8.0f}"
                for phase in self.phases
            ),
            f"  floor          {self.floor_ms:12.2f}  {self.units(self.floor_ms):5.1f}   the RSA operations alone",
            self._peer_line(),
            "",
            "memory, MiB     "
            + "   ".join(
                f"{name} RSS {memory.rss:.0f} PSS {memory.pss:.0f}"
                for name, memory in (
                    *((f"worker {number}", each) for number, each in enumerate(self.workers, start=1)),
                    ("master", self.master),
                )
            ),
        ]
        return "\n".join(lines)

    def _unit_line(self) -> str:
        sign, verify = self.yardstick.sign, self.yardstick.verify
        return f"1 u = one RSA-2048 signature = {sign:.3f} ms CPU; one verification {verify:.3f} ms"

    def _peer_line(self) -> str:
        if self.peer is None or self.peer_ms is None:
            return "  peer           not measured: no xmlsec1 here, or not asked for"
        return (
            f"  peer           {self.peer_ms:12.2f}  {self.units(self.peer_ms):5.1f}   not a login: as many signatures"
            f" ({self.peer.sign:.1f} ms) and verifications ({self.peer.verify:.1f} ms) by pysaml2 with xmlsec1"
        )
