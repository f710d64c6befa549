"""Whether the makelaar reacted as a case says: what it answered, recorded and logged, and what it left undone."""

import base64
import re
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from lxml import etree

from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import Reaction
from broker.attacks.case import Step
from broker.attacks.draft import Draft
from broker.attacks.draft import find
from broker.attacks.live.browser import Browser
from broker.attacks.live.browser import Page
from broker.attacks.live.logins import Login
from broker.attacks.live.logins import NoLogin
from broker.attacks.live.logins import begin
from broker.attacks.live.logins import has_assertion
from broker.attacks.live.logins import status_of
from broker.attacks.live.records import changed
from broker.attacks.live.records import given_out
from broker.attacks.live.records import journey_in
from broker.attacks.live.stage import Played
from broker.attacks.live.stage import Stage
from broker.attacks.live.stage import send
from broker.attacks.steps import take
from broker.attacks.steps.bringing import ENDPOINTS
from broker.attacks.steps.messages import IDENTIFIERS
from broker.saml.artifact import decode_artifact
from broker.saml.names import SAMLP
from broker.saml.names import tag

_REFUSED = {"refused", "eidas-refused", "rejected"}
_REFUSING = frozenset({400, 403, 404, 405, 408, 409, 410, 411, 413, 414, 415, 431})
_GRANTING = ("artifact:", "session:", "sso:")
_AFTER_SUCCESS = {Hop.REQUEST: "choosing", Hop.AD: "at-mr", Hop.MR: "answered", Hop.CHAIN: "answered"}
"""Where a login stands when what was brought is accepted."""

_MESSAGE = re.compile(rb"<samlp:Response.*</samlp:Response>", re.DOTALL)


class Misjudged(Exception):
    """The makelaar did something else than the case says; the text tells what."""


def require(case: Case, stage: Stage, played: Played) -> None:
    """Raise ``Misjudged`` unless the makelaar did exactly what the case says, and in time."""
    _require(
        played.page.status < 500 or case.reaction in (Reaction.FAULT, Reaction.CLOSED),
        f"status {played.page.status}",
    )
    slowest = max(page.seconds for page in played.pages)
    _require(slowest <= case.seconds, f"it took {slowest:.1f} s, at most {case.seconds} allowed")
    _JUDGES[case.reaction](case, stage, played)
    if case.logged is not None:
        _require(case.logged.encode() in played.log, f"{case.logged} is not in the log")
    if case.reaction is not Reaction.ACCEPTED:
        _require_untouched(played)


def _require(holds: bool, told: str) -> None:
    if not holds:
        raise Misjudged(told)


def _require_untouched(played: Played) -> None:
    """No login succeeded, and the evil value is nowhere: not on a page, not in the log, not in the state store."""
    evil = played.login.scene.evil.encode()
    _require(played.granted == 0, "a login succeeded")
    for page in played.pages:
        _require(
            evil not in page.body and evil.decode() not in str(page.headers), "the evil value is on the page"
        )
    _require(evil not in played.log, "the evil value is in the log")
    _require(not any(evil.decode() in path for path in played.asked), "it followed to the evil address")
    kept = [key for key, value in played.after.items() if evil in value or evil.decode() in key]
    _require(not kept, f"the evil value is in the state store: {kept}")


def _require_audited(case: Case, stage: Stage, reference: str | None) -> None:
    """Under the reference that was shown stands what the case says, once; nothing where it says nothing."""
    outcomes = [] if reference is None else [each.outcome for each in stage.records.audited(reference)]
    _require(
        outcomes == ([case.audit] if case.audit else []), f"audited as {outcomes}, expected {case.audit}"
    )


def _page(case: Case, stage: Stage, played: Played) -> None:
    """L: a page of ours, no way out of it, and nothing happened to any login."""
    page = played.page
    _require(page.status in _REFUSING, f"status {page.status}, a page that refuses was expected")
    _require(not page.location, f"it sends the browser to {page.location}")
    _require(not page.form[0], "there is a form on the page")
    moved = changed(played.before, played.after, "journey:")
    moved += given_out(played.before, played.after, *_GRANTING)
    if played.delivery is not None and played.delivery.times > 1:
        moved = [key for key in moved if not key.startswith("journey:")]
    _require(not moved, f"the state store changed: {moved}")
    _require_audited(case, stage, page.reference)


