"""A person with a browser: Chromium in a context of its own, watched for what a page of ours must never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp

from broker.screens import Language
from broker.screens import text
from broker.settings import GEMEENTE
from broker.settings import PARTIES
from broker.settings import Party

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import ConsoleMessage
    from playwright.sync_api import Locator
    from playwright.sync_api import Page
    from playwright.sync_api import Request

    from tests.box import Box

_MESSAGE = "input[name=SAMLRequest], input[name=SAMLResponse]"
_NORMAL_WIDTH, _NORMAL_HEIGHT = 1000, 900


class Visitor:
    """One browser profile, empty at first. ``complaints`` collects console errors and requests to third parties."""

    def __init__(self, box: Box, browser: Browser, *, javascript: bool, language: Language = "nl") -> None:
        """Open a window of a browser that prefers ``language``."""
        self.box = box
        self.complaints: list[str] = []
        self.context = browser.new_context(
            java_script_enabled=javascript,
            locale={"nl": "nl-NL", "en": "en-GB"}[language],
            viewport={"width": _NORMAL_WIDTH, "height": _NORMAL_HEIGHT},
        )
        self.context.set_default_timeout(15_000)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        self.context.on("request", self._watch)
        self.page = self.context.new_page()

    @property
    def text(self) -> str:
        """All text on the page, as it reads."""
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def heading(self) -> str:
        """The one heading of the page."""
        return self.page.locator("h1").inner_text()

    @property
    def at(self) -> Party | None:
        """The party whose page is on the screen."""
        here = (party for party in PARTIES if self.page.url.startswith(self.box.url(party) + "/"))
        return next(here, None)

    @property
    def language(self) -> Language:
        """The language of the page."""
        return "en" if self.page.locator("html").get_attribute("lang") == "en" else "nl"

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def look(self) -> Visitor:
        """Bring this tab to the front; Chromium slows down those behind it."""
        self.page.bring_to_front()
        return self

    def press(self, button: Locator, *, skip_checks: bool = False) -> Visitor:
        """Press a button that leads to another page, and wait until that is there.

        ``skip_checks`` lets the form go while required fields are empty, as an old browser does.
        """
        if skip_checks:
            button.evaluate("one => { one.formNoValidate = true }")
        with self.page.expect_navigation():
            button.click()
        return self

    def do(self, button: str) -> Visitor:
        """Press the button named ``do`` with this value, and what only carries a message onward after it."""
        return self.press(self.page.locator(f"button[name=do][value={button}]")).relay()

    def relay(self) -> Visitor:
        """Press on through pages that only carry a message onward."""
        while self.page.locator(_MESSAGE).count():
            self.press(self.page.locator("main button"))
        return self

    def choose_service(self, service: int, *, binding: str = "", level: str = "") -> Visitor:
        """Choose a service on the page of Gemeente Voorbeeld, with its settings when they are given."""
        self.page.goto(self.box.url(GEMEENTE) + "/")
        card = self.page.locator("li.card", has=self.page.locator(f"#service-{service}"))
        if binding or level:
            card.locator("summary").click()
            card.locator("select[name=binding]").select_option(binding or "post")
            card.locator("select[name=level]").select_option(level)
        return self.press(card.locator("button")).relay()

    def ask(self, service: int) -> Visitor:
        """Go to the makelaar for a service, by the shortest way."""
        self.page.goto(f"{self.box.url(GEMEENTE)}/login?service={service}&binding=redirect")
        return self

    def choose_ad(self, username: str, *, remember: bool = False) -> Visitor:
        """Choose the authenticatiedienst of a test person."""
        self.page.locator(f"input[name=ad][value='{self.box.persons[username]['ad']}']").check()
        self.page.locator("input[name=remember]").set_checked(remember)
        return self.do("choose")

    def fill_in_password(self, username: str) -> Visitor:
        """Fill in name and password, and press nothing yet."""
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", self.box.persons[username]["password"])
        return self

    def fill_in_code(self, username: str) -> Visitor:
        """Fill in the second factor of this moment, and press nothing yet."""
        self.page.fill("input[name=otp]", pyotp.TOTP(self.box.persons[username]["totp_secret"]).now())
        return self

    def authenticate(self, username: str) -> Visitor:
        """Log in at the authenticatiedienst, with the second factor where it is asked."""
        self.fill_in_password(username).do("login")
        if self.page.locator("input[name=otp]").count():
            self.fill_in_code(username).do("login")
        return self

    def log_in(self, username: str, service: int) -> Visitor:
        """From the dienstverlener to wherever the login of this person stops by itself."""
        return self.ask(service).choose_ad(username).authenticate(username)

    def consent(self, *labels: str) -> Visitor:
        """Tick these attributes and let them go."""
        for label in labels:
            self.page.locator(f"input[name=attribute][value={label}]").check()
        return self.do("consent")

    def choose_company(self, name: str) -> Visitor:
        """Choose a company at the register, by (part of) its name."""
        self.page.locator("label.choice", has_text=name).locator("input").check()
        return self.do("choose")

    def come_from(self, username: str) -> Visitor:
        """Be this person of another member state, at the eIDAS-berichtenservice."""
        self.page.locator(f"input[name=person][value={username}]").check()
        return self.do("choose")

    def offered(self) -> list[str]:
        """The choices on the page, in their order."""
        return [" ".join(choice.split()) for choice in self.page.locator("label.choice").all_inner_texts()]

    def switch_language(self) -> Visitor:
        """Press the one link that changes the language."""
        return self.press(self.page.locator("header nav a"))

    def facts(self) -> dict[str, str]:
        """What the page lists as term and description."""
        terms = self.page.locator("dl.facts dt").all_inner_texts()
        return dict(zip(terms, self.page.locator("dl.facts dd").all_inner_texts(), strict=True))

    def fact(self, key: str) -> str | None:
        """The description beside the term with this key of the language file."""
        return self.facts().get(self.says(key))

    def says(self, key: str, **values: object) -> str:
        """What the text with this key reads in the language of the page."""
        return str(text(self.language, key, **values))

    def messages(self) -> list[tuple[str, str]]:
        """(title, content) of each message that the dienstverlener shows, in order."""
        shown = self.page.locator(".messages details")
        titles = shown.locator("pre").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
        return list(zip(titles, shown.locator("code").all_text_contents(), strict=True))

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium reports the status of a page that says no by itself; the page is what tests look at.
        expected = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        ours = tuple(self.box.url(party) + "/" for party in PARTIES)
        if not request.url.startswith(ours) and request.url != "about:blank":
            self.complaints.append(f"third party: {request.url}")


def tab_of(visitor: Visitor, page: Page) -> Visitor:
    """The same person, looking at another tab."""
    other = object.__new__(Visitor)
    other.box, other.complaints = visitor.box, visitor.complaints
    other.context, other.page = visitor.context, page
    return other
