"""A person with a browser of which the tests see every address, and every message that passes behind an artifact."""

import base64
import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Self
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import requests
from lxml import etree
from lxml import html

from broker.settings import PARTIES
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.foreign_dv import Request
from tests.journeys.received import Received
from tests.walker import Walker


@dataclass
class Ledger:
    """All that browsers of the tests were shown: addresses, and (party's origin, page)."""

    addresses: list[str] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Passing:
    """A message on its way behind an artifact: where its browser is sent, and what it says."""

    address: str
    message: bytes

    @property
    def kind(self) -> str:
        """The local name of its root."""
        return str(etree.QName(etree.fromstring(self.message)).localname)

    @property
    def id(self) -> str:
        """Its ID."""
        return etree.fromstring(self.message).get("ID", "")

    @property
    def relay_state(self) -> str:
        """The RelayState beside it."""
        return parse_qs(urlsplit(self.address).query)["RelayState"][0]


def held(box: Box, artifact: str) -> bytes | None:
    """The message behind an artifact, read from the store of the party that holds it, without taking it."""
    raw = base64.b64decode(artifact)
    by_source = {hashlib.sha1(party.entity_id.encode()).digest(): party for party in PARTIES}  # noqa: S324
    database = box.settings.folder(by_source[raw[4:24]]) / "party.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        row = connection.execute(
            "SELECT value FROM state WHERE key = ?", (f"artifact:{raw[24:].hex()}",)
        ).fetchone()
    return None if row is None else base64.b64decode(bytes(row[0]).partition(b"\n")[2])


class Browser(requests.Session):
    """Follows redirects, but not to the addresses in ``stops``."""

    def __init__(self, *stops: str) -> None:
        """``stops`` are beginnings of addresses."""
        super().__init__()
        self.stops = list(stops)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where to go next, None to stay."""
        target = super().get_redirect_target(resp)
        return None if target is not None and target.startswith(tuple(self.stops)) else target


class Visitor(Walker):
    """Logs in at a foreign dienstverlener."""

    def __init__(self, box: Box, dv: ForeignDv, ledger: Ledger) -> None:
        """A fresh session."""
        super().__init__(box)
        self.dv = dv
        self.browser = Browser(dv.url + "/")
        self.browser.headers.update({"Accept-Language": "nl", "Connection": "close"})
        self.browser.hooks["response"].append(self._note)
        self.session = self.browser
        self.passed: list[Passing] = []
        self.request: Request | None = None
        self._ledger = ledger

    def _note(self, answer: requests.Response, **_: Any) -> None:
        parts = urlsplit(answer.url)
        self._ledger.addresses += [
            answer.url,
            answer.headers.get("Location", ""),
            str(answer.request.headers.get("Referer", "")),
        ]
        self._ledger.pages.append((f"{parts.scheme}://{parts.netloc}", answer.text))
        location = answer.headers.get("Location", "")
        artifact = parse_qs(urlsplit(location).query).get("SAMLart", [""])[0]
        message = held(self.box, artifact) if artifact else None
        if message is not None:
            self.passed.append(Passing(location, message))

    @property
    def page(self) -> html.HtmlElement:
        """The page; an empty one where the browser stays on a redirect."""
        assert self.answer is not None
        return html.fromstring(self.answer.content or b"<html></html>")

    @property
    def location(self) -> str:
        """Where the browser was sent without going there."""
        assert self.answer is not None
        return self.answer.headers.get("Location", "")

    @property
    def landing(self) -> dict[str, str]:
        """The parameters with which the browser was sent to the dienstverlener."""
        assert self.location.startswith(self.dv.url + "/"), (
            f"not back at the dienstverlener: {self.url} {self.text}"
        )
        return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query, True).items()}

    def send(self, request: Request, relay_state: str | None = None, *, binding: str = "post") -> Self:
        """Bring a request to the makelaar."""
        self.request = request
        if binding == "redirect":
            self.open(f"{self.dv.sso}?{self.dv.query(request, relay_state)}")
        else:
            self.post(self.dv.sso, self.dv.form(request, relay_state))
        return self

    def post(self, url: str, data: dict[str, str]) -> Self:
        """Post a form that no page showed."""
        self.answer = self.session.post(url, data=data, timeout=20)
        return self

    def relay(self) -> Self:
        """Press on through pages that only carry a message onward, but not to the dienstverlener."""
        while {"SAMLRequest", "SAMLResponse"} & self.fields() and not self._at_the_door():
            self.submit(_with="SAMLRequest" if "SAMLRequest" in self.fields() else "SAMLResponse")
        return self

    def _at_the_door(self) -> bool:
        return str(self.page.forms[0].action or "").startswith(self.dv.url + "/")

    @property
    def posting(self) -> dict[str, str]:
        """The fields of the form that would go to the dienstverlener, and ``action``, where to."""
        assert self._at_the_door(), f"not back at the dienstverlener: {self.url} {self.text}"
        form = self.form("SAMLResponse")
        return {**{str(name): str(value) for name, value in form.form_values()}, "action": str(form.action)}

    def press(self, button: str, **values: str) -> Self:
        """Press the button named ``do`` with this value."""
        super().press(button, **values)
        return self

    def choose_company(self, name: str) -> Self:
        """Choose a company at the register, by (part of) its name."""
        super().choose_company(name)
        return self

    def consent(self, *labels: str) -> Self:
        """Tick these attributes, and no others, and let them go."""
        super().consent(*labels)
        return self

    def ask(self, service: int | None = 3, **request: Any) -> Self:
        """Begin a login."""
        return self.send(self.dv.ask(service, **request), "state-1")

    def complete(self, username: str, service: int | None = 3, **request: Any) -> Self:
        """From the dienstverlener to wherever the login of this person stops by itself."""
        self.ask(service, **request).choose_ad(username)
        self.authenticate(username)
        return self

    def received(self) -> Received:
        """What the dienstverlener gets, now that the browser is back."""
        return self.dv.resolve(self.landing["SAMLart"])

    def last(self, kind: str) -> Passing:
        """The last message of this kind that passed."""
        return next(passing for passing in reversed(self.passed) if passing.kind == kind)
