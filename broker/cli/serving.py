"""Serving in production: sockets that stay open, and generations of processes that follow each other behind them.

The sockets are opened here and handed to gunicorn, so that at a reload the next generation takes requests before the
one before stops: no connection is refused. A generation counts as there when gunicorn says so (sd_notify(3)), which it
does when the application was loaded.
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final

import click
import structlog

from broker.cli.on_given_socket import VARIABLE
from broker.cli.supervisor import Service
from broker.cli.supervisor import environment_of
from broker.cli.supervisor import gunicorn
from broker.cli.supervisor import services
from broker.settings import Settings

log = structlog.get_logger()

START_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 30
"""How long requests that are here may take to end: longer than a partner may take to answer, several times over."""
_BACKLOG: Final = 2048
_LOOK_EVERY: Final = 0.2


class DidNotStart(click.ClickException):
    """A process ended, or never was ready, when it was started."""


class Listening:
    """The socket of one service, open for as long as we serve."""

    def __init__(self, settings: Settings, service: Service) -> None:
        """Open it. Raises ``click.ClickException`` that names the port or file."""
        self.service = service
        place: tuple[str, int] | str
        if service.port is None:
            place = str((settings.back_channel_socket or Path()).resolve())
            self._socket = socket.socket(socket.AF_UNIX)
            with suppress(FileNotFoundError):
                Path(place).unlink()
        else:
            place = (str(settings.host), service.port)
            self._socket = socket.socket(socket.AF_INET)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Owner and group may open the file of a Unix socket, since whoever opens it may name any client certificate.
        umask = os.umask(0o117)
        try:
            self._socket.bind(place)
        except OSError as error:
            self._socket.close()
            raise click.ClickException(f"{service.name} cannot listen on {place}: {error.strerror}") from None
        finally:
            os.umask(umask)
        self._socket.listen(_BACKLOG)

    @property
    def number(self) -> int:
        """Of the open socket, in this process and those that inherit it."""
        return self._socket.fileno()

    def close(self) -> None:
        """Take no more connections."""
        self._socket.close()


class Serving:
    """Generations of processes behind sockets that stay. Use as a context: leaving it ends all of them, gracefully."""

    def __init__(
        self, settings: Settings, chosen: Sequence[Service], read_again: Callable[[], Settings]
    ) -> None:
        """Nothing is opened yet. ``read_again`` gives the settings of the next generation."""
        self._settings = settings
        self._chosen = chosen
        self._read_again = read_again
        self._listening: list[Listening] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ending: list[subprocess.Popen[bytes]] = []
        self._asked: set[int] = set()

    def __enter__(self) -> "Serving":
        """Open the sockets, and take over the signals that ask something of us. Raises ``click.ClickException``."""
        try:
            for each in self._chosen:
                self._listening.append(Listening(self._settings, each))
        except click.ClickException:
            self._close()
            raise
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the door, and let what is inside finish."""
        self._close()
        _end([*self._processes, *self._ending])

    def start(self) -> None:
        """Have the next generation take over: return when it is there, and the one before has been asked to end.

        Raises ``DidNotStart``: then nothing of it is left, and the generation before goes on.
        """
        before = self._processes
        begun: list[subprocess.Popen[bytes]] = []
        try:
            for listening in self._listening:
                begun.append(self._begin(listening))
        except BaseException:
            _end(begun)
            raise
        self._processes = begun
        for process in before:
            process.terminate()
        self._ending += before
        _say(f"READY=1\nMAINPID={os.getpid()}")

    def watch(self) -> None:
        """Serve until asked to end; a SIGHUP brings the next generation. Raises ``DidNotStart`` when a process ends."""
        while not self._asked & {signal.SIGINT, signal.SIGTERM}:
            if signal.SIGHUP in self._asked:
                self._asked.discard(signal.SIGHUP)
                self._reload()
            self._ending = [process for process in self._ending if process.poll() is None]
            for process in self._processes:
                if process.poll() is not None:
                    raise DidNotStart(
                        f"a process ended by itself with {process.returncode}; see its last lines"
                    )
            time.sleep(_LOOK_EVERY)
        _say("STOPPING=1")

    def _close(self) -> None:
        for each in self._listening:
            each.close()

    def _reload(self) -> None:
        _say("RELOADING=1")
        before = self._settings
        try:
            self._settings = self._read_again()
            self.start()
        except click.ClickException as error:
            self._settings = before
            # What runs goes on: a mistake in a setting must not end logins.
            log.error("reload_failed", reason=error.message)
            _say("READY=1")
        else:
            log.info("reloaded")

    def _begin(self, listening: Listening) -> subprocess.Popen[bytes]:
        """Start gunicorn for one service, and return when it is there."""
        name = listening.service.name
        # As the settings are now: their number of processes may have changed.
        service = next(each for each in services(self._settings) if each.name == name)
        with (
            tempfile.TemporaryDirectory(prefix="makelaar-") as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard,
        ):
            heard.bind(f"{folder}/ready")
            heard.settimeout(_LOOK_EVERY)
            environment = environment_of(self._settings, service)
            environment |= {"NOTIFY_SOCKET": f"{folder}/ready", VARIABLE: str(listening.number)}
            command = gunicorn(self._settings, service, "broker.cli.on_given_socket")
            command += ["--graceful-timeout", str(GRACE_SECONDS)]
            process = subprocess.Popen(  # noqa: S603  # this very interpreter, with arguments of our own
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[listening.number],
            )
            deadline = time.monotonic() + START_SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                with suppress(TimeoutError):
                    if heard.recv(1024).startswith(b"READY=1"):
                        return process
            _end([process])
            raise DidNotStart(f"{service.name} did not start; its last lines say why")

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._asked.add(number)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes: kindly, and after the time that requests may take not so."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS + 5
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _say(state: str) -> None:
    """Tell systemd, where we run under it with Type=notify."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, suppress(OSError):
            told.sendto(
                state.encode("ascii"), address.replace("@", "\0", 1) if address[0] == "@" else address
            )
