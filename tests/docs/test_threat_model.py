"""The threat model names, for each promise, cases that are there; and every case stands behind some promise."""

import re
from pathlib import Path

from broker.attacks.case import corpus

ROOT = Path(__file__).parents[2]
_PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
_PROMISES = _PAGE.partition("## Promises")[2].partition("\n## ")[0]
_ROWS = [
    line for line in _PROMISES.splitlines() if line.startswith("| ") and not line.startswith("| we promise")
]
_CASE = re.compile(r"`(\d{3}(?:-[a-z0-9.-]+)?)`")
_PROVEN_BY = re.compile(r"`(\d{3})`: `(tests/[a-z_/.]+)`")
_LAST = 126


def cases(named: str) -> list[str]:
    """The cases whose id is this, or begins with this number."""
    return [case.id for case in corpus() if case.id == named or case.id.startswith(f"{named}-")]


def test_every_promise_names_what_would_fail() -> None:
    assert len(_ROWS) > 20
    assert not [row for row in _ROWS if not _CASE.search(row)]


def test_every_case_that_is_named_is_there_or_a_test_stands_in_its_place() -> None:
    by_tests = dict(_PROVEN_BY.findall(_PROMISES))
    chained = {"067", "069", "070"}  # named together, before the tests of the last of them
    missing = [
        name for name in _CASE.findall(_PROMISES) if not cases(name) and name not in {*by_tests, *chained}
    ]
    assert not missing


def test_what_stands_in_the_place_of_cases_exists() -> None:
    assert not [path for _, path in _PROVEN_BY.findall(_PROMISES) if not (ROOT / path).exists()]


def test_every_case_stands_behind_a_promise() -> None:
    named = set(_CASE.findall(_PROMISES))
    assert not [case.id for case in corpus() if not {case.id, case.id[:3]} & named]


def test_every_threat_is_named() -> None:
    named = {name[:3] for name in _CASE.findall(_PROMISES)}
    assert not {f"{number:03}" for number in range(1, _LAST + 1)} - named
