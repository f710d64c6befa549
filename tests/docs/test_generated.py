"""Pages that are made from code are as the code would make them now."""

from broker.attacks.case import corpus
from broker.journey.refusals import REFUSALS
from tools import checks
from tools import conformance
from tools import judges
from tools import limits
from tools import misbehaviours
from tools import refusals
from tools import snippets
from tools import versions


def test_the_page_of_refusals_is_current() -> None:
    assert refusals.PAGE.read_text("utf-8") == refusals.render(), "run: python -m tools.refusals"


def test_the_page_of_checks_is_current() -> None:
    assert checks.PAGE.read_text("utf-8") == checks.render(), "run: python -m tools.checks"


def test_codes_that_are_never_sent_are_codes() -> None:
    assert set(REFUSALS).issuperset(refusals.NEVER_SENT)


def test_the_pages_of_snippets_are_current() -> None:
    stale = [path.name for path, text in snippets.pages().items() if path.read_text("utf-8") != text]
    assert not stale, "run: python -m tools.snippets"


def test_the_states_of_a_version_are_drawn_as_they_are() -> None:
    assert versions.PAGE.read_text("utf-8") == versions.render(), "run: python -m tools.versions"


def test_the_table_of_misbehaviours_is_current() -> None:
    assert misbehaviours.PAGE.read_text("utf-8") == misbehaviours.render(), (
        "run: python -m tools.misbehaviours"
    )


def test_the_table_of_rules_is_current() -> None:
    assert conformance.PAGE.read_text("utf-8") == conformance.render(), "run: python -m tools.conformance"


def test_the_page_of_limits_is_current() -> None:
    assert limits.PAGE.read_text("utf-8") == limits.render(), "run: python -m tools.limits"


def test_the_page_of_judges_is_current() -> None:
    assert judges.PAGE.read_text("utf-8") == judges.render(), "run: python -m tools.judges"


def test_every_difference_of_a_judge_is_explained_under_a_subject() -> None:
    lost = [case.id for case in corpus() if case.judges and judges.subject_of(case) == judges.OTHERWISE]
    assert not lost, "name the subject of the reason in tools/judges.py"
