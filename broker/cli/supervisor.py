"""Running all parties as gunicorn processes of this one, and ending all of them together."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import IO

import click
import urllib3

from broker.assembly import paths
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings

_START_SECONDS = 60
_END_SECONDS = 10
_COOKIE_BYTES = 16 * 1024
"""One cookie for each login under way: browsers keep up to 180 of a host, each about 60 bytes."""


class PortTaken(click.ClickException):
    """Somebody else listens on a port that we need."""


def require_free_ports(settings: Settings) -> None:
    """Raise ``PortTaken`` that names the port and the way out."""
    for party in PARTIES:
        port = settings.port + party.port_offset
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((str(settings.host), port))
            except OSError:
                raise PortTaken(
                    f"port {port} ({party.display_name('en')}) is taken. End the program that uses it, or "
                    f"choose another first port: MAKELAAR_PORT={settings.port + 100} make run"
                ) from None


class Supervisor:
    """The processes of all parties. Use as a context: leaving it ends them."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._processes: dict[Party, subprocess.Popen[bytes]] = {}
        self._files = ExitStack()
        self._asked_to_end = False

    def __enter__(self) -> "Supervisor":
        """Take over Ctrl-C and the request to end, so that no child outlives us."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """End every process that was started here, first kindly, then not."""
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _END_SECONDS
        for process in self._processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._files.close()

    def start(self) -> None:
        """Start every party, and return when each answers. Raises ``click.ClickException`` when one does not."""
        for party in PARTIES:
            log = self._files.enter_context(self._log_path(party).open("ab"))
            self._processes[party] = _launch(self._settings, party, log)
        pool = urllib3.PoolManager(timeout=2, retries=False)
        deadline = time.monotonic() + _START_SECONDS
        for party in PARTIES:
            while not self._asked_to_end and not _answers(pool, self._address(party)):
                self._require_running()
                if time.monotonic() > deadline:
                    raise click.ClickException(f"{party.name} does not answer; see {self._log_path(party)}")
                time.sleep(0.05)

    def watch(self) -> None:
        """Return when asked to end. Raises ``click.ClickException`` when a process ends by itself."""
        while not self._asked_to_end:
            self._require_running()
            time.sleep(0.3)

    def _require_running(self) -> None:
        for party, process in self._processes.items():
            if process.poll() is not None and not self._asked_to_end:
                raise click.ClickException(f"{party.name} has ended; see {self._log_path(party)}")

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_end = True

    def _log_path(self, party: Party) -> Path:
        return self._settings.log_folder / f"{party.name}.log"

    def _address(self, party: Party) -> str:
        host = "127.0.0.1" if self._settings.host.is_unspecified else self._settings.host
        return f"http://{host}:{self._settings.port + party.port_offset}"


def _launch(settings: Settings, party: Party, log: IO[bytes]) -> subprocess.Popen[bytes]:
    workers = settings.workers if party is MAKELAAR else 1
    module = "broker.makelaar.serve" if party is MAKELAAR else "broker.network.serve"
    command = [
        *(sys.executable, "-m", "gunicorn", f"{module}:application()"),
        *("--bind", f"{settings.host}:{settings.port + party.port_offset}"),
        *("--workers", str(workers), "--threads", str(settings.threads), "--worker-class", "gthread"),
        *("--preload", "--no-control-socket", "--log-level", "warning", "--keep-alive", "15"),
        *("--limit-request-line", "8190", "--limit-request-field_size", str(_COOKIE_BYTES)),
        *("--name", f"makelaar:{party.name}"),
    ]
    environment = {
        **os.environ,
        "MAKELAAR_PARTY": party.name,
        "MAKELAAR_DATA": str(settings.data.resolve()),
        "MAKELAAR_PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }
    # A group of its own: Ctrl-C in the terminal reaches only us, and we end the children in order.
    return subprocess.Popen(  # noqa: S603  # this very interpreter, with arguments of our own
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def _answers(pool: urllib3.PoolManager, address: str) -> bool:
    try:
        return bool(pool.request("GET", address + paths.HEALTH).status == 200)
    except urllib3.exceptions.HTTPError:
        return False
