"""Photographs the screens for the docs: `make screenshots`, or `python -m tools.screenshots [logins|console]`.

Starts a box of its own on free ports, walks through it with Chromium as a person would, and writes
``docs/screenshots/*.png``. Everything on the pictures is invented; the passwords end with the box.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pyotp
from playwright.sync_api import Browser
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

from broker.console.shown import address
from broker.settings import GEMEENTE
from tests.box import Box
from tests.box import running_box
from tests.browser.program import program
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
_WIDTH, _HEIGHT, _SCALE = 820, 900, 1.25
_PHONE = 360
_WIDTH_OF_CONSOLE = 1080
_BUDGET_KIB = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the keyboard, in one browser window."""

    box: Box
    page: Page

    def ask(self, service: int) -> "Person":
        """Go from the dienstverlener to the makelaar, for the service with this index."""
        self.page.goto(f"{self.box.url(GEMEENTE)}/login?service={service}&binding=redirect")
        return self

    def choose_ad(self, username: str) -> "Person":
        """Choose the authenticatiedienst of a test person, without having it remembered."""
        self.page.check(f"input[name=ad][value='{self.box.persons[username]['ad']}']")
        self.page.uncheck("input[name=remember]")
        return self.press("choose")

    def give_password(self, username: str) -> "Person":
        """Fill in name and password."""
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", self.box.persons[username]["password"])
        return self.press("login")

    def give_code(self, username: str) -> "Person":
        """Fill in the code of this moment."""
        self.page.fill("input[name=otp]", pyotp.TOTP(self.box.persons[username]["totp_secret"]).now())
        return self.press("login")

    def log_in(self, username: str, service: int) -> "Person":
        """From the dienstverlener to wherever this person's login stops by itself."""
        return self.ask(service).choose_ad(username).give_password(username).give_code(username)

    def act_for(self, company: str) -> "Person":
        """Choose a company at the register."""
        self.page.get_by_label(company).check()
        return self.press("choose")

    def press(self, button: str) -> "Person":
        """Press the button that does this."""
        self.page.click(f"button[name=do][value={button}]")
        return self

    def shoot(self, name: str, height: int = _HEIGHT) -> None:
        """Photograph the page from its top, at most ``height`` pixels of it."""
        whole = self.page.evaluate("Math.ceil(document.body.getBoundingClientRect().bottom)")
        width = self.page.viewport_size["width"] if self.page.viewport_size else _WIDTH
        path = FOLDER / f"{name}.png"
        clip = {"x": 0.0, "y": 0.0, "width": float(width), "height": float(min(whole, height))}
        self.page.screenshot(path=path, full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
        print(f"{path.relative_to(FOLDER.parent.parent)}  {path.stat().st_size // 1024} kB")


def a_login(person: Person) -> None:
    """The way of the owner of three companies, screen by screen."""
    person.page.goto(person.box.url(GEMEENTE))
    person.shoot("1-dienstverlener", 620)
    person.ask(2).shoot("2-choose-authenticatiedienst")
    person.choose_ad("eigenaar").shoot("3-log-in", 1000)
    person.give_password("eigenaar").shoot("4-code")
    person.give_code("eigenaar").shoot("5-choose-company")
    person.act_for("Fietsenmaker Proefrit").shoot("6-logged-in", 1040)


def a_chain(person: Person) -> None:
    """An intermediary, for a client that has revoked the chain and for one that has not."""
    person.log_in("accountant", 3).shoot("chain-choose-client")
    person.act_for("Garage Proefstand").shoot("refused-chain-revoked")
    person.log_in("accountant", 3).act_for("Bloemist De Testtulp").shoot("chain-logged-in", 640)


def the_rest(person: Person) -> None:
    """Attributes with consent, a portal, another member state, and logging out."""
    person.log_in("werknemer", 10).shoot("consent", 1000)
    person.log_in("werknemer", 0).shoot("portal", 700)
    person.ask(21).shoot("eidas-choose")
    person.page.get_by_label("prokurist").check()
    person.press("choose").shoot("eidas-logged-in", 640)
    person.log_in("werknemer", 11).page.click("button:has-text('Log out')")
    person.shoot("logged-out")


def the_refusals(person: Person) -> None:
    """What people and dienstverleners see when it does not work out."""
    person.log_in("verlopen", 3).shoot("refused-at-register")
    person.press("continue").shoot("refused-at-makelaar")
    person.press("back").shoot("refused-at-dienstverlener", 620)
    person.ask(99).shoot("refused-unknown-service")


def the_console(person: Person) -> None:
    """What an operator sees: who is connected, what a new version changes, what was checked, and what ends soon."""
    known = json.loads((person.box.settings.data / "operator.json").read_text("utf-8"))
    base, page = person.box.settings.console_address, person.page
    soon = datetime.now(UTC) + timedelta(days=20)
    page.goto(base + "/login")
    page.fill("#username", known["username"])
    page.fill("#password", known["password"])
    page.press("#password", "Enter")
    page.fill("#code", pyotp.TOTP(known["totp_secret"]).now())
    page.press("#code", "Enter")
    page.wait_for_selector("nav.sections")
    page.goto(base + "/submit")
    page.fill("#metadata_text", dv_metadata(attributes=f'validUntil="{soon:%Y-%m-%dT%H:%M:%SZ}"').decode())
    page.fill("#catalogue_text", catalogue().decode())
    page.click("main form button")
    page.click("button[value=activate]")
    page.goto(f"{base}/partners/{address(GEMEENTE.entity_id)}/catalogue")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.select_option(
        "[name='definitions.0.level']", page.locator("[name='definitions.0.level'] option").last.inner_text()
    )
    page.fill("[name='definitions.1.names.en']", "Ask for a parking permit")
    page.fill("#reason", "Asked by the municipality")
    page.click("button[value=save]")
    version = page.url.partition("?")[0]
    page.goto(version)
    person.shoot("console-version", 720)
    page.locator("details.check-row").first.evaluate("each => each.open = true")
    page.evaluate(
        "document.querySelectorAll('main section.card:not([aria-labelledby=report])').forEach(each => each.remove())"
    )
    person.shoot("console-report", 620)
    page.goto(version)
    page.click("button[value=ask]")
    for path in ("partners", "approvals", "weather"):
        page.goto(f"{base}/{path}")
        person.shoot(f"console-{path}", 480)
    page.goto(f"{base}/partners/{address(GEMEENTE.entity_id)}")
    person.shoot("console-partner", 600)


def _walk(
    browser: Browser,
    box: Box,
    walk: Callable[[Person], None],
    *,
    width: int,
    lang: str,
    scale: float = _SCALE,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": _HEIGHT}, device_scale_factor=scale, locale=lang
    )
    context.set_default_timeout(15_000)
    walk(Person(box, context.new_page()))
    context.close()


def _on_a_phone(person: Person) -> None:
    person.ask(3).shoot("phone-dutch")


def main(wanted: str = "") -> None:
    """Take all photographs, or one part of them. ``SystemExit`` when together they are too large for a repository."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        if wanted in ("", "console" if old.name.startswith("console-") else "logins"):
            old.unlink()
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with running_box() as box, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=arguments)
        if wanted != "console":
            for walk in (a_login, a_chain, the_rest, the_refusals):
                _walk(browser, box, walk, width=_WIDTH, lang="en-GB")
            _walk(browser, box, _on_a_phone, width=_PHONE, lang="nl-NL")
        if wanted != "logins":
            _walk(browser, box, the_console, width=_WIDTH_OF_CONSOLE, lang="en-GB", scale=1)
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png")) // 1024
    print(f"{total} kB together")
    if total > _BUDGET_KIB:
        sys.exit(f"more than {_BUDGET_KIB} kB: photograph less, or smaller")


if __name__ == "__main__":
    main(*sys.argv[1:2])
