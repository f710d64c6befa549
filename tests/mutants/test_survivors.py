"""The list of checks that nobody would miss: each has a reason, and docs/mutants.md shows them all."""

import pytest

from tools.mutants.page import PAGE
from tools.mutants.page import render
from tools.mutants.scope import LEFT_OUT
from tools.mutants.scope import ROOT
from tools.mutants.scope import TESTS
from tools.mutants.scope import sources
from tools.mutants.survivors import Survivor
from tools.mutants.survivors import reasons
from tools.mutants.survivors import survivors


@pytest.mark.parametrize("row", survivors(), ids=lambda row: f"{row.place}: {row.check} -> {row.without}")
def test_a_survivor_has_a_reason(row: Survivor) -> None:
    kind, _, why = row.reason.partition(": ")

    assert kind in {"equivalent", "defence"}
    assert len(why) > 10


def test_every_survivor_is_a_check_of_the_code() -> None:
    _, gone = reasons(mutant for source in sources() for mutant in source.mutants)

    assert gone == []


def test_the_page_shows_the_list() -> None:
    assert PAGE.read_text("utf-8") == render(), "write it again: python -m tools.mutants.page"


@pytest.mark.parametrize("path", [*TESTS, *LEFT_OUT])
def test_what_is_tried_or_left_out_exists(path: str) -> None:
    assert (ROOT / path.partition("::")[0]).exists()