def _thrown_away(case: Case, stage: Stage, played: Played) -> None:
    """X: the login stands at a refusal, the answer is of no further use, and the dienstverlener hears of a fault."""
    journey = journey_in(played.after, played.login.journey)
    stands = (
        f"the login is {journey.get('state', 'gone')}, the page {played.page.status} {played.page.location}"
    )
    _require(journey.get("state") in _REFUSED, stands)
    _require(not given_out(played.before, played.after, *_GRANTING), "something was given out")
    code = journey.get("code")
    _require(code == case.audit, f"refused as {code}, expected {case.audit}")
    _require_audited(case, stage, journey["reference"])
    if played.delivery is not None:
        send(played.login.browser, played.delivery)
        after = journey_in(stage.records.snapshot(), played.login.journey)
        _require(after.get("state") == journey["state"], "the same answer was of use the second time")
    _require_told(stage, played, case.status or "Responder")


def _response(case: Case, stage: Stage, played: Played) -> None:
    """E: a page with a reference, and from there a signed Response with this status."""
    journey_id = played.login.journey or _journey_of(played.page)
    journey = journey_in(played.after, journey_id)
    _require(bool(journey), f"there is no login: status {played.page.status}")
    if journey.get("state") != "answered":
        _require(journey.get("state") in _REFUSED, f"the login is {journey.get('state')}")
        _require_audited(case, stage, journey["reference"])
    played.login.scene.question.relay_state = journey_id
    _require_told(stage, played, case.status or "")


def _quarantined(case: Case, stage: Stage, played: Played) -> None:
    """Q: refused with a finding, and every partner is as it was; a login begins as before."""
    page = played.page
    _require(page.status == 422, "the document was taken")
    _require((case.finding or "") in page.text, f"found: {page.text}")
    _require(not played.changed_partners, f"partners changed: {played.changed_partners}")
    try:
        begin(case, Login(Browser(stage.target), played.login.scene))
    except NoLogin as error:
        raise Misjudged(f"afterwards no login begins: {error}") from None


def _accepted(case: Case, stage: Stage, played: Played) -> None:
    """OK: the login goes on, or ends in success; or the document is taken."""
    page = played.page
    if case.hop is Hop.INGEST:
        _require(page.status == 200, f"refused: {page.text}")
        _require((case.finding or "") in page.text, f"found: {page.text}")
        return
    expected = case.state or _AFTER_SUCCESS.get(case.hop)
    if case.hop is Hop.RESOLVE:
        _require(_holds_message(page), f"no message was handed out: {page.status}")
        return
    if expected is None:
        _require(page.status == 200, f"status {page.status}")
        own = (stage.target, "")
        _require(page.location.startswith(own) and page.form[0].startswith(own), "it leads elsewhere")
        return
    journey = journey_in(played.after, played.login.journey or _journey_of(page))
    _require(
        journey.get("state") == expected, f"the login is {journey.get('state', 'refused')}: {page.status}"
    )
    if expected == "answered":
        _require(played.granted == 1, "no login succeeded")
        _require(played.login.scene.evil not in page.location, "it leads to the evil address")
        response = _delivered(played, page)
        _require(status_of(response) == "Success" and has_assertion(response), "no assertion")
        told = [value for value in IDENTIFIERS if value.encode() in response]
        _require(not told or played.case.login.by == "plain", f"an identifier is in clear: {told}")


def _nothing(case: Case, _stage: Stage, played: Played) -> None:
    """A: an ArtifactResponse that holds no message; of several, one of them holds it."""
    several = len(played.pages) > 1
    for page in played.pages:
        _require(page.status == 200, f"status {page.status}")
        answer = etree.fromstring(page.body).find(f".//{tag(SAMLP, 'ArtifactResponse')}")
        _require(answer is not None, "no ArtifactResponse")
    messages = sum(_holds_message(page) for page in played.pages)
    _require(messages == several, f"a message was handed out {messages} times")
    gone = _own_artifact_gone(played)
    _require(bool(gone) == case.taken, "the artifact is gone" if gone else "the artifact is still there")


