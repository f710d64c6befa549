"""Bringing a login to the hop that a case is about, with answers that must be accepted on the way."""

import base64
from dataclasses import dataclass
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from lxml import etree

from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import Step
from broker.attacks.draft import Draft
from broker.attacks.live.browser import Browser
from broker.attacks.live.browser import Page
from broker.attacks.scene import Earlier
from broker.attacks.scene import Question
from broker.attacks.scene import Scene
from broker.attacks.steps import take
from broker.attacks.steps.bringing import ENDPOINTS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag


class NoLogin(Exception):
    """The makelaar did not go along with a login that it should have gone along with."""


@dataclass
class Login:
    """A login under way in one browser, and the page it stands at."""

    browser: Browser
    scene: Scene
    page: Page | None = None

    @property
    def journey(self) -> str:
        """Its id at the makelaar, which travels as RelayState; empty before there is a login."""
        return self.scene.question.relay_state


def earlier(case: Case, scene: Scene, browser: Browser) -> Earlier:
    """A login that comes before that of a case, up to the same hop, and is answered as it should be."""
    login = Login(browser, scene)
    begin(case, login)
    _choose(case, login)
    question, relay_state = scene.question.id, login.journey
    response = _authenticate(case, login)
    if case.hop is Hop.MR:
        question = scene.question.id
        response = _authorise(login)
    return Earlier(question, relay_state, response, scene.question.authentication)


def reach(case: Case, scene: Scene, browser: Browser) -> Login:
    """A login up to the hop of a case: somebody else's question is waiting for an answer. Raises ``NoLogin``."""
    login = Login(browser, scene)
    if case.hop in (Hop.AD, Hop.MR, Hop.CHAIN, Hop.EB, Hop.PERSON):
        begin(case, login)
    if case.hop is Hop.RESOLVE:
        end(case, login)
    if case.hop in (Hop.AD, Hop.MR, Hop.CHAIN):
        _choose(case, login)
    if case.hop in (Hop.MR, Hop.CHAIN):
        _authenticate(case, login)
    return login


def end(case: Case, login: Login) -> None:
    """Bring a login to its end, and note the artifact that then waits for the dienstverlener. Raises ``NoLogin``."""
    begin(case, login)
    if case.login.ended == "granted":
        _choose(case, login)
        _authenticate(case, login)
        draft = Draft(login.scene)
        steps = [Step(do="mr-assertion", given={"acting_for": case.login.by, "legal_for": case.login.by})]
        take("a login", [*steps, *(Step(do=each) for each in ("sign", "in-response", "sign"))], draft)
        page = answer(login, Hop.MR, draft.message)
    else:
        action, fields = _page(login).form
        page = login.browser.post(action, {**fields, "do": "cancel"})
    artifact = parse_qs(urlsplit(page.location).query).get("SAMLart", [""])[0]
    if not artifact:
        raise NoLogin(f"a login did not end in an artifact: {page.status} {page.location}")
    login.scene.question.artifact = artifact


def begin(case: Case, login: Login) -> None:
    """Ask for a login as the dienstverlener, up to the list of authenticatiediensten. Raises ``NoLogin``."""
    scene = login.scene
    draft = Draft(scene)
    take(
        "a login",
        [Step(do="authn-request", given={"by": case.login.by}), *case.login.request, Step(do="sign")],
        draft,
    )
    fields = {"SAMLRequest": _base64(draft.message), "RelayState": case.login.relay_state}
    page = login.browser.post(ENDPOINTS[Hop.REQUEST], fields)
    if page.form[0]:
        # A service of eIDAS has no list: the question stands on the page already.
        login.page = page
        _note_question(login, "eb")
        return
    if page.status != 303 or "/journey/" not in page.location:
        raise NoLogin(f"a valid request was answered with {page.status}")
    scene.question.relay_state = urlsplit(page.location).path.rpartition("/")[2]
    login.page = login.browser.get(page.location)


def _choose(case: Case, login: Login) -> None:
    action, fields = _page(login).form
    fields.pop("remember", None)
    login.page = login.browser.post(
        action, {**fields, "ad": login.scene.actor(case.login.ad).entity_id, "do": "choose"}
    )
    _note_question(login, "ad")


def _authenticate(case: Case, login: Login) -> bytes:
    """The valid answer of the authenticatiedienst, which was brought."""
    draft = Draft(login.scene)
    steps = [Step(do="ad-assertion", given={"by": case.login.ad}), Step(do="sign")]
    take("a login", steps, draft)
    login.scene.question.authentication = draft.message
    take("a login", [Step(do="in-response"), Step(do="sign")], draft)
    login.page = answer(login, Hop.AD, draft.message)
    _note_question(login, "mr")
    return draft.message


def _authorise(login: Login) -> bytes:
    draft = Draft(login.scene)
    steps = ("mr-assertion", "sign", "in-response", "sign")
    take("a login", [Step(do=each) for each in steps], draft)
    login.page = answer(login, Hop.MR, draft.message)
    return draft.message


def answer(login: Login, hop: Hop, message: bytes) -> Page:
    """Bring an answer by HTTP-POST in the browser of the login."""
    fields = {"SAMLResponse": _base64(message), "RelayState": login.journey}
    return login.browser.post(ENDPOINTS[hop], fields)


def _note_question(login: Login, role: str) -> None:
    """Read the question of the makelaar on a page that posts it onward."""
    page = _page(login)
    fields = page.form[1]
    if "SAMLRequest" not in fields:
        raise NoLogin(f"no question to the {role}: {page.status} {page.location or page.reference}")
    question = etree.fromstring(base64.b64decode(fields["SAMLRequest"]))
    consumer = {"ad": Hop.AD, "mr": Hop.MR, "eb": Hop.EB}[role]
    before = login.scene.question
    login.scene.question = Question(
        id=question.get("ID", ""),
        consumer=login.scene.target + ENDPOINTS[consumer],
        relay_state=fields.get("RelayState", ""),
        authentication=before.authentication,
        name_id=before.name_id,
    )


def _page(login: Login) -> Page:
    if login.page is None:
        raise NoLogin("there is no page")
    return login.page


def _base64(message: bytes) -> str:
    return base64.b64encode(message).decode("ascii")


def status_of(response: bytes) -> str:
    """The status codes of a Response, without their prefix, joined by a slash."""
    codes = etree.fromstring(response).iterfind(f"{tag(SAMLP, 'Status')}//{tag(SAMLP, 'StatusCode')}")
    return "/".join((code.get("Value") or "").rpartition(":")[2] for code in codes)


def has_assertion(response: bytes) -> bool:
    """Whether a Response holds an assertion, encrypted or not."""
    names = {tag(SAML, "Assertion"), tag(SAML, "EncryptedAssertion")}
    return any(child.tag in names for child in etree.fromstring(response))
