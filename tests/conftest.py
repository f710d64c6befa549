"""Fixtures that several suites share."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from hypothesis import settings

from tests.box import Box
from tests.box import running_box
from tests.walker import Walker
from tools.conformance import rules

pytest_plugins = ("tests.parallel", "tests.reporting", "tests.attacks.summary")

# A busy machine is no fault of the code: what is slow is measured by bench/, not by these tests.
settings.register_profile("without-deadline", deadline=None)
settings.load_profile("without-deadline")


def pytest_configure(config: pytest.Config) -> None:
    """Build the stylesheets before anything is collected; in a run of several processes, the first does it."""
    if not hasattr(config, "workerinput"):
        subprocess.run([Path(__file__).parent.parent / "tools/assets.sh"], check=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a marker with a number that is no rule: it would prove nothing."""
    for item in items:
        for mark in item.iter_markers("rule"):
            if unknown := [number for number in mark.args if number not in rules()]:
                raise pytest.UsageError(
                    f"{item.nodeid}: no such rule in tests/conformance/rules.toml: {', '.join(unknown)}"
                )


def _remember_private_keys() -> None:
    """Load the same private key once in this process: whether its numbers are prime takes 30 ms to see each time.

    What cannot be loaded is not remembered. The processes of a box load for themselves.
    """
    remembered = cache(serialization.load_pem_private_key)
    pytest.MonkeyPatch().setattr(serialization, "load_pem_private_key", remembered)


_remember_private_keys()


def _keep_loggers_open() -> None:
    """Let no logger of this process keep what it was first set up with.

    A process of the product is one party, so it does. Here apps of several parties are made in one process, and a
    logger that kept the processors of one of them would not be heard by ``capture_logs`` under the next.
    """
    configure = structlog.configure

    def without_keeping(**settings: Any) -> None:
        configure(**settings | {"cache_logger_on_first_use": False})

    pytest.MonkeyPatch().setattr(structlog, "configure", without_keeping)


_keep_loggers_open()


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """One running box for all tests that need one; tests leave it as they found it."""
    with running_box() as running:
        yield running


@pytest.fixture
def walker(box: Box) -> Walker:
    """A person with a fresh session."""
    return Walker(box)
