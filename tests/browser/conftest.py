"""One Chromium for all tests that need a browser, and a fresh profile for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import sync_playwright

from tests.box import Box
from tests.browser.program import program
from tests.browser.visitor import Visitor

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives Chromium."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def visitor(request: pytest.FixtureRequest, box: Box, chromium: Browser) -> Iterator[Visitor]:
    """A person who begins with an empty browser; the test runs with JavaScript on and off."""
    yield from _visiting(box, chromium, javascript=request.param)


@pytest.fixture
def scripted(box: Box, chromium: Browser) -> Iterator[Visitor]:
    """A person with an ordinary browser, for what JavaScript has no part in."""
    yield from _visiting(box, chromium, javascript=True)


def _visiting(box: Box, chromium: Browser, *, javascript: bool) -> Iterator[Visitor]:
    person = Visitor(box, chromium, javascript=javascript)
    yield person
    complaints = person.complaints
    person.close()
    assert not complaints
