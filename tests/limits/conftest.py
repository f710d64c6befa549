"""A dienstverlener of our own at the running box."""

from collections.abc import Iterator

import pytest

from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv


@pytest.fixture(scope="module")
def dv(box: Box) -> Iterator[ForeignDv]:
    """A connected dienstverlener."""
    connected = ForeignDv(box, "limited-dv", "00000099000000007700")
    connected.connect()
    yield connected
    connected.disconnect()