def _own_artifact_gone(played: Played) -> bool:
    """Whether the artifact of this login was there and is no longer; others may be past their lifetime."""
    artifact = played.login.scene.question.artifact
    key = f"artifact:{decode_artifact(artifact).handle.hex()}" if artifact else ""
    return key in played.before and key not in played.after


def _holds_message(page: Page) -> bool:
    return page.status == 200 and _MESSAGE.search(page.body) is not None


def _fault(_case: Case, _stage: Stage, played: Played) -> None:
    """S: a SOAP fault, or a refusal before that; and nothing was taken."""
    page = played.page
    refused = page.status in {0, *_REFUSING} or (page.status == 500 and b"Fault>" in page.body)
    _require(refused, f"status {page.status}, a SOAP fault was expected")
    _require(not _own_artifact_gone(played), "an artifact was taken")


def _closed(_case: Case, _stage: Stage, played: Played) -> None:
    """F: a page that says to try again later."""
    _require(played.page.status == 503, f"status {played.page.status}, 503 was expected")


def _require_told(stage: Stage, played: Played, status: str) -> None:
    """Press the button that leads back to the dienstverlener, and see what it is told."""
    page = played.page
    if not page.leads_to(stage.listener.url):
        browser = played.login.browser
        page = browser.get(f"/journey/{played.login.journey}")
        action, fields = page.form
        _require(bool(action), f"there is no way back on the page: {page.status}")
        page = browser.post(action, {**fields, "do": "back"})
    response = _delivered(played, page)
    _require(
        status_of(response) == status, f"the dienstverlener is told {status_of(response)}, expected {status}"
    )
    _require(not has_assertion(response), "the dienstverlener got an assertion")
    _require(played.login.scene.evil.encode() not in response, "the evil value is in the Response")


def _delivered(played: Played, page: Page) -> bytes:
    """The Response that the dienstverlener gets, by artifact or in a form. Raises ``Misjudged``.

    Its RelayState must come back with it, byte for byte.
    """
    fields = page.form[1] or {
        name: value[0] for name, value in parse_qs(urlsplit(page.location).query).items()
    }
    brought = fields.get("RelayState", "")
    _require(brought == (played.relay_state or ""), f"RelayState came back as {brought!r}")
    if "SAMLResponse" in fields:
        return base64.b64decode(fields["SAMLResponse"])
    artifact = fields.get("SAMLart", "")
    _require(bool(artifact), f"the browser is not sent back: {page.status} {page.location}")
    return _resolved(played, artifact)


def _resolved(played: Played, artifact: str) -> bytes:
    """The Response behind an artifact, fetched as the dienstverlener of the login. Raises ``Misjudged``."""
    draft = Draft(played.login.scene)
    given = {"by": played.case.login.by, "artifact": artifact}
    take("resolving", [Step(do="artifact-resolve", given=given), Step(do="sign"), Step(do="in-soap")], draft)
    page = played.login.browser.send(
        "POST", ENDPOINTS[Hop.RESOLVE], draft.message, {"Content-Type": "text/xml; charset=utf-8"}
    )
    _require(_holds_message(page), f"nothing behind the artifact: {page.status}")
    return etree.tostring(find(etree.fromstring(page.body), ".//samlp:Response"))


def _journey_of(page: Page) -> str:
    """The login that a page leads to: our own page of it, or a question to a partner, which carries its id."""
    if "/journey/" in page.location:
        return urlsplit(page.location).path.rpartition("/")[2]
    return page.form[1].get("RelayState", "")


_JUDGES = {
    Reaction.PAGE: _page,
    Reaction.RESPONSE: _response,
    Reaction.THROWN_AWAY: _thrown_away,
    Reaction.ACCEPTED: _accepted,
    Reaction.NOTHING: _nothing,
    Reaction.FAULT: _fault,
    Reaction.CLOSED: _closed,
    Reaction.QUARANTINED: _quarantined,
}
