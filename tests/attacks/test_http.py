"""Every case over HTTP, against a makelaar that runs, with its real state store, audit log and log file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.assembly.party import assemble
from broker.attacks.case import Case
from broker.attacks.case import corpus
from broker.attacks.live.judging import require
from broker.attacks.live.listener import listening
from broker.attacks.live.records import Records
from broker.attacks.live.stage import Stage
from broker.attacks.live.troupe import on_stage
from broker.settings import MAKELAAR
from tests.box import Box

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Our partners around the makelaar of the box."""
    folder: Path = tmp_path_factory.mktemp("troupe")
    makelaar = assemble(box.settings, MAKELAAR)
    with listening() as listener, on_stage(makelaar, folder, listener.url) as actors:
        yield Stage(box.url(MAKELAAR), actors, listener, Records(makelaar))
    makelaar.engine.dispose()


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.id)
def test_the_makelaar_reacts_as_the_case_says_and_nothing_else_happens(stage: Stage, case: Case) -> None:
    require(case, stage, stage.play(case))
