"""docs/journey.md is the table, and nothing else."""

from pathlib import Path

from broker.journey.diagram import render
from broker.journey.table import TRANSITIONS

PAGE = Path(__file__).parents[2] / "docs/journey.md"


def test_the_page_in_docs_is_what_the_table_says_now() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `make diagrams`"


def test_every_transition_is_an_arrow_and_a_row() -> None:
    page = render()

    for (state, event), transition in TRANSITIONS.items():
        start, end = (name.replace("-", "_") for name in (state.value, transition.to.value))
        assert f"    {start} --> {end}: {event}\n" in page
        assert f"| {state} | {event} | {transition.to} | {transition.sends} |\n" in page
