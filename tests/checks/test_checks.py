"""Each check finds what it is for, and nothing in documents that are good."""

import pytest

from broker.checks import CheckReport
from broker.checks import catalogue_of_checks
from broker.checks import check
from broker.checks.looking import LOOKS
from broker.domain.connection import Profile
from tests.checks.examples import Example
from tests.checks.examples import good
from tests.checks.tables import EXAMPLES
from tests.checks.tables import report_of

NOWHERE = {
    *("MD-004", "DC-004", "RQ-004"),  # was not read
    *("DC-070", "MD-000", "DC-000"),
    *(check_id for check_id in catalogue_of_checks() if check_id.startswith("TL-")),
}
"""What has no line in a document."""
FOUND_BY_READERS_ALONE = {"MD-000", "DC-000"}
"""For what no check foresaw; see ``test_readers``."""


@pytest.fixture(scope="module")
def passing() -> dict[Profile, CheckReport]:
    """The reports on good documents, in each profile."""
    return {profile: check(good(profile)) for profile in Profile}


def test_every_check_is_made_by_a_function_and_described() -> None:
    assert set(LOOKS) == set(catalogue_of_checks())


def test_every_check_has_an_example() -> None:
    assert set(EXAMPLES) == set(catalogue_of_checks()) - FOUND_BY_READERS_ALONE


def test_there_are_more_than_a_hundred_checks() -> None:
    assert len(catalogue_of_checks()) > 200


def test_good_documents_have_no_rows(passing: dict[Profile, CheckReport]) -> None:
    assert [(row.id, row.found) for row in passing[Profile.V1_13].rows] == []


@pytest.mark.parametrize("check_id", catalogue_of_checks())
def test_a_check_passes_good_documents(check_id: str, passing: dict[Profile, CheckReport]) -> None:
    profiles = catalogue_of_checks()[check_id].profiles
    profile = next(each for each in Profile if each in profiles)

    assert check_id in passing[profile].passed


@pytest.mark.parametrize(("check_id", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_a_check_finds_its_example_and_little_else(check_id: str, example: Example) -> None:
    report = report_of(check_id)
    rows = [row for row in report.rows if row.id == check_id]

    assert rows, sorted({row.id for row in report.rows})
    assert {row.id for row in report.rows} == {check_id} | example.also
    assert all(row.line > 0 for row in rows) or check_id in NOWHERE
    assert check_id not in report.passed
