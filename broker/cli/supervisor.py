"""Running all parties as gunicorn processes of this one, and ending all of them together.

The makelaar has two: its front listener, and the back channel with mutual TLS.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import click
import urllib3

from broker.assembly import paths
from broker.saml.policy import FRONT
from broker.settings import BACK_CHANNEL
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import CONSOLE
from broker.settings import CONSOLE_OFFSET
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Settings

_START_SECONDS = 60
_END_SECONDS = 10


class PortTaken(click.ClickException):
    """Somebody else listens on a port that we need."""


def require_free_ports(settings: Settings) -> None:
    """Raise ``PortTaken`` that names the port and the way out."""
    for port, use in settings.ports().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((str(settings.host), port))
            except OSError:
                raise PortTaken(
                    f"port {port} ({use}) is taken. End the program that uses it, or "
                    f"choose another first port: MAKELAAR_PORT={settings.port + 100} make run"
                ) from None


@dataclass(frozen=True, slots=True)
class Service:
    """One process of gunicorn: its name, and how it is started. ``port`` is None where it listens on a Unix socket.

    ``speaks_http`` is false where a stranger is not answered: of such a process we only see that it listens. One that
    listens nowhere is a command of our own instead.
    """

    name: str
    arguments: tuple[str, ...]
    workers: int
    port: int | None
    speaks_http: bool = True
    listens: bool = True


def services(settings: Settings) -> list[Service]:
    """Everything that has to run with these settings."""
    found = [
        Service(
            party.name,
            (
                f"broker.{'makelaar' if party is MAKELAAR else 'network'}.serve:application()",
                *("--bind", f"{settings.host}:{settings.port + party.port_offset}"),
            ),
            settings.workers if party is MAKELAAR else 1,
            settings.port + party.port_offset,
        )
        for party in PARTIES
    ]
    port = settings.port + CONSOLE_OFFSET
    bind = ("broker.cli.console_serve:application()", "--bind", f"{settings.host}:{port}")
    found.append(Service(CONSOLE, bind, 1, port))
    if settings.back_channel != "off":
        port = settings.port + BACK_CHANNEL_OFFSET
        on_socket = settings.back_channel == "proxy" and settings.back_channel_socket is not None
        arguments = ("broker.makelaar.listener:application()", "--config", "python:broker.makelaar.listener")
        found.append(
            Service(
                BACK_CHANNEL,
                arguments,
                settings.workers,
                None if on_socket else port,
                speaks_http=settings.back_channel == "proxy",
            )
        )
    found.append(Service(WORKER, ("worker",), workers=1, port=None, speaks_http=False, listens=False))
    return found


WORKER = "worker"
"""The name of the process that does what is due beside the logins."""


class Supervisor:
    """The processes of all parties. Use as a context: leaving it ends them."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._services = services(settings)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
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
        for service in self._services:
            log = self._files.enter_context(self._log_path(service.name).open("ab"))
            self._processes[service.name] = launch(self._settings, service, log)
        pool = urllib3.PoolManager(timeout=2, retries=False)
        deadline = time.monotonic() + _START_SECONDS
        for service in self._services:
            while not self._asked_to_end and not self._answers(pool, service):
                self._require_running()
                if time.monotonic() > deadline:
                    raise click.ClickException(
                        f"{service.name} does not answer; see {self._log_path(service.name)}"
                    )
                time.sleep(0.05)

    def watch(self, meanwhile: Callable[[], None]) -> None:
        """Return when asked to end, calling ``meanwhile`` now and then.

        Raises ``click.ClickException`` when a process ends by itself.
        """
        while not self._asked_to_end:
            self._require_running()
            meanwhile()
            time.sleep(0.3)

    def _require_running(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None and not self._asked_to_end:
                raise click.ClickException(f"{name} has ended; see {self._log_path(name)}")

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_end = True

    def _log_path(self, name: str) -> Path:
        return self._settings.log_folder / f"{name}.log"

    def _answers(self, pool: urllib3.PoolManager, service: Service) -> bool:
        host = "127.0.0.1" if self._settings.host.is_unspecified else str(self._settings.host)
        if not service.listens:
            return True
        if service.port is None:
            return _listens(socket.AF_UNIX, str(self._settings.back_channel_socket))
        if not service.speaks_http:
            return _listens(socket.AF_INET, (host, service.port))
        return _is_well(pool, f"http://{host}:{service.port}")


def launch(settings: Settings, service: Service, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start one process; what it says goes to ``log``."""
    command = gunicorn(settings, service) if service.listens else _own_command(service)
    environment = environment_of(settings, service)
    # A group of its own: Ctrl-C in the terminal reaches only us, and we end the children in order.
    return subprocess.Popen(  # noqa: S603  # this very interpreter, with arguments of our own
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )


def environment_of(settings: Settings, service: Service) -> dict[str, str]:
    """The environment of a process: ours, and what it must know."""
    environment = {
        **os.environ,
        "MAKELAAR_PARTY": service.name,
        "MAKELAAR_DATA": str(settings.data.resolve()),
        "MAKELAAR_PORT": str(settings.port),
        "MAKELAAR_MISBEHAVE": json.dumps(settings.misbehave),
        "PYTHONUNBUFFERED": "1",
    }
    if settings.nasty is not None:
        environment |= {
            "MAKELAAR_NASTY": settings.nasty,
            "MAKELAAR_NASTY_ONE_IN": str(settings.nasty_one_in),
        }
    return environment


def _own_command(service: Service) -> list[str]:
    return [sys.executable, "-m", "broker", *service.arguments]


def gunicorn(settings: Settings, service: Service, module: str = "gunicorn") -> list[str]:
    """The command that serves a service; ``module`` is what is run with the arguments of gunicorn."""
    return [
        *(sys.executable, "-m", module, *service.arguments),
        *("--workers", str(service.workers), "--threads", str(settings.threads), "--worker-class", "gthread"),
        *("--preload", "--no-control-socket", "--log-level", "warning", "--keep-alive", "15"),
        *("--logger-class", "broker.cli.server_log.ServerLog"),
        *("--limit-request-line", str(FRONT.request_line_bytes)),
        *("--limit-request-field_size", str(FRONT.header_field_bytes)),
        *("--limit-request-fields", str(FRONT.header_fields)),
        *("--name", f"makelaar:{service.name}"),
    ]


def _listens(family: int, address: tuple[str, int] | str) -> bool:
    """Whether a process accepts connections here; with --preload it has loaded everything by then."""
    with socket.socket(family) as probe:
        probe.settimeout(2)
        return probe.connect_ex(address) == 0


def _is_well(pool: urllib3.PoolManager, address: str) -> bool:
    try:
        return bool(pool.request("GET", address + paths.READY).status == 200)
    except urllib3.exceptions.HTTPError:
        return False
