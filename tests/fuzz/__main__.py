"""``make fuzz``: both fuzzers by turns for as long as one likes, and what a finding is.

``python -m tests.fuzz --minutes 30`` runs; ``python -m tests.fuzz FILE`` (or the program in hex) shows one again.
Programs that reached something new are kept in ``.fuzz/programs`` and continued with the next time; findings stand in
``.fuzz/findings``.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import redirect_stderr
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.makelaar import Makelaar
from tests.fuzz.makelaar import makelaar
from tests.fuzz.mutants import mutate
from tests.fuzz.oracle import ACCEPTED
from tests.fuzz.oracle import FaultFound
from tests.fuzz.oracle import judge
from tests.fuzz.program import HEAD
from tests.fuzz.program import MOST
from tests.fuzz.program import WIDTH
from tests.fuzz.tally import Tally
from tests.fuzz.web import GOES_ON
from tests.fuzz.web import judge_scene

FOLDER = Path(".fuzz")
PROGRAMS, FINDINGS, COUNTS = FOLDER / "programs", FOLDER / "findings", FOLDER / "counts.json"
LOG = FOLDER / "makelaar.log"
_TURN = 60.0
"""Seconds of atheris between two lines of progress."""
_SHOWN = 2_000
"""Bytes of a message that are printed."""


def main() -> int:
    """Run, or show one program again; 1 when a fault was found."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("program", nargs="?", help="a file in .fuzz/findings, or a program in hex")
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--http", action="store_true", help="the program is one over HTTP")
    given = arguments.parse_args()
    if given.program is None:
        return _run(given.minutes * 60)
    return _show(_read(given.program), over_http=given.http or Path(given.program).name.startswith("http-"))


def _read(name: str) -> bytes:
    path = Path(name)
    return path.read_bytes() if path.is_file() else bytes.fromhex(name)


def _show(data: bytes, *, over_http: bool) -> int:
    if over_http:
        FOLDER.mkdir(exist_ok=True)
        with _a_makelaar() as target:
            return _verdict(lambda: ", ".join(judge_scene(target, data)))
    mutant = mutate(data)
    print(f"program  {data.hex()}\nmutant   {mutant}\narrives  {len(mutant.wire)} bytes\n")
    print(mutant.message[:_SHOWN].decode("utf-8", "replace"), "\n")
    return _verdict(lambda: judge(mutant))


def _verdict(judge_it: Callable[[], str]) -> int:
    try:
        print(f"outcome  {judge_it()}")
    except FaultFound as fault:
        print(f"FAULT    {fault}")
        return 1
    return 0


def _run(seconds: float) -> int:
    for folder in (PROGRAMS, FINDINGS):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(FINDINGS.iterdir())
    ends, total = time.monotonic() + seconds, Tally()
    guided = find_spec("atheris") is not None
    if not guided:
        print("atheris is not installed (it has no wheel for this platform or Python): chance only")
    with _a_makelaar() as target:
        while (left := ends - time.monotonic()) > 0:
            turn = min(_TURN, left)
            if guided:
                _evolve(turn)
                total.include(Tally.load(COUNTS))
            part = turn / 4 if guided else turn / 2
            _at_random(total.run, "message", min(ends, time.monotonic() + part))
            _at_random(
                lambda data: total.add(*judge_scene(target, data)), "http", min(ends, time.monotonic() + part)
            )
            _tell(total, ends - time.monotonic(), len(set(FINDINGS.iterdir()) - before))
    found = sorted(set(FINDINGS.iterdir()) - before)
    for path in found:
        print(f"fault: python -m tests.fuzz {path}")
    return 1 if found else 0


def _evolve(seconds: float) -> None:
    """A turn of atheris, in a process of its own that ends at a fault and takes nothing along."""
    COUNTS.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.coverage_guided",
        str(COUNTS),
        f"-max_total_time={int(seconds) or 1}",
    ]
    command += [
        f"-artifact_prefix={FINDINGS}/",
        "-rss_limit_mb=1024",
        "-timeout=30",
        "-report_slow_units=30",
        "-verbosity=0",
        str(PROGRAMS),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-1_500:])


@contextmanager
def _a_makelaar() -> Iterator[Makelaar]:
    """A makelaar to be asked over HTTP, whose log does not get in the way."""
    with (
        tempfile.TemporaryDirectory() as folder,
        LOG.open("w") as log,
        redirect_stderr(log),
        makelaar(Path(folder)) as target,
    ):
        yield target


def _at_random(judge_one: Callable[[bytes], object], name: str, until: float) -> None:
    while time.monotonic() < until:
        data = secrets.token_bytes(HEAD + WIDTH * secrets.randbelow(MOST + 1))
        try:
            judge_one(data)
        except FaultFound as fault:
            path = FINDINGS / f"{name}-{data.hex()[:16]}"
            path.write_bytes(data)
            print(f"{path}: {str(fault)[:500]}")


def _tell(tally: Tally, left: float, found: int) -> None:
    outcomes = tally.outcomes()
    accepted = outcomes.pop(ACCEPTED, 0) + outcomes.pop(GOES_ON, 0)
    refused = ", ".join(f"{code} {count}" for code, count in outcomes.most_common())
    print(
        f"{max(left, 0) / 60:5.1f} min left  {tally.inputs} inputs  {accepted} accepted  {found} faults  {refused}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
