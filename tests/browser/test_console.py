"""The console in a browser: pages for everybody, the main job by keyboard alone, passkeys, and no script needed."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page
from sqlalchemy import select

from broker.console.shown import address
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.tables import partner_version
from tests.box import Box
from tests.browser.test_screens import _AXE_OPTIONS
from tests.browser.visitor import Visitor
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.saml.builders import DV

_AXE = Axe()
_NARROWEST = 320
PAGES = (
    *(
        "/",
        "/partners",
        "/partners?q=niets",
        "PARTNER",
        "VERSION",
        "CATALOGUE",
        "CONNECT",
        "TESTS",
        "/links",
        "/submit",
        "/checks",
        "/approvals",
        "/weather",
        "/keys",
        "KEY",
    ),
    *("/operators", "/tokens", "/history", "/account", "/confirm", "/nowhere"),
)
OUTSIDE = ("/login", "/enrol/used-up")
NAMED = {
    "PARTNER": "/partners/<part>",
    "CONNECT": "/partners/<part>/connect",
    "TESTS": "/partners/<part>/tests",
    "CATALOGUE": "/partners/<part>/catalogue",
    "KEY": "/keys/<name>",
    "VERSION": "/versions/<version_id>",
}
"""Pages about something: of this partner, of a version of it, of a key."""


class Operator:
    """The operator of the box with a browser."""

    def __init__(self, box: Box, context: BrowserContext) -> None:
        self.box = box
        self.base = box.settings.console_address
        self.known = json.loads((box.settings.data / "operator.json").read_text("utf-8"))
        self.context = context
        self.complaints: list[str] = []
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda asked: self._watch(asked.url))
        self.page = context.new_page()

    def _watch(self, url: str) -> None:
        if not url.startswith((self.base + "/", "about:")):
            self.complaints.append(url)

    def code(self) -> str:
        """A code that was not used yet: that of this step or the next."""
        totp = pyotp.TOTP(self.known["totp_secret"])
        used = self.box.environment.setdefault("codes used by tests/browser", "")
        for step in (-1, 0, 1):
            code = totp.at(int(time.time()) + 30 * step)
            if code not in used.split():
                self.box.environment["codes used by tests/browser"] = f"{used} {code}"
                return code
        pytest.fail("every code of this moment was used")

    def log_in(self) -> None:
        """By password and code, with the keyboard."""
        self.page.goto(self.base + "/login")
        self.page.keyboard.press("Tab")
        assert self.page.evaluate("document.activeElement.className") == "skip"
        self.page.focus("#username")
        self.page.keyboard.type(self.known["username"])
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(self.known["password"])
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#code")
        self.page.focus("#code")
        self.page.keyboard.type(self.code())
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("nav.sections")


@pytest.fixture(scope="module", autouse=True)
def something_of_everything(box: Box) -> None:
    """What makes lists long: links, a token, an operator who was invited, a behaviour test, with names that are too."""
    long = "Gemeenschappelijke regeling van samenwerkendewaterschapsbelastingorganisaties"
    for words in (
        ("dv", "link", "--new", long),
        ("dv", "link", GEMEENTE.entity_id),
        ("dv", "rehearse", GEMEENTE.entity_id, "expired"),
        ("token", "make", "a-program-with-a-name-that-has-no-spaces-at-all", "--scope", "partners:read"),
        ("operator", "add", "an-operator-with-a-long-name", "--role", "viewer"),
    ):
        done = box.command(*words)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def state_of_login(box: Box, chromium: Browser) -> Any:
    """The cookie of a login, for all tests that are not about logging in."""
    operator = Operator(box, chromium.new_context(locale="nl-NL"))
    operator.log_in()
    state = operator.context.storage_state()
    operator.context.close()
    return state


@pytest.fixture
def operator(box: Box, chromium: Browser, state_of_login: Any) -> Iterator[Operator]:
    """An operator who is logged in, in a browser with JavaScript."""
    yield from _with(box, chromium.new_context(locale="nl-NL", storage_state=state_of_login))


@pytest.fixture
def scriptless(box: Box, chromium: Browser, state_of_login: Any) -> Iterator[Operator]:
    """The same without JavaScript."""
    context = chromium.new_context(locale="nl-NL", storage_state=state_of_login, java_script_enabled=False)
    yield from _with(box, context)


def _with(box: Box, context: BrowserContext) -> Iterator[Operator]:
    someone = Operator(box, context)
    yield someone
    complaints = someone.complaints
    context.close()
    assert not complaints


def _address(box: Box, page: str) -> str:
    rule = NAMED.get(page, page)
    if "<version_id>" in rule:
        engine = make_engine(box.settings.database(MAKELAAR))
        with engine.connect() as connection:
            column = partner_version.c
            query = select(column.id).where(column.entity_id == GEMEENTE.entity_id).limit(1)
            found = connection.execute(query).scalar_one()
        engine.dispose()
        return rule.replace("<version_id>", found)
    return rule.replace("<part>", address(GEMEENTE.entity_id)).replace("<name>", "signing")


def _require_usable(page: Page) -> None:
    assert page.locator("h1").count() == 1
    assert page.locator("[style], style, iframe, [onclick]").count() == 0
    page.set_viewport_size({"width": _NARROWEST, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= _NARROWEST
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = _AXE.run(page, options=_AXE_OPTIONS)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 1200, "height": 800})


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_console_is_for_everybody(operator: Operator, box: Box, name: str) -> None:
    operator.page.goto(operator.base + _address(box, name))

    assert operator.page.locator("html").get_attribute("lang") == "nl"
    assert operator.page.locator("nav.sections").count() == 1
    _require_usable(operator.page)


def test_a_form_with_something_wrong_is_for_everybody(operator: Operator, box: Box) -> None:
    operator.page.goto(operator.base + _address(box, "CATALOGUE"))
    operator.page.fill("[name='names.nl']", "")
    operator.page.press("[name='names.nl']", "Enter")
    operator.page.wait_for_selector("[aria-invalid=true]")

    _require_usable(operator.page)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_page_before_the_login_is_for_everybody(box: Box, chromium: Browser, name: str) -> None:
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(box.settings.console_address + name)

    assert page.locator("html").get_attribute("lang") == "en"
    _require_usable(page)
    context.close()


def test_the_main_job_needs_neither_mouse_nor_script(scriptless: Operator) -> None:
    page = scriptless.page
    page.goto(scriptless.base + "/submit")
    for name, document in (("metadata", metadata_of("dv")), ("catalogue", catalogue_of("dv"))):
        page.focus(f"#{name}_text")
        page.keyboard.insert_text(document.decode())
    page.focus("main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=bewaard als concept")
    assert page.locator("details.finding, .points li").count() > 0
    page.focus("button[value=activate]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=in gebruik, of heeft haar datum")

    assert page.locator(".tag.good").first.inner_text() == "In gebruik"
    scriptless.box.command("dv", "remove", DV)


def test_a_passkey_is_added_and_logs_in(operator: Operator) -> None:
    client = operator.context.new_cdp_session(operator.page)
    client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    client.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page = operator.page
    page.goto(operator.base + "/account")
    page.fill("form[data-passkey] input[name=name]", "Proeflaptop")
    page.click("form[data-passkey] button")
    page.wait_for_selector("text=De passkey is toegevoegd")
    operator.context.clear_cookies()
    page.goto(operator.base + "/login?next=/history")
    page.click("form[data-passkey] button")
    page.wait_for_selector("nav.sections a[aria-current]:has-text('Geschiedenis')")

    page.goto(operator.base + "/account")
    assert "Proeflaptop" in page.locator("main").inner_text()
    page.click("text=Verwijder Proeflaptop")
    page.wait_for_selector("text=Proeflaptop", state="detached")


def test_without_script_the_way_with_a_passkey_is_not_there(box: Box, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(box.settings.console_address + "/login")

    assert [button.inner_text() for button in page.locator("main button:visible").all()] == ["Log in"]
    context.close()


def test_one_click_logs_in_at_a_service_and_shows_what_its_dienstverlener_would_get(
    operator: Operator, box: Box, chromium: Browser
) -> None:
    operator.page.goto(operator.base + _address(box, "TESTS"))
    with operator.context.expect_page() as opened:
        operator.page.locator("button[name=service]").first.click()
    ticket = opened.value
    ticket.wait_for_load_state()
    assert "U bent uitgenodigd" in ticket.inner_text("main")
    operator.complaints.clear()  # that page is at the makelaar, and no longer of the console

    person = Visitor(box, chromium, javascript=True)
    person.page.goto(ticket.url)
    _require_usable(person.page)
    person.do("look").choose_ad("werknemer").authenticate("werknemer")

    assert person.heading == "Dit zou de dienstverlener ontvangen"
    assert GEMEENTE.entity_id in person.text
    _require_usable(person.page)
    assert not person.complaints
    person.close()
