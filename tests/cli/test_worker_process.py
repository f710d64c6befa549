"""`makelaar worker` as a process of its own ends when it is asked to, and leaves its turns to others."""

import os
import signal
import subprocess
import sys
import time

from broker.exchange.own import system_clock
from broker.onboarding.jobs import JOBS
from broker.onboarding.worker import ALIVE
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.leases import SqlLeases
from tests.box import ROOT
from tests.cli.conftest import Installation

_SECONDS = 60


def test_on_sigterm_it_finishes_its_turns_and_ends_with_zero(installation: Installation) -> None:
    environment = {"MAKELAAR_DATA": str(installation.data), "MAKELAAR_PORT": str(installation.port)}
    leases = SqlLeases(make_engine(installation.settings.database(MAKELAAR)))
    process = subprocess.Popen(
        [sys.executable, "-m", "broker", "worker"], cwd=ROOT, env={**os.environ, **environment}
    )
    try:
        deadline = time.monotonic() + _SECONDS
        while not leases.every() and time.monotonic() < deadline:
            time.sleep(0.02)
        # Its first turn has begun: whatever it is doing now is finished first.
        process.send_signal(signal.SIGTERM)
        assert process.wait(_SECONDS) == 0
    finally:
        process.kill()
        process.wait()

    held = {each.name: each for each in leases.every()}
    assert set(held) == {ALIVE, *(job.name for job in JOBS)}
    # Done: those of a process that died would be held for minutes more.
    assert all(each.until <= system_clock() for each in held.values())
