"""People who log in again and again, whatever the parties do, and note what became of it."""

import re
import zlib
from base64 import b64decode
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urljoin
from urllib.parse import urlsplit

import pyotp

from broker.ports import Role
from broker.settings import BERICHTENSERVICE
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from tests.box import Box
from tests.nasty.browser import Browser
from tests.nasty.browser import Page

GRANTED = "granted"
NOT_BELIEVED = "not believed by the dienstverlener"
NOTHING = "nothing, there is a page"
AS_IT_STANDS = "as it stands"
_CODE = re.compile(r"<dt>Code</dt><dd><code>([a-z-]+)</code>")
_SAID = re.compile(r"code ([a-z0-9-]+)")
_REFERENCE = re.compile(r"EH-[0-9A-Z]{4}-[0-9A-Z]{4}")
_NUMBER = re.compile(r"<code>(9\d{7}|NL/DE/\w+|\d{9})</code>")
_ID = re.compile(rb'\sID="([^"]+)"')
_COMPANY = re.compile(
    r'name="company" value="([^"]+)" required><span class="what"><span class="name">([^<]+)'
)
_MOST_STEPS = 60
_MOST_TRIES = 2


@dataclass(frozen=True)
class Kind:
    """A login: who, to which service, by which binding, for which company, and the numbers that must come out."""

    name: str
    username: str
    service: int
    numbers: frozenset[str]
    company: str = ""
    binding: str = "redirect"


EMPLOYEE = Kind("direct", "werknemer", 11, frozenset({"90000011", "900000028"}))
POSTED = Kind("direct, by POST", "werknemer", 11, frozenset({"90000011", "900000028"}), binding="post")
OTHER_AD = Kind("other AD and register", "medewerker", 12, frozenset({"90000145", "900014520"}))
CHAIN = Kind(
    "chain", "accountant", 11, frozenset({"90000099", "900009044", "90000088"}), "Bloemist De Testtulp B.V."
)
FOREIGN = Kind("eIDAS", "prokurist", 21, frozenset({"NL/DE/HRB900000"}))


@dataclass
class Attempt:
    """From one choice of an authenticatiedienst to what came of it, and who misbehaved on the way."""

    misbehaviours: list[tuple[Party, str]] = field(default_factory=list)
    ended: str = ""
    in_chain: bool = False
    has_asked: bool = False


@dataclass
class Login:
    """One login of a kind: its attempts, the ID of its request, the journeys it made, and how the DV heard of it."""

    kind: Kind
    attempts: list[Attempt] = field(default_factory=lambda: [Attempt()])
    request_id: str = ""
    journeys: set[str] = field(default_factory=set)
    heard: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def attempt(self) -> Attempt:
        return self.attempts[-1]


