"""The report itself: counts, JSON there and back."""

import pytest

from broker.checks import CheckReport
from broker.checks import check
from tests.checks.tables import EXAMPLES


def report() -> CheckReport:
    """That on metadata with a NameIDFormat in it."""
    return check(EXAMPLES["MD-014"].subject())


def test_a_row_tells_where_it_is() -> None:
    (row,) = [each for each in report().rows if each.id == "MD-014"]

    assert (row.document, row.line) == ("metadata", 5)
    assert row.xpath == "/md:EntityDescriptor/md:SPSSODescriptor/md:NameIDFormat"
    assert row.found.endswith("transient")


def test_a_report_survives_json() -> None:
    first = report()

    assert CheckReport.from_json(first.to_json()) == first


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": 99}', "[" * 100_000])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        CheckReport.from_json(text)


def test_what_was_found_is_counted_and_what_passed_is_listed() -> None:
    made = report()

    assert made.counts()["fout"] == 0
    assert made.counts()["passed"] == len(made.passed)
    assert "MD-014" not in made.passed
    assert "MD-015" in made.passed
