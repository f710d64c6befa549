"""Tables of measurements at the end of a test run, where CI shows them without ``-s``.

Any test may take the fixture ``report`` and add rows to a table, which it names by a title::

    def test_a_bomb_stays_small(report: Report) -> None:
        peak = measured()
        report("Peak memory under the bombs", bomb="billion laughs", **{"peak MiB": peak, "bound MiB": BOUND})
        assert peak < BOUND

The names of the arguments are the columns. Rows are sorted by their first column, so that the order of the tests does
not show. A value is text or a number. Tests of any number of modules may add to the same title.

A row rides on the result of its test (``user_properties``), so it also comes home from the processes of pytest-xdist
and is in a JUnit XML. Only a test, or a fixture of function scope, can report.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Protocol

import pytest

_PROPERTY = "reported"

Value = str | int | float
Row = dict[str, Value]


class Report(Protocol):
    """Adds a row to the table ``title``."""

    def __call__(self, title: str, /, **columns: Value) -> None:
        """Keep the row until the summary of the run."""


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Rows for the tables under the summary of the run."""

    def add(title: str, /, **columns: Value) -> None:
        request.node.user_properties.append((_PROPERTY, [title, columns]))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every table that the tests of this run filled."""
    results = [result for group in terminalreporter.stats.values() for result in group]
    tables = _tables(result for result in results if isinstance(result, pytest.TestReport))
    for title in sorted(tables):
        terminalreporter.section(title)
        for line in table_lines(tables[title]):
            terminalreporter.write_line(line)


def _tables(results: Iterable[pytest.TestReport]) -> dict[str, list[Row]]:
    """The rows by title. Each phase of a test carries all its rows so far; the last phase has them all."""
    tables: dict[str, list[Row]] = {}
    for result in results:
        if result.when != "teardown":
            continue
        for name, value in result.user_properties:
            if name == _PROPERTY and isinstance(value, list | tuple):
                title, row = value
                tables.setdefault(str(title), []).append(row)
    return tables


def table_lines(rows: list[Row]) -> Iterator[str]:
    """The rows under their names, numbers to the right, sorted by the first column."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    rows = sorted(rows, key=lambda row: _order(row.get(names[0], "")))
    cells = [[_shown(row.get(name, "")) for name in names] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    numeric = [all(isinstance(row.get(name, 0), int | float) for row in rows) for name in names]
    for line in [names, *cells]:
        yield "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()


def _order(value: Value) -> tuple[bool, float, str]:
    return (True, 0, value) if isinstance(value, str) else (False, value, "")


def _shown(value: Value) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
