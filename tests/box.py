"""A whole box for tests: `makelaar run` as a newcomer starts it, on free ports, with its data in a temporary folder."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from click.testing import CliRunner

from broker.cli import main
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from tests.ports import free_ports

ROOT = Path(__file__).parent.parent
START_SECONDS = 90


@dataclass(frozen=True)
class Box:
    """A running box."""

    settings: Settings
    persons: dict[str, dict[str, Any]]
    environment: dict[str, str]

    def url(self, party: Party) -> str:
        """The base URL of a party."""
        return self.settings.url(party)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `makelaar` command on the data of this box, in this process: a start of its own costs a second.

        Not on PostgreSQL: connections of a command are closed by its end.
        """
        if "MAKELAAR_DATABASE_URL" in self.environment:
            return run_command(self.environment, *map(str, arguments))
        invoked = CliRunner().invoke(
            main, [str(each) for each in arguments], env=self.environment, catch_exceptions=False
        )
        return subprocess.CompletedProcess(arguments, invoked.exit_code, invoked.stdout, invoked.stderr)

    def logs(self) -> str:
        """Everything any party has logged so far."""
        return "".join(path.read_text("utf-8") for path in sorted(self.settings.log_folder.glob("*.log")))


def run_command(
    environment: dict[str, str], *arguments: str, seconds: int = 60
) -> subprocess.CompletedProcess[str]:
    """Run a `makelaar` command with these settings, for so many seconds at most."""
    return subprocess.run(
        [sys.executable, "-m", "broker", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def free_box_ports() -> int:
    """The first of as many consecutive ports as a box needs; they are free at this moment."""
    return free_ports(BACK_CHANNEL_OFFSET + 1)


@contextmanager
def running_box(begins: Callable[[int], None] | None = None, **extra: str) -> Iterator[Box]:
    """Start a box, wait until it welcomes, and end it with Ctrl-C. ``extra`` are more MAKELAAR_ settings.

    ``begins`` is told the first port before it starts, for who stands before the makelaar.
    """
    with tempfile.TemporaryDirectory(prefix="makelaar-box-") as folder:
        port = free_box_ports()
        environment = {"MAKELAAR_DATA": folder, "MAKELAAR_PORT": str(port), **extra}
        if begins is not None:
            begins(port)
        output = Path(folder) / "run.out"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "broker", "run"],
                env={**os.environ, **environment},
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            settings = Settings(data=Path(folder), port=port, public_url=extra.get("MAKELAAR_PUBLIC_URL"))
            _wait(process, output, settings)
            box = Box(settings, {}, environment)
            for person in json.loads(box.command("persons", "--json").stdout):
                box.persons[person["username"]] = person
            yield box
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()  # or its end would be a warning in a later test
                raise


def _wait(process: subprocess.Popen[bytes], output: Path, settings: Settings) -> None:
    deadline = time.monotonic() + START_SECONDS
    while b"/metadata" not in output.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            logs = "".join(path.read_text("utf-8")[-2000:] for path in settings.log_folder.glob("*.log"))
            raise RuntimeError(f"the box did not start:\n{output.read_text('utf-8')}\n{logs}")
        time.sleep(0.1)
    for party in PARTIES:
        requests.get(settings.url(party) + "/readyz", timeout=5).raise_for_status()
