"""A bounded run of the fuzzers in every test run; ``make fuzz`` runs them for as long as one likes.

What they may not find stands in ``docs/fuzzing.md``.
"""

import re
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import seed
from hypothesis import settings

from tests.fuzz.kinds import KINDS
from tests.fuzz.mutants import NUMBER_OF_MUTATIONS
from tests.fuzz.mutants import mutate
from tests.fuzz.oracle import ACCEPTED
from tests.fuzz.oracle import judge
from tests.fuzz.program import Program
from tests.fuzz.program import Step
from tests.fuzz.strategies import programs
from tests.fuzz.tally import Tally
from tests.reporting import Report

ROOT = Path(__file__).parent.parent.parent
SECONDS = 15
"""Of each fuzzer. On a busy machine that is fewer inputs, not more time."""
TITLE = "Fuzzing: messages"

_AS_SIGNED, _BY_ITS_SENDER, _BY_A_PARTNER, _BY_A_STRANGER = 0, 4, 6, 7


def show(report: Report, fuzzer: str, tally: Tally, **more: str) -> None:
    """The row of a fuzzer."""
    outcomes = tally.outcomes()
    accepted = outcomes.pop(ACCEPTED, 0)
    refused = ", ".join(f"{code} {count}" for code, count in outcomes.most_common())
    report(TITLE, fuzzer=fuzzer, inputs=tally.inputs, accepted=accepted, refused=refused, **more)


@pytest.mark.parametrize("number", range(len(KINDS)), ids=lambda number: KINDS[number].name)
def test_every_kind_of_message_is_accepted_unchanged(number: int) -> None:
    assert judge(mutate(bytes([number, _AS_SIGNED]))) == ACCEPTED
    assert judge(mutate(bytes([number, _BY_ITS_SENDER]))) == ACCEPTED


def test_no_kind_of_message_with_a_signature_is_accepted_from_anybody_else() -> None:
    bound = [number for number, kind in enumerate(KINDS) if kind.is_bound_always]
    for signing in (_BY_A_PARTNER, _BY_A_STRANGER):
        assert ACCEPTED not in {judge(mutate(bytes([number, signing]))) for number in bound}


@pytest.mark.parametrize("mutation", range(NUMBER_OF_MUTATIONS))
def test_every_mutation_changes_some_message(mutation: int) -> None:
    step = Step(mutation, 20_001, 7, 77)
    changed = {
        kind.name
        for number, kind in enumerate(KINDS)
        if mutate(Program.write(number, _AS_SIGNED, [step])).wire != mutate(bytes([number, _AS_SIGNED])).wire
    }
    assert changed


def test_the_same_bytes_are_the_same_program() -> None:
    data = Program.write(3, 5, [Step(1, 2, 3, 4), Step(200, 65535, 0, 255)])
    assert Program.read(data).steps == (Step(1, 2, 3, 4), Step(200, 65535, 0, 255))


@pytest.mark.slow
def test_hypothesis_finds_no_fault(report: Report) -> None:
    tally, until, rounds = Tally(), time.monotonic() + SECONDS, 0

    @settings(max_examples=50, database=None, suppress_health_check=list(HealthCheck))
    @given(programs)
    def run(data: bytes) -> None:
        tally.run(data)

    # In rounds, since hypothesis counts examples and not seconds; the same ones on any machine, as far as it comes.
    while time.monotonic() < until:
        seed(rounds)(run)()
        rounds += 1
    show(report, "hypothesis", tally, seed=f"0-{rounds - 1}")
    assert tally.inputs >= 50
    assert tally.outcomes()[ACCEPTED] > 0


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this platform or Python")
def test_atheris_finds_no_fault(report: Report, tmp_path: Path) -> None:
    counts = tmp_path / "counts.json"
    programs_folder = tmp_path / "programs"
    programs_folder.mkdir()
    command = [sys.executable, "-m", "tests.fuzz.coverage_guided", str(counts), f"-max_total_time={SECONDS}"]
    command += [
        f"-artifact_prefix={tmp_path}/",
        "-rss_limit_mb=1024",
        "-timeout=30",
        "-report_slow_units=30",
        str(programs_folder),
    ]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)

    found = [path.read_bytes().hex() for path in tmp_path.glob("*-*")]
    assert done.returncode == 0, f"programs {found}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    began = re.search(r"INFO: Seed: (\d+)", done.stderr)
    coverage = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/", done.stderr)
    assert began is not None
    assert coverage
    branches, features, kept = coverage[-1]
    more = {
        "seed": began.group(1),
        "coverage": f"{branches} branches, {features} features, {kept} programs kept",
    }
    show(report, "atheris", Tally.load(counts), **more)
