"""``python -m bench.login``: what one whole login costs the makelaar. How to read it: ``bench/README.md``."""

import argparse
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import urllib3

from bench import counting
from bench import makelaar
from bench import peer
from bench.cast import KVK
from bench.clients import run_clients
from bench.figures import Figures
from bench.figures import Phase
from bench.parties import open_company
from bench.procfs import cpu_seconds
from bench.procfs import has_fast_rsa
from bench.procfs import machine_seconds
from bench.procfs import memory
from bench.rsa import Yardstick
from bench.stage import Stage
from bench.stage import staged
from broker.saml.declaration import Declaration
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import MAKELAAR
from broker.settings import Settings

_COUNTED = 5
_WARM_UP = 40
_WARM_UP_CLIENTS = 8
_WARM_UP_SECONDS = 60


def main() -> None:
    """Measure, and print the figures."""
    options = _options()
    # A request to end must leave the contexts too, so that no child outlives us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    figures = _measure(options)
    print(figures.as_json() if options.json else figures.as_text())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.login", description=__doc__)
    parser.add_argument("--logins", type=int, default=400, metavar="N", help="in each phase (default 400)")
    parser.add_argument(
        "--clients", default="1,4", metavar="N,N", help="clients at once, one phase each (default 1,4)"
    )
    parser.add_argument("--state", choices=("sql", "redis"), default="sql", help="where journeys are kept")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="of the makelaar (default 2)")
    parser.add_argument("--seconds", type=float, default=120, help="at most, for each phase (default 120)")
    parser.add_argument("--no-peer", action="store_true", help="do not measure pysaml2 with xmlsec1")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    options = parser.parse_args()
    options.clients = [int(each) for each in options.clients.split(",")]
    if options.logins < 100:
        parser.error("a p99 needs at least 100 logins")
    if not all(0 < each <= 32 for each in options.clients) or options.seconds <= 0:
        parser.error("1 to 32 clients, for more than no time")
    return options


def _measure(options: argparse.Namespace) -> Figures:
    with (
        tempfile.TemporaryDirectory(prefix="makelaar-bench-") as name,
        staged(Path(name)) as stage,
        _state(options.state) as state_url,
    ):
        settings = Settings(data=Path(name), port=free_port(), state_url=state_url, workers=options.workers)
        signer = makelaar.set_up(settings, stage.records())
        network = makelaar.published(settings, "network.xml")
        stage.acquaint(makelaar.published(settings, "metadata.xml"), network)
        operations = _count(settings, stage)
        yardsticks = [Yardstick.measure(signer)]
        phases: list[Phase] = []
        with makelaar.running(settings) as pids:
            _warm_up(settings, stage)
            for clients in options.clients:
                phases.append(_phase(settings, stage, pids, clients, options))
                yardsticks.append(Yardstick.measure(signer))
            held = [memory(pid) for pid in pids]
        beside = None if options.no_peer else peer.measure(settings.key_stem(MAKELAAR))
    return Figures(
        state=options.state,
        cpus=os.cpu_count() or 1,
        fast_rsa=has_fast_rsa(),
        yardstick=Yardstick.median(yardsticks),
        operations=operations,
        phases=tuple(phases),
        workers=tuple(held[1:]),
        master=held[0],
        peer=beside,
    )


def _count(settings: Settings, stage: Stage) -> dict[str, float]:
    """RSA operations of one login, counted in a pass of its own with one worker.

    The first logins also verify metadata and catalogues, which are then kept; they do not count.
    """
    alone = settings.model_copy(update={"workers": 1})
    with makelaar.running(alone, makelaar.COUNTING):
        address = f"http://{settings.host}:{settings.port}{counting.PATH}"
        run_clients(stage, (str(settings.host), settings.port), clients=1, logins=_COUNTED, seconds=60)
        before = json.loads(urllib3.request("GET", address, timeout=5).data)
        run_clients(stage, (str(settings.host), settings.port), clients=1, logins=_COUNTED, seconds=60)
        after = json.loads(urllib3.request("GET", address, timeout=5).data)
    return {name: (after[name] - before[name]) / _COUNTED for name in after}


def _warm_up(settings: Settings, stage: Stage) -> None:
    """Have every worker read the metadata of everybody, and check once more thoroughly what comes out."""

    def look(declaration: Declaration) -> None:
        assert open_company(stage.dv, declaration) == KVK, "another company came out"

    run_clients(
        stage,
        (str(settings.host), settings.port),
        clients=_WARM_UP_CLIENTS,
        logins=_WARM_UP,
        seconds=_WARM_UP_SECONDS,
        look=look,
    )


def _phase(
    settings: Settings, stage: Stage, pids: list[int], clients: int, options: argparse.Namespace
) -> Phase:
    cpu, driver, begun = cpu_seconds(pids), time.process_time(), time.perf_counter()
    busy, machine = machine_seconds()
    took = run_clients(
        stage,
        (str(settings.host), settings.port),
        clients=clients,
        logins=options.logins,
        seconds=options.seconds,
    )
    seconds = time.perf_counter() - begun
    cpu, driver = cpu_seconds(pids) - cpu, time.process_time() - driver
    busy, machine = (after - before for after, before in zip(machine_seconds(), (busy, machine), strict=True))
    percentiles = quantiles(took, n=100) if len(took) > 1 else took * 99
    return Phase(
        clients=clients,
        logins=len(took),
        seconds=seconds,
        cpu_ms=cpu / len(took) * 1000,
        driver_cpu_ms=driver / len(took) * 1000,
        p50_ms=percentiles[49] * 1000,
        p99_ms=percentiles[98] * 1000,
        others=max(0.0, busy - cpu - driver) / machine,
    )


@contextmanager
def _state(kind: str) -> Iterator[str]:
    """The URL of the state store; for redis that of a Valkey server of our own, which is not part of the figure."""
    if kind == "sql":
        yield "sql:"
        return
    # Only who asks for it needs the server in the wheel.
    from tests.services import valkey

    with valkey() as url:
        yield url


def free_port() -> int:
    """A port that is free now, with room above it for the ports that the settings count on."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port <= 65535 - BACK_CHANNEL_OFFSET:
            return port
    raise RuntimeError("no free port")


if __name__ == "__main__":
    main()
