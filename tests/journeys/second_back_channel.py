"""A second back channel over the data of the box, with other settings."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

import pytest

from broker.cli.supervisor import Service
from broker.cli.supervisor import launch
from broker.cli.supervisor import services
from broker.settings import BACK_CHANNEL
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import Settings
from tests.box import Box
from tests.box import free_box_ports


@contextmanager
def running(box: Box, log: Path, **settings: str) -> Iterator[Settings]:
    """The back channel over the data of a box with other settings."""
    names = {f"MAKELAAR_{name.upper()}": value for name, value in settings.items()}
    names |= {"MAKELAAR_DATA": str(box.settings.data), "MAKELAAR_PORT": str(free_box_ports())}
    with pytest.MonkeyPatch.context() as patch, log.open("wb") as file:
        for name, value in names.items():
            patch.setenv(name, value)
        ours = Settings()
        service: Service = next(each for each in services(ours) if each.name == BACK_CHANNEL)
        process: subprocess.Popen[bytes] = launch(ours, service, file)
    try:
        address = ours.back_channel_socket or ("127.0.0.1", ours.port + BACK_CHANNEL_OFFSET)
        _wait(process, address, log)
        yield ours
    finally:
        # All of it, at once. Asked kindly, gunicorn would wait half a minute for whoever keeps a connection open; and
        # told by SIGINT, a worker may wait for itself: it closes its pool of threads, while it hands it a request.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], address: Path | tuple[str, int], log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
        with socket.socket(family) as probe:
            if probe.connect_ex(str(address) if isinstance(address, Path) else address) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"it did not start: {log.read_text('utf-8')}")
