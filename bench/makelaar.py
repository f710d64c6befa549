"""The makelaar under measurement: a fresh data folder, a filled registry, and its processes as they run in earnest."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from bench.procfs import children
from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.assembly.party import assemble
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.exchange.own import system_clock
from broker.ports import PartnerRecord
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.signers.files import FileSigner

PLAIN = "broker.makelaar.serve:application()"
COUNTING = "bench.counting:application()"

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 60
_END_SECONDS = 10


def set_up(settings: Settings, partners: Iterable[PartnerRecord]) -> FileSigner:
    """Make keys, database and metadata, and register the partners; the key of the makelaar."""
    settings.log_folder.mkdir(parents=True, exist_ok=True)
    make_development_keys(settings, MAKELAAR)
    publish(settings, MAKELAAR)
    assembled = assemble(settings, MAKELAAR)
    for partner in partners:
        register(
            assembled.registry,
            partner.role,
            partner.metadata,
            partner.catalogue,
            makelaar_oin=MAKELAAR.oin,
            now=system_clock(),
        )
    assembled.engine.dispose()
    return FileSigner.load(settings.key_stem(MAKELAAR))


def published(settings: Settings, name: str) -> bytes:
    """A document that the makelaar publishes."""
    return (settings.folder(MAKELAAR) / "published" / name).read_bytes()


@contextmanager
def running(settings: Settings, application: str = PLAIN) -> Iterator[list[int]]:
    """Start the makelaar as ``makelaar run`` does; the ids of its processes, the master first. Ends them all."""
    command = [
        *(sys.executable, "-m", "gunicorn", application),
        *("--bind", f"{settings.host}:{settings.port}"),
        *(
            "--workers",
            str(settings.workers),
            "--threads",
            str(settings.threads),
            "--worker-class",
            "gthread",
        ),
        *("--preload", "--no-control-socket", "--log-level", "warning", "--keep-alive", "15"),
        *("--limit-request-line", "8190", "--name", "makelaar:bench"),
    ]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKELAAR_")}
    environment = {
        **inherited,
        "MAKELAAR_DATA": str(settings.data),
        "MAKELAAR_HOST": str(settings.host),
        "MAKELAAR_PORT": str(settings.port),
        "MAKELAAR_STATE_URL": settings.state_url,
        "PYTHONUNBUFFERED": "1",
    }
    path = settings.log_folder / "makelaar.log"
    with path.open("ab") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            _wait(process, settings, path)
            yield [process.pid, *children(process.pid)]
        finally:
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], settings: Settings, log: Path) -> None:
    """Until all workers are there and one answers."""
    address = f"http://{settings.host}:{settings.port}{paths.READY}"
    deadline = time.monotonic() + _START_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the makelaar did not start:\n{log.read_text('utf-8')[-3000:]}")
        try:
            answers = urllib3.request("GET", address, timeout=2, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            answers = False
        if answers and len(children(process.pid)) == settings.workers:
            return
        time.sleep(0.05)
