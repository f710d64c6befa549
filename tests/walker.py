"""A person without a browser: follows redirects, keeps cookies, fills plain HTML forms by the names of their fields."""

from typing import Any
from urllib.parse import urljoin

import pyotp
import requests
from lxml import html

from broker.settings import GEMEENTE
from tests.box import Box


class Walker:
    """One browser session without JavaScript."""

    def __init__(self, box: Box) -> None:
        """A fresh session: no cookies."""
        self.box = box
        self.session = requests.Session()
        # Straight to loopback. Looking for a proxy would read the environment, which a command in this process may
        # be changing meanwhile (Box.command).
        self.session.trust_env = False
        self.session.headers["Accept-Language"] = "nl"
        self.answer: requests.Response | None = None

    @property
    def text(self) -> str:
        """All text on the page."""
        return " ".join(self.page.text_content().split())

    @property
    def page(self) -> html.HtmlElement:
        """The page, parsed."""
        assert self.answer is not None, "open a page first"
        return html.fromstring(self.answer.content)

    @property
    def url(self) -> str:
        """Where we are."""
        assert self.answer is not None, "open a page first"
        return self.answer.url

    @property
    def status(self) -> int:
        """The status of the page."""
        assert self.answer is not None, "open a page first"
        return self.answer.status_code

    def open(self, url: str, **parameters: str) -> "Walker":
        """Go to an address."""
        self.answer = self.session.get(url, params=parameters or None, timeout=20)
        return self

    def fields(self) -> set[str]:
        """The names of all fields in forms on the page."""
        return {name for form in self.page.forms for name in form.fields if name}

    def form(self, with_field: str | None = None) -> html.FormElement:
        """The first form, or the first with this field or a button of this name."""
        for form in self.page.forms:
            names = {element.get("name") for element in form.iter("input", "button", "select")}
            if with_field is None or with_field in names:
                return form
        raise AssertionError(f"no form with {with_field} on {self.url}: {self.text[:400]}")

    def submit(self, _with: str | None = None, **values: str) -> "Walker":
        """Fill in and send a form: the one that has the first field named, unless ``_with`` names another."""
        form = self.form(_with or next(iter(values), None))
        data: dict[str, Any] = dict(form.form_values())
        data.update(values)
        url = urljoin(self.url, form.action or self.url)
        if form.method.upper() == "GET":
            return self.open(url, **data)
        self.answer = self.session.post(url, data=data, timeout=20)
        return self

    def press(self, button: str, **values: str) -> "Walker":
        """Press the button named ``do`` with this value."""
        return self.submit(_with="do", do=button, **values)

    def take_part(self, ticket: str) -> "Walker":
        """Put this browser in the test of a ticket, by the button on its page."""
        return self.open(ticket).press("join")

    def relay(self) -> "Walker":
        """Press on through pages that only carry a message onward."""
        while {"SAMLRequest", "SAMLResponse"} & self.fields():
            self.submit(_with="SAMLRequest" if "SAMLRequest" in self.fields() else "SAMLResponse")
        return self

    def start(self, service: int, binding: str = "redirect", level: str = "") -> "Walker":
        """Choose a service at Gemeente Voorbeeld; on to the makelaar."""
        address = f"{self.box.url(GEMEENTE)}/login"
        return self.open(address, service=str(service), binding=binding, level=level).relay()

    def choose_ad(self, username: str, *, remember: bool = False) -> "Walker":
        """Choose the authenticatiedienst of a test person."""
        form = self.form("ad")
        data = {name: value for name, value in form.form_values() if remember or name != "remember"}
        data |= {"ad": self.box.persons[username]["ad"], "do": "choose"}
        self.answer = self.session.post(urljoin(self.url, form.action), data=data, timeout=20)
        return self.relay()

    def authenticate(self, username: str, **fields: str) -> "Walker":
        """Log in at the authenticatiedienst, with the second factor where it is asked."""
        person = self.box.persons[username]
        self.press("login", username=username, password=person["password"], **fields).relay()
        if "otp" in self.fields():
            self.press("login", otp=pyotp.TOTP(person["totp_secret"]).now()).relay()
        return self

    def choose_company(self, name: str) -> "Walker":
        """Choose a company at the register, by (part of) its name."""
        for choice in self.page.xpath("//input[@name='company']"):
            label = " ".join(choice.getparent().text_content().split())
            if name in label:
                return self.press("choose", company=choice.get("value")).relay()
        raise AssertionError(f"{name} cannot be chosen: {self.text[:400]}")

    def consent(self, *labels: str) -> "Walker":
        """Tick these attributes, and no others, and let them go."""
        form = self.form("attribute")
        data = [*form.form_values(), *(("attribute", label) for label in labels), ("do", "consent")]
        self.answer = self.session.post(urljoin(self.url, form.action), data=data, timeout=20)
        return self.relay()

    def log_in(self, username: str, service: int, binding: str = "redirect") -> "Walker":
        """From the dienstverlener to wherever the login of this person stops by itself."""
        return self.start(service, binding).choose_ad(username).authenticate(username)
