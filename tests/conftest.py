"""Fixtures that several suites share."""

from collections.abc import Iterator

import pytest

from tests.box import Box
from tests.box import running_box
from tests.walker import Walker


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """One running box for all tests that need one; tests leave it as they found it."""
    with running_box() as running:
        yield running


@pytest.fixture
def walker(box: Box) -> Walker:
    """A person with a fresh session."""
    return Walker(box)
