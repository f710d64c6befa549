"""The pages of a setup link in a browser: for everybody, by keyboard, without script, and in no log."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page

from broker.settings import GEMEENTE
from tests.box import Box
from tests.browser.test_console import _require_usable
from tests.journeys import documents

_OIN = "00000099000000007310"
_ENTITY_ID = f"urn:etoegang:DV:{_OIN}:entities:9001"
_NEWCOMER = ("--new", "Gemeente Nieuw")
_CONNECTED = (GEMEENTE.entity_id,)
_WHERE = f"?entity_id={_ENTITY_ID}&url=https://www.example.nl"
NewLink = Callable[..., str]


@pytest.fixture(scope="module")
def link(box: Box) -> NewLink:
    """The address of a new setup link."""

    def make(*words: str) -> str:
        made = box.command("dv", "link", *words)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    return make


def opened(chromium: Browser, url: str, locale: str = "nl-NL", *, script: bool = True) -> Page:
    context = chromium.new_context(locale=locale, java_script_enabled=script)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(url)
    return page


def document(name: str) -> str:
    made = {
        "metadata": documents.metadata("new-dv", _OIN, "http://localhost:9", (), (3,)),
        "catalogue": documents.catalogue("new-dv", _OIN, (3,)),
    }
    return made[name].decode()


@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
@pytest.mark.parametrize(
    ("whose", "where"),
    [(_NEWCOMER, ""), (_NEWCOMER, f"/software{_WHERE}"), (_CONNECTED, ""), (_CONNECTED, "/software")],
    ids=["newcomer", "its software", "connected", "its software too"],
)
def test_a_page_of_a_setup_link_is_for_everybody(
    chromium: Browser, link: NewLink, whose: tuple[str, ...], where: str, locale: str
) -> None:
    page = opened(chromium, link(*whose) + where, locale)

    assert page.locator("html").get_attribute("lang") == locale[:2]
    assert page.locator("nav.sections [aria-current=page]").count() == 1
    _require_usable(page)
    page.context.close()


def test_a_newcomer_checks_mends_and_hands_over_by_keyboard_without_script(
    chromium: Browser, link: NewLink, box: Box
) -> None:
    page = opened(chromium, link(*_NEWCOMER), script=False)
    page.focus("button[value=check]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#metadata_file[aria-invalid=true]")
    assert "Kies een bestand" in page.locator("[role=alert]").inner_text()

    for button, said in (("check", "Er is niets ingeleverd"), ("submit", "ingeleverd als concept")):
        for name in ("metadata", "catalogue"):
            page.focus(f"details:has(#{name}) summary")
            page.keyboard.press("Enter")
            page.focus(f"#{name}")
            page.keyboard.insert_text(document(name))
        page.focus(f"button[value={button}]")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"[role=status]:has-text('{said}')")

    assert page.locator("[aria-current=step]").inner_text().startswith("Doe een testlogin")
    assert page.locator("#versions ~ ul .tag").inner_text() == "Concept"
    assert page.locator("details.check-row").count() > 0
    page.context.close()
    assert box.command("dv", "withdraw", f"{_ENTITY_ID}#1").returncode == 0


def test_a_page_with_an_error_and_a_report_is_for_everybody(chromium: Browser, link: NewLink) -> None:
    page = opened(chromium, link(*_NEWCOMER))
    page.locator("details:has(#metadata) summary").click()
    page.fill("#metadata", document("metadata").replace("http://localhost:9", "http://dv.example"))
    page.click("button[value=check]")
    page.wait_for_selector("details.check-row[open]")
    page.click("button[value=check]")
    page.wait_for_selector("[role=alert]")

    _require_usable(page)
    page.context.close()


def test_neither_a_setup_link_nor_a_test_ticket_is_in_any_log(
    chromium: Browser, link: NewLink, box: Box
) -> None:
    url = link(*_CONNECTED)
    page = opened(chromium, url)
    page.click("button[value=test]")
    page.wait_for_url("**/test/*")
    ticket = page.url.rpartition("/")[2]
    page.goto(url + "/nowhere")
    page.context.close()

    assert len(ticket) > 20
    written = box.logs()
    assert url.rpartition("/")[2] not in written
    assert ticket not in written
