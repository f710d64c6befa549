"""A bounded run over HTTP, at a makelaar in this process."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import seed
from hypothesis import settings

from tests.fuzz.makelaar import Makelaar
from tests.fuzz.makelaar import makelaar
from tests.fuzz.strategies import programs
from tests.fuzz.tally import Tally
from tests.fuzz.web import GOES_ON
from tests.fuzz.web import SCENES
from tests.fuzz.web import judge_scene
from tests.reporting import Report

SECONDS = 12


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Makelaar]:
    """One makelaar for all of them."""
    with makelaar(Path(tmp_path_factory.mktemp("fuzzed"))) as found:
        yield found


@pytest.mark.parametrize("number", range(len(SCENES)), ids=lambda number: SCENES[number].name)
def test_every_scene_goes_on_with_what_its_sender_signed(running: Makelaar, number: int) -> None:
    assert judge_scene(running, bytes([number, 0])) == (SCENES[number].name, GOES_ON)


@pytest.mark.parametrize("number", range(len(SCENES)), ids=lambda number: SCENES[number].name)
def test_no_scene_goes_on_with_what_a_stranger_signed(running: Makelaar, number: int) -> None:
    assert judge_scene(running, bytes([number, 7]))[1] != GOES_ON


@pytest.mark.slow
def test_hypothesis_finds_no_fault_over_http(running: Makelaar, report: Report) -> None:
    tally, until, rounds = Tally(), time.monotonic() + SECONDS, 0

    @settings(max_examples=20, database=None, suppress_health_check=list(HealthCheck))
    @given(programs)
    def run(data: bytes) -> None:
        tally.add(*judge_scene(running, data))

    while time.monotonic() < until:
        seed(rounds)(run)()
        rounds += 1
    for scene, outcomes in tally.counts.items():
        shown = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
        report("Fuzzing: over HTTP", endpoint=scene, inputs=outcomes.total(), outcomes=shown)
    assert tally.inputs >= 20
