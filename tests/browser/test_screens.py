"""Every screen can be used by everybody: any width, any sense, light or dark, without a script or a third party."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.screens import SCREENS
from tests.browser.visitor import Visitor

_AXE = Axe()
_AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
_NARROWEST = 320
_BUDGET_BYTES = 40 * 1024
_NOT_LOGGING_IN = ("dienstverlener-start", "result", "result-eidas", "failed", "unbelievable-answer")
"""Pages of the demo, which may be heavier: they show whole messages."""


@pytest.mark.rule("11.15", "11.18", "11.20")
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_for_everybody(scripted: Visitor, screen: str) -> None:
    SCREENS[screen](scripted)
    page = scripted.page
    # First of all: taking a picture or a measurement leaves traces in the page.
    assert page.locator("script, [onclick], [onload], [onsubmit], [style], style, iframe").count() == 0
    assert page.locator("h1").count() == 1
    assert page.title().endswith(f"– {scripted.at.display_name('nl')}" if scripted.at else "?")
    assert page.locator("html").get_attribute("lang") == "nl"
    _photograph(scripted, screen)

    page.set_viewport_size({"width": _NARROWEST, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= _NARROWEST, f"{width} pixels wide"
    _photograph(scripted, f"{screen}-narrow")

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = _AXE.run(page, options=_AXE_OPTIONS)
        assert found.violations_count == 0, found.generate_report()

    if screen not in _NOT_LOGGING_IN:
        style = page.locator("link[rel=stylesheet]").evaluate("link => link.href")
        loaded = len(page.content().encode()) + len(scripted.context.request.get(style).body())
        assert loaded < _BUDGET_BYTES


@pytest.mark.rule("2.58", "11.19")
def test_the_language_can_be_changed_and_is_remembered(visitor: Visitor) -> None:
    seen = [visitor.ask(3).language, visitor.switch_language().language]
    assert seen == ["nl", "en"]
    assert visitor.heading == visitor.says(
        "hm.choose.title_service", dv="Municipality of Example", service="Apply for an environmental permit"
    )
    visitor.choose_ad("werknemer")
    assert visitor.heading == visitor.says("ad.login.title"), "the other parties speak English too"
    visitor.authenticate("werknemer")
    assert visitor.heading == visitor.says("dv.result.title")
    assert visitor.language == "en"
    assert visitor.switch_language().language == "nl"


@pytest.mark.rule("11.04", "11.08", "11.16")
def test_each_dialog_names_who_shows_it_and_what_for(scripted: Visitor) -> None:
    steps: tuple[Callable[[], Visitor], ...] = (
        lambda: scripted.ask(3),
        lambda: scripted.choose_ad("eigenaar"),
        lambda: scripted.fill_in_password("eigenaar").do("login"),
        lambda: scripted.fill_in_code("eigenaar").do("login"),
    )
    for step in steps:
        step()
        assert scripted.at
        assert scripted.at.display_name("nl") in scripted.page.locator("header").inner_text()
        assert "Gemeente Voorbeeld" in scripted.page.locator("main").inner_text()
        assert "Omgevingsvergunning aanvragen" in scripted.page.locator("main").inner_text()
        assert scripted.page.locator("main a").count() == 0, "no links out of a login"


@pytest.mark.rule("11.01", "11.02", "11.07")
def test_the_list_holds_those_who_can_deliver_in_alphabetical_order(scripted: Visitor) -> None:
    assert scripted.ask(2).offered() == ["Sleutel Voorbeeld", "Toegang Voorbeeld"]
    assert "EH2+" in scripted.text
    assert scripted.switch_language().offered() == ["Example Access", "Example Key"]
    assert scripted.switch_language().ask(3).offered() == ["Sleutel Voorbeeld"]
    assert "EH3" in scripted.text


@pytest.mark.rule("9.32")
def test_a_page_does_not_show_in_a_frame(scripted: Visitor) -> None:
    address = scripted.ask(3).page.url
    scripted.page.goto("about:blank")
    scripted.page.set_content(f'<iframe src="{address}" title="the makelaar"></iframe>')
    framed = scripted.page.frames[-1]
    assert framed.url == "chrome-error://chromewebdata/"


def _photograph(person: Visitor, name: str) -> None:
    """Keep a picture when ``MAKELAAR_TEST_PICTURES`` names a folder, for a person to look at."""
    folder = os.environ.get("MAKELAAR_TEST_PICTURES")
    if folder:
        person.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
