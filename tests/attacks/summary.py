"""How many of the attacks ended as they must, by family and by who fired them, under the summary of a run."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from broker.attacks.case import corpus
from tests.reporting import Row
from tests.reporting import table_lines

_RUNNERS = {
    "tests/attacks/test_saml.py::test_broker_saml_says": "broker.saml",
    "tests/attacks/test_saml.py::test_the_judges_say": "three judges",
    "tests/attacks/test_http.py::": "over HTTP",
}
_CASE = re.compile(r"\[([^\[\]]+)\]$")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table when attacks were fired."""
    results = [result for group in terminalreporter.stats.values() for result in group]
    rows = list(_rows(result for result in results if isinstance(result, pytest.TestReport)))
    if rows:
        terminalreporter.section("Attacks that ended as they must, N of N")
        for line in table_lines(rows):
            terminalreporter.write_line(line)


def _rows(results: Iterator[pytest.TestReport]) -> Iterator[Row]:
    fired: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    families = {case.id: case.family for case in corpus()}
    for result in results:
        runner = next((name for start, name in _RUNNERS.items() if result.nodeid.startswith(start)), None)
        found = _CASE.search(result.nodeid)
        if runner is None or found is None or found.group(1) not in families:
            continue
        # A test that fails while it is set up has no call.
        if result.when == "call" or result.failed:
            key = families[found.group(1)], runner
            fired[key] += 1
            passed[key] += result.passed
    for family in dict.fromkeys(families.values()):
        row = {name: _told(passed[family, name], fired[family, name]) for name in _RUNNERS.values()}
        if any(row.values()):
            yield {"family": family, **row}


def _told(passed: int, fired: int) -> str:
    return f"{passed} of {fired}" if fired else ""