class Person:
    """One of the people of a box, with a browser."""

    def __init__(self, box: Box, username: str) -> None:
        self._box = box
        self._known: dict[str, Any] = box.persons.get(username, {})
        self._username = username
        self._parties = {box.settings.port + party.port_offset: party for party in PARTIES}
        self.browser = Browser()

    def log_in(self, kind: Kind, *, tries_again: bool) -> Login:
        """Go on until something is final. ``tries_again`` is for a refusal after which another try is offered."""
        login = Login(kind)
        self.browser.forget_login()
        begin = f"{self._box.url(GEMEENTE)}/login?service={kind.service}&binding={kind.binding}"
        page = self.browser.get(begin)
        for _ in range(_MOST_STEPS):
            party = self._parties[page.port]
            self._note(login, party, page)
            following = self._follow(login, party, page, tries_again=tries_again)
            if following is None:
                return login
            page = following
        login.faults.append(f"no end at {page.path}")
        return login

    def _note(self, login: Login, party: Party, page: Page) -> None:
        login.attempt.misbehaviours += [(party, name) for name in page.misbehaved]
        login.attempt.has_asked |= party.role in {Role.AD, Role.EB}
        if party is MAKELAAR and (found := re.fullmatch("/journey/(.+)", page.path)):
            login.journeys.add(found.group(1))
        if page.location and (asked := parse_qs(urlsplit(page.location).query).get("SAMLRequest")):
            login.request_id = login.request_id or _message_id(asked[0])

    def _follow(self, login: Login, party: Party, page: Page, *, tries_again: bool) -> Page | None:
        """The next page, None when this was the last."""
        if page.status >= 500:
            login.faults.append(f"{page.status} of {party.name} at {page.path}")
        if page.location is not None:
            return self.browser.get(urljoin(page.url, page.location))
        if 'name="SAMLRequest"' in page.text or 'name="SAMLResponse"' in page.text:
            if login.kind.binding == "post" and not login.request_id:
                login.request_id = _posted_id(page.text)
            return self.browser.post(page)
        if party is GEMEENTE:
            self._hear(login, page)
            return None
        if party is MAKELAAR and 'name="do"' in page.text:
            return self._choose(login, page, tries_again=tries_again)
        if page.status >= 400 or party is MAKELAAR:
            code = _CODE.search(page.text)
            login.attempt.ended = code.group(1) if code else f"status {page.status}"
            login.heard = NOTHING
            if party is not MAKELAAR or not _REFERENCE.search(page.text):
                login.faults.append(f"{page.status} of {party.name} at {page.path}")
            return None
        return self._answer(login, party, page)

    def _choose(self, login: Login, page: Page, *, tries_again: bool) -> Page:
        if 'value="back"' in page.text:
            code = _CODE.search(page.text)
            login.attempt.ended = code.group(1) if code else "a page without a code"
            if not _REFERENCE.search(page.text):
                login.faults.append("a refusal without a reference")
            if tries_again and 'value="other"' in page.text and len(login.attempts) < _MOST_TRIES:
                login.attempts.append(Attempt())
                return self.browser.post(page, do="other")
            return self.browser.post(page, do="back")
        if login.attempt.has_asked:
            # An answer came that holds nothing: choose again, or go back.
            login.attempt.ended = AS_IT_STANDS
            if len(login.attempts) == _MOST_TRIES or 'name="ad"' not in page.text:
                return self.browser.post(page, do="cancel")
            login.attempts.append(Attempt())
        return self.browser.post(page, ad=self._known["ad"], do="choose", remember="1")

    def _answer(self, login: Login, party: Party, page: Page) -> Page:
        if party is BERICHTENSERVICE:
            return self.browser.post(page, do="choose", person=self._username)
        if 'name="username"' in page.text:
            code = pyotp.TOTP(self._known["totp_secret"]).now()
            password = self._known["password"]
            return self.browser.post(
                page, do="login", username=self._username, password=password, otp=code, stay="1"
            )
        if 'name="otp"' in page.text:
            return self.browser.post(page, do="login", otp=pyotp.TOTP(self._known["totp_secret"]).now())
        choices = {name: choice for choice, name in _COMPANY.findall(page.text)}
        login.attempt.in_chain = True
        return self.browser.post(page, do="choose", company=choices[login.kind.company])

    def _hear(self, login: Login, page: Page) -> None:
        """What the dienstverlener makes of it."""
        facts = page.text.partition('<section class="messages">')[0]
        if '<div class="card done">' in facts:
            login.heard = GRANTED
            login.attempt.ended = login.attempt.ended or GRANTED
            numbers = frozenset(_NUMBER.findall(facts))
            if numbers != login.kind.numbers:
                login.faults.append(f"{sorted(numbers ^ login.kind.numbers)} came out amiss")
            return
        said = _SAID.search(facts)
        if "<dt>Statuscode" in facts or "urn:oasis:names:tc:SAML:2.0:status" in facts:
            login.heard = said.group(1) if said else "a status without a code"
            login.attempt.ended = login.attempt.ended or login.heard
            if not _REFERENCE.search(facts):
                login.faults.append("a Response without a reference")
            return
        login.heard = NOT_BELIEVED


def _message_id(encoded: str) -> str:
    try:
        found = _ID.search(zlib.decompress(b64decode(encoded), -15))
    except (zlib.error, ValueError):
        return ""
    return found.group(1).decode() if found else ""


def _posted_id(text: str) -> str:
    encoded = re.search(r'name="SAMLRequest" value="([^"]+)"', text)
    found = _ID.search(b64decode(encoded.group(1))) if encoded else None
    return found.group(1).decode() if found else ""
