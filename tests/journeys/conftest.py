"""Two dienstverleners of our own at the running box, browsers, and what the makelaar has on record."""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing

import pytest

from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

Recorded = Callable[[str, str], list[tuple[str, str]]]
"""(column, value) of audit records to their (reference, outcome), oldest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Look through the sinks when all other journeys have been made."""
    items.sort(key=lambda item: "test_sinks" in item.nodeid)


@pytest.fixture(scope="session")
def dv(box: Box) -> Iterator[ForeignDv]:
    """A connected dienstverlener."""
    connected = ForeignDv(box, "foreign-dv", "00000099000000006000")
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture(scope="session")
def other_dv(box: Box) -> Iterator[ForeignDv]:
    """Another one."""
    connected = ForeignDv(box, "other-dv", "00000099000000006100", "http://localhost:9/other")
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """What all browsers were shown."""
    return Ledger()


@pytest.fixture
def new_visitor(box: Box, dv: ForeignDv, ledger: Ledger) -> Callable[[], Visitor]:
    """Makes people with browsers of their own."""
    return lambda: Visitor(box, dv, ledger)


@pytest.fixture
def visitor(new_visitor: Callable[[], Visitor]) -> Visitor:
    """A person with a fresh browser."""
    return new_visitor()


@pytest.fixture(scope="session")
def recorded(box: Box) -> Recorded:
    """The audit records of the makelaar."""
    database = box.settings.folder(MAKELAAR) / "party.db"

    def find(column: str, value: str) -> list[tuple[str, str]]:
        query = f"SELECT reference, outcome FROM audit WHERE {column} = ? ORDER BY id"  # noqa: S608
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return [(str(row[0]), str(row[1])) for row in connection.execute(query, (value,))]

    return find
