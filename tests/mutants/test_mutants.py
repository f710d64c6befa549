"""Every check of the validators is taken away once, and a test must notice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reporting import Report

FLOOR = 98.0
"""The score of all packages together may not fall below this; it goes up as the list of survivors gets shorter."""

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_whoever_takes_a_check_away_makes_a_test_fail(tmp_path: Path, report: Report) -> None:
    outcome = tmp_path / "outcome.json"
    done = subprocess.run(
        [sys.executable, "-m", "tools.mutants", "--json", str(outcome)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert outcome.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads(outcome.read_bytes())
    for row in found["table"]:
        report("Checks taken away one at a time, by package", **row)

    for fault in found["faults"]:
        report("Not as tests/mutants/survivors.toml says", fault=fault)

    assert found["faults"] == []
    assert found["table"][-1]["score %"] >= FLOOR
