"""How tests are dealt out over several processes."""

from types import SimpleNamespace
from typing import cast

import pytest

from tests.parallel import pytest_collection_modifyitems
from tests.parallel import pytest_xdist_auto_num_workers
from tests.parallel import pytest_xdist_make_scheduler
from tests.parallel import share


def _in_order(config: SimpleNamespace, *nodeids: str) -> list[str]:
    items = [cast(pytest.Item, SimpleNamespace(nodeid=nodeid)) for nodeid in nodeids]
    pytest_collection_modifyitems(cast(pytest.Config, config), items)
    return [item.nodeid for item in items]


def test_a_file_goes_to_one_process() -> None:
    assert share("tests/saml/test_soap.py::test_it[a::b]") == "tests/saml/test_soap.py"


def test_all_journeys_go_to_one_process() -> None:
    assert share("tests/journeys/test_sinks.py::test_it") == share("tests/journeys/test_swaps.py::test_it[a]")


def test_what_takes_longest_is_begun_first_and_else_chance_decides() -> None:
    shuffled = ["tests/saml/b.py::x", "tests/cli/b.py::x", "tests/saml/a.py::x", "tests/journeys/a.py::x"]

    assert _in_order(SimpleNamespace(workerinput={}), *shuffled) == [shuffled[3], shuffled[1], *shuffled[::2]]


def test_one_process_alone_keeps_the_order_of_chance() -> None:
    shuffled = ["tests/saml/b.py::x", "tests/journeys/a.py::x"]

    assert _in_order(SimpleNamespace(), *shuffled) == shuffled


def test_one_process_more_than_there_are_cores_works_while_others_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    assert pytest_xdist_auto_num_workers() == 3


def test_somebody_may_ask_for_another_order() -> None:
    asked = SimpleNamespace(getoption=lambda name: {"dist": "loadfile"}[name])

    assert pytest_xdist_make_scheduler(cast(pytest.Config, asked), None) is None
