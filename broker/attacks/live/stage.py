"""Firing one case at a running makelaar, and judging everything that came of it."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_plus
from urllib.parse import urlencode

from lxml import etree

from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import Step
from broker.attacks.draft import Delivery
from broker.attacks.draft import Draft
from broker.attacks.draft import Http
from broker.attacks.live.browser import Browser
from broker.attacks.live.browser import Page
from broker.attacks.live.ingest import hand_over
from broker.attacks.live.ingest import has_network
from broker.attacks.live.lines import Lines
from broker.attacks.live.lines import absent
from broker.attacks.live.listener import Listener
from broker.attacks.live.logins import Login
from broker.attacks.live.logins import answer
from broker.attacks.live.logins import earlier
from broker.attacks.live.logins import reach
from broker.attacks.live.records import Records
from broker.attacks.live.records import Snapshot
from broker.attacks.live.troupe import asked
from broker.attacks.scene import Actor
from broker.attacks.scene import Question
from broker.attacks.scene import Scene
from broker.attacks.steps import perform
from broker.attacks.steps import take
from broker.attacks.steps.bringing import brought
from broker.settings import MAKELAAR


@dataclass
class Played:
    """A case that was fired: the login it played in, the pages that came back, and the records before and after."""

    case: Case
    login: Login
    delivery: Delivery | None
    pages: Sequence[Page]
    before: Snapshot
    after: Snapshot
    granted: int
    """Logins that succeeded meanwhile."""
    log: bytes
    """What the makelaar logged meanwhile."""
    asked: tuple[str, ...] = ()
    """The paths at which the makelaar came to ask us something."""
    changed_partners: tuple[str, ...] = ()
    """The entityIDs of partners that came, went or changed meanwhile."""

    @property
    def relay_state(self) -> str | None:
        """The RelayState that the dienstverlener sent along."""
        if self.case.hop is not Hop.REQUEST or self.delivery is None:
            return self.case.login.relay_state
        pairs = dict(self.delivery.form) or {name: unquote_plus(value) for name, value in self.delivery.query}
        return pairs.get("RelayState")

    @property
    def page(self) -> Page:
        """The page that is judged: the last."""
        return self.pages[-1]


@dataclass
class Stage:
    """A running makelaar with our partners around it. ``target`` is its base URL."""

    target: str
    actors: dict[str, Actor]
    listener: Listener
    records: Records

    @cached_property
    def lines(self) -> Lines:
        """Connections to its listener with mutual TLS."""
        folder = next(iter(self.actors.values())).stem.parent
        return Lines(self.records.makelaar.settings, folder, self.actors)

    def lacking(self, case: Case) -> str | None:
        """Why a case cannot be fired at this makelaar, None when it can."""
        if case.needs == "development-ca":
            return absent(self.records.makelaar.settings)
        if case.needs == "no-network" and has_network(self.records.makelaar):
            return "this makelaar has network metadata of its own"
        return None

    def play(self, case: Case) -> Played:
        """Fire a case. Raises ``CannotBeMade`` or ``NoLogin`` for a case that cannot be played."""
        browser = Browser(self.target)
        scene = self._scene(case)
        if case.login.earlier:
            scene.earlier = earlier(case, self._scene(case), Browser(self.target))
        login = reach(case, scene, browser)
        before, granted, logged = self.records.snapshot(), self.records.granted(), self.records.log_size
        partners = self.records.registered() if case.hands_over else {}
        try:
            pages, delivery = self._fire(case, login)
            asked = tuple(path for path, _ in self.listener.asked)
            now = self.records.registered() if case.hands_over else {}
        finally:
            self.listener.rest()
            if case.hands_over:
                self.records.put_back(partners)
        return Played(
            case,
            login,
            delivery,
            pages,
            before,
            self.records.snapshot(),
            self.records.granted() - granted,
            self.records.logged(logged),
            asked,
            tuple(
                sorted(name for name in partners.keys() | now.keys() if partners.get(name) != now.get(name))
            ),
        )

    def _scene(self, case: Case) -> Scene:
        evil = f"EVIL{secrets.token_hex(6)}"
        service = asked(case.login.by, case.login.service)
        question = Question(id="_none", consumer=self.target)
        return Scene(self.target, MAKELAAR.entity_id, self.actors, service, question, evil, self.listener.url)

    def _fire(self, case: Case, login: Login) -> tuple[list[Page], Delivery | None]:
        if case.hop is Hop.CHAIN:
            return [self._confirm(case, login)], None
        draft = perform(case, Draft(login.scene))
        if draft.handed is not None:
            return [hand_over(self.records.makelaar, self.listener, draft)], None
        delivery = brought(draft, case.hop)
        for document in draft.meanwhile:
            hand_over(self.records.makelaar, self.listener, document)
        self.listener.answer = lambda question: self._fetched(case, draft, question)
        for before in draft.first:
            for _ in range(before.times):
                self._send(login, before)
        if draft.past_lifetime:
            self.records.end_lifetime(login.scene.question.artifact)
        if delivery.at_once:
            with ThreadPoolExecutor(delivery.times) as pool:
                pages = list(pool.map(lambda _: self._send(login, delivery), range(delivery.times)))
            return sorted(pages, key=lambda page: page.status), delivery
        return [self._send(login, delivery) for _ in range(delivery.times)], delivery

    def _send(self, login: Login, delivery: Delivery) -> Page:
        if delivery.line is not None:
            return self.lines.send(delivery, delivery.line)
        return send(login.browser, delivery)

    def _confirm(self, case: Case, login: Login) -> Page:
        """The first register names a second; the case is what that one says."""
        register = case.login.confirm_at
        given = {"legal_for": register, "intermediate_for": case.login.by, "confirm_at": register}
        draft = Draft(login.scene)
        take("a chain", [Step(do="mr-assertion", given=given), Step(do="sign")], draft)
        login.scene.question.authorization = draft.message
        take("a chain", [Step(do="in-response"), Step(do="sign")], draft)
        message = draft.message

        def confirm(question: bytes) -> tuple[Http, bytes]:
            login.scene.question.id = _id_of(question)
            made = perform(case, Draft(login.scene))
            return made.http, made.http.instead if made.http.instead is not None else made.message

        self.listener.answer = confirm
        return answer(login, Hop.MR, message)

    def _fetched(self, case: Case, draft: Draft, question: bytes) -> tuple[Http, bytes]:
        """The makelaar fetches what stands behind an artifact of ours."""
        draft.scene.question.resolve = _id_of(question)
        later = draft.later or _envelope_by(draft.resolver or draft.said_by)
        behind = Draft(draft.scene, draft.actor, draft.message)
        take(case.id, later, behind)
        http = behind.http
        return http, behind.message if http.instead is None else http.instead


def send(browser: Browser, delivery: Delivery) -> Page:
    """Send a delivery once."""
    query = "&".join(f"{name}={value}" if name else value for name, value in delivery.query)
    address = delivery.path + (f"?{query}" if query else "")
    body, headers = delivery.body, dict(delivery.headers)
    if body is None and (delivery.method == "POST" or delivery.form):
        body = urlencode(delivery.form).encode()
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    if delivery.tampered or delivery.also_cookies:
        headers["Cookie"] = browser.cookie_header(delivery.also_cookies, tampered=delivery.tampered)
    return browser.send(delivery.method, address, body, headers, cookies=delivery.cookies)


def _envelope_by(actor: Actor) -> tuple[Step, ...]:
    given = {"by": actor.name, "in_response_to": "{resolve}"}
    return (Step(do="in-artifact-response", given=given), Step(do="sign"), Step(do="in-soap"))


def _id_of(envelope: bytes) -> str:
    """The ID of the message in a SOAP envelope."""
    root = etree.fromstring(envelope)
    return str(root[-1][0].get("ID", ""))
