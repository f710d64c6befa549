"""``python -m bench.onboarding``: what many dienstverleners cost the makelaar. How to read it: ``bench/README.md``."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import makelaar
from bench.clients import run_clients
from bench.generated import FOLDER
from bench.generated import generate
from bench.login import free_port
from bench.procfs import cpu_seconds
from bench.procfs import machine_seconds
from bench.procfs import memory
from bench.stage import Stage
from bench.stage import staged
from broker.settings import MAKELAAR
from broker.settings import Settings

_WARM_UP = 20
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """With so many dienstverleners; times in seconds or milliseconds, memory of one web worker in MiB.

    ``start_s`` is from the start of the process to the end of the first login. ``before`` is resident memory before any
    login, ``after`` when all were made. ``others`` is the share of the machine that other programs used during the
    logins, 0 to 1.
    """

    dienstverleners: int
    imported: int
    import_s: float
    import_cpu_s: float
    database_mib: float
    start_s: float
    before: float
    after: float
    cpu_ms: float
    p50_ms: float
    others: float


def main() -> None:
    """Measure, and print the figures."""
    options = _options()
    # A request to end must leave the contexts too, so that no child outlives us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    with tempfile.TemporaryDirectory(prefix="makelaar-bench-") as name, staged(Path(name)) as stage:
        settings = Settings(data=Path(name), port=free_port(), workers=options.workers)
        makelaar.set_up(settings, stage.records())
        network = makelaar.published(settings, "network.xml")
        stage.acquaint(makelaar.published(settings, "metadata.xml"), network)
        with _documents(options, Path(name)) as documents:
            before = 0
            for number in options.numbers:
                rows.append(_measure(settings, stage, documents, range(before, number), options.logins))
                before = number
                _show(rows[-1:], options)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print("\nall together:")
        _show(rows, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.onboarding", description=__doc__)
    parser.add_argument(
        "--numbers", default="10,1000,100000", metavar="N,N", help="of dienstverleners, growing"
    )
    parser.add_argument("--logins", type=int, default=200, metavar="N", help="with each number (default 200)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="of the makelaar (default 1)")
    parser.add_argument("--documents", type=Path, help="a folder to generate in and to keep, or to use again")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    options = parser.parse_args()
    options.numbers = [int(each) for each in options.numbers.split(",")]
    if options.numbers != sorted(set(options.numbers)) or options.numbers[0] < 1 or options.logins < 20:
        parser.error("numbers that grow, and at least 20 logins")
    return options


@contextmanager
def _documents(options: argparse.Namespace, folder: Path) -> Iterator[Path]:
    """Where the documents of all of them are."""
    place = options.documents or folder / "documents"
    if not place.is_dir() or not any(place.iterdir()):
        begun = time.perf_counter()
        for number in generate(place, options.numbers[-1]):
            took = time.perf_counter() - begun
            print(f"\rgenerated {number:,} ({number / took:,.0f}/s)", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    yield place


def _measure(settings: Settings, stage: Stage, documents: Path, numbers: range, logins: int) -> Row:
    import_s, import_cpu_s = _import(settings, documents, numbers)
    database = settings.folder(MAKELAAR) / "party.db"
    address = (str(settings.host), settings.port)
    begun = time.perf_counter()
    with makelaar.running(settings) as pids:
        before = memory(pids[1]).rss
        run_clients(stage, address, clients=1, logins=1, seconds=_SECONDS)
        start_s = time.perf_counter() - begun
        run_clients(stage, address, clients=1, logins=_WARM_UP, seconds=_SECONDS)
        cpu, driver = cpu_seconds(pids), time.process_time()
        busy, machine = machine_seconds()
        took = run_clients(stage, address, clients=1, logins=logins, seconds=_SECONDS)
        cpu, driver = cpu_seconds(pids) - cpu, time.process_time() - driver
        busy, machine = (now - then for now, then in zip(machine_seconds(), (busy, machine), strict=True))
        after = memory(pids[1]).rss
    return Row(
        dienstverleners=numbers.stop,
        imported=len(numbers),
        import_s=import_s,
        import_cpu_s=import_cpu_s,
        database_mib=database.stat().st_size / 2**20,
        start_s=start_s,
        before=before,
        after=after,
        cpu_ms=cpu / len(took) * 1000,
        p50_ms=median(took) * 1000,
        others=max(0.0, busy - cpu - driver) / machine,
    )


def _import(settings: Settings, documents: Path, numbers: range) -> tuple[float, float]:
    """Import them as an operator does, with the progress bar; seconds of the clock, and of all CPUs together."""
    sources: list[Path] = []
    for first in range(numbers.start - numbers.start % FOLDER, numbers.stop, FOLDER):
        folder = documents / f"{first:06}"
        inside = range(max(first, numbers.start), min(first + FOLDER, numbers.stop))
        whole = len(inside) == FOLDER
        sources += [folder] if whole else [folder / f"{number:06}.xml" for number in inside]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKELAAR_")}
    report = settings.data / "dv-import.txt"
    command = [sys.executable, "-m", "broker", "dv", "import", "--report", str(report), *map(str, sources)]
    begun, before = time.perf_counter(), os.times()
    done = subprocess.run(
        command, env={**inherited, "MAKELAAR_DATA": str(settings.data)}, stdout=sys.stderr, check=False
    )
    after = os.times()
    if done.returncode:
        raise RuntimeError("the import did not succeed")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begun, cpu


def _show(rows: list[Row], options: argparse.Namespace) -> None:
    if options.json:
        return
    print(
        "dienstverleners  import s  per s  CPU ms each  database MiB  first login s  RSS MiB before  after"
        "  CPU ms/login  p50 ms  others %"
    )
    for row in rows:
        print(
            f"{row.dienstverleners:>15,}  {row.import_s:>8.1f}  {row.imported / row.import_s:>5.0f}"
            f"  {row.import_cpu_s / row.imported * 1000:>11.1f}  {row.database_mib:>12.0f}  {row.start_s:>13.2f}"
            f"  {row.before:>14.1f}  {row.after:>5.1f}  {row.cpu_ms:>12.1f}"
            f"  {row.p50_ms:>6.1f}  {row.others * 100:>8.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
