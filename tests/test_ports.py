"""Ports for what the tests start: no two are handed out at once, to one process or to several."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.ports import HIGHEST
from tests.ports import LOWEST
from tests.ports import free_port
from tests.ports import free_ports

ROOT = Path(__file__).parent.parent


def test_ports_that_were_asked_for_one_after_the_other_differ() -> None:
    first, alone, second = free_ports(21), free_port(), free_ports(21)

    assert len({*range(first, first + 21), alone, *range(second, second + 21)}) == 43


def test_a_port_on_which_somebody_listens_is_passed_over() -> None:
    listener = socket.create_server(("127.0.0.1", free_port()))
    with listener:
        taken = listener.getsockname()[1]
        # Enough to go round in the block of this process more than once.
        assert taken not in {free_port() for _ in range(1200)}


def test_another_process_has_ports_of_its_own() -> None:
    ours = {free_port() for _ in range(1200)}
    command = "from tests.ports import free_port; print(*(free_port() for _ in range(1200)))"

    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, check=True, timeout=30
    )

    theirs = {int(port) for port in run.stdout.split()}
    assert theirs
    assert not theirs & ours
    assert all(LOWEST <= port < HIGHEST for port in theirs | ours)
