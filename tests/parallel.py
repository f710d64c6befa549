"""How the tests are dealt out when several processes run them, as `make test` does (`pytest --numprocesses`).

A process that runs out of work takes the next file, so that all end at about the same time. Two things need care:

- The tests of ``tests/journeys`` stay together. The last of them look through everything that the others left behind
  in the one box, the one ledger and the databases of their process.
- What takes longest comes first: the journeys, then what needs a box of its own or foreign software. The thousands of
  short tests fill the gap at the end.

There is one process more than there are cores: a test that waits for a browser, a partner or a clock leaves its core
to another. Every process has a box, servers and a browser of its own (fixtures of session scope), made when a test
first asks.
"""

import os
from typing import Any

import pytest

TOGETHER = "tests/journeys/"
"""The folder of which one process runs all tests."""

FIRST = (
    *(
        TOGETHER,
        "tests/nasty/",
        "tests/faults/",
        "tests/browser/",
        "tests/interop/",
        "tests/attacks/",
        "tests/limits/",
    ),
    *("tests/mutants/", "tests/cli/", "tests/network/", "tests/storage/", "tests/fuzz/"),
)
"""Folders of which the tests take long, in the order in which they are begun. All others follow."""


def share(nodeid: str) -> str:
    """What a test is dealt out with: its file, or the folder that stays together."""
    return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]


def rank(nodeid: str) -> int:
    """The place of its folder in the order in which tests are begun."""
    return next((place for place, folder in enumerate(FIRST) if nodeid.startswith(folder)), len(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `--numprocesses=auto` is, unless `--maxprocesses` says fewer."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the processes of a parallel run, put first what takes longest; pytest-randomly has shuffled before."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """The order above; None where somebody asks for another with ``--dist``."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling  # only here: without --numprocesses it is not loaded

    class Shares(LoadScopeScheduling):
        """Deals out shares in the order of collection."""

        def _split_scope(self, nodeid: str) -> str:
            return share(nodeid)

    config.option.loadscopereorder = False  # it would put first what has the most tests
    return Shares(config, log)
