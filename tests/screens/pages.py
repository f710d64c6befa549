"""Every page of every party, with the context its view gives it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader
from jinja2 import FileSystemLoader
from jinja2 import StrictUndefined

from broker.domain.attributes import ATTRIBUTE_KINDS
from broker.domain.attributes import AttributeValue
from broker.network.consent import Question
from broker.ports.rehearsals import Rehearsal
from broker.rehearsals.contents import Contents
from broker.rehearsals.contents import Held
from broker.rehearsals.seen import Seen
from broker.saml.status import Status
from broker.screens import init_screens

MOMENT = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
BROKER = Path(__file__).parents[2] / "broker"
TEMPLATE_FOLDERS = (BROKER / "screens/templates", BROKER / "makelaar/templates", BROKER / "network/templates")
CONSOLE = BROKER / "console/templates"
"""The pages of operators; tests/console and tests/browser try them with what stands behind them."""

NOT_PAGES = {"layout.html", "parts.html"}


@dataclass(frozen=True, slots=True)
class Page:
    """A template in one of its states."""

    template: str
    context: Mapping[str, object]
    state: str = ""

    @property
    def name(self) -> str:
        return f"{self.template}{self.state and ' ' + self.state}"


def make_app(public_url: str = "https://makelaar.example", party: str = "Partij Voorbeeld") -> Flask:
    """An application with the screens of all parties, strict about what a template needs."""
    app = Flask(__name__)
    app.testing = True
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in TEMPLATE_FOLDERS[1:]])
    app.jinja_env.undefined = StrictUndefined
    init_screens(app, party=party, public_url=public_url, role="hm")
    return app


def pages(word: str) -> list[Page]:
    """All pages, with ``word`` wherever text from outside can end up."""
    login = {
        "action": "/next",
        "token": word,
        "service_name": word,
        "dv_name": word,
        "level_label": "EH3",
    }
    refusal = {
        "title": word,
        "explanation": word,
        "next_steps": [word, word],
        "code": "machtiging-verlopen",
        "reference": "EH-7K3Q-9TXM",
        "time": "22 november 2026, 14:05",
    }
    choose_ad = {
        **login,
        "provider_name": word,
        "ads": [(word, word), ("urn:ad:2", "Sleutelbos")],
        "notice": "hm.notice.cancelled_at_ad",
        "notice_values": {"name": word},
        "remember_checked": True,
        "preselected": "urn:ad:2",
        "provided": (word, word),
    }
    no_notice: dict[str, object] = {
        "notice": None,
        "notice_values": {},
        "preselected": None,
        "provider_name": None,
        "provided": None,
    }
    companies = [
        (word, word, "12345678", word, "000012345678", "0001"),
        ("2", "Bakkerij", "23456789", None, None, None),
    ]
    mr_choose = {**login, "companies": companies, "q": word, "total": 23, "error": "mr.error.choose_one"}
    consent = {
        **login,
        "questions": [
            Question(kind, AttributeValue(word), required, purpose)
            for kind, required, purpose in zip(
                ATTRIBUTE_KINDS.values(), (True, False), (word, None), strict=False
            )
        ],
        "error": None,
    }
    persons = [(word, word, "123456", "EH3", word), ("carla", "geheim", None, "EH2", "te laag")]
    ad_login = {
        **login,
        "error": "ad.error.credentials",
        "username": word,
        "test_persons": persons,
        "providers": [("https://idp.example.nl/metadata", word)],
    }
    staying = {"offers_to_stay": True, "stay": True}
    people = [(word, word, word, "EH3", word), ("burger", None, "België", "EH4", "zichzelf")]
    eb_choose = {**login, "error": "eb.error.choose_one", "people": people}
    exchanged = {"messages": [(word, "sent", f"<a>{word}</a>"), ("Response", "received", "<b/>")]}
    result = {
        "kvk": word,
        "rsin": word,
        "pseudonym": word,
        "level_label": "EH3",
        "service_name": word,
        "service_id": word,
        "service_uuid": word,
        "attributes": [("first_name", word), (None, word)],
        "vestiging": word,
        "subdossier": word,
        "intermediary": word,
        "eidas_company": word,
        "bsn": word,
        "represents_nobody": False,
        "logout": None,
        **exchanged,
    }
    logout = {**login, "may_go_back": True, "reference": "EH-7K3Q-9TXM", "code": None, "time": "14:05"}
    failed = {"status_codes": [word, word], "status_message": word, "reference": word, **exchanged}
    services = [(1, word, "EH3", word), (2, "Parkeren", "EH2", None)]
    test = {
        "token": word,
        "takes_part": True,
        "title": word,
        "explanation": word,
        "expectation": "refuse",
        "source": word,
        "dv_name": word,
        "service_name": word,
        "login_url": "https://dv.example.nl/login",
        "answered": False,
        "rehearsal": Rehearsal(
            "id", word, "expired", word, MOMENT, reference="EH-7K3Q-9TXM", asked_again_at=MOMENT
        ),
        "can_send_again": False,
        "choices": list(Seen),
        "verdict": None,
        "problem": None,
    }
    look = dict.fromkeys(("title", "explanation", "expectation", "source"))
    shown = {
        "held": Contents(
            Status(word, word, word), word, (Held(word, 2, (word,), (word,)), Held(word, 1, (), ())), 2
        ),
        "skeleton": f"<{word}/>",
        "reference": "EH-7K3Q-9TXM",
        "dv_name": word,
        "service_id": word,
        "asked": "EH3",
        "authenticatiedienst": word,
        "registers": [word, word],
        "is_chain": True,
        "sets": [[word]],
    }
    return [
        Page(
            "relay.html", {"name": word, "url": "/acs", "fields": {"SAMLResponse": word, "RelayState": word}}
        ),
        Page("error.html", refusal),
        Page("error.html", {**refusal, "reference": None, "code": None, "time": None}, "without reference"),
        Page("choose_ad.html", choose_ad),
        Page("choose_ad.html", {**choose_ad, **no_notice, "service_name": None}, "of the portal"),
        Page("choose_ad.html", {**choose_ad, **no_notice, "ads": []}, "without authenticatiediensten"),
        Page(
            "refusal.html",
            {**refusal, **login, "can_choose_other": True, "can_try_again": False, "back_name": word},
            "with a proven dienstverlener",
        ),
        Page(
            "refusal.html",
            {**refusal, **login, "can_choose_other": False, "can_try_again": True, "back_name": word},
            "at eIDAS",
        ),
        Page(
            "refusal.html",
            {
                **refusal,
                "can_choose_other": False,
                "can_try_again": False,
                "back_name": None,
                "service_name": None,
                "action": None,
                "token": None,
            },
            "without a proven dienstverlener",
        ),
        Page("ad_login.html", {**ad_login, **staying}),
        Page(
            "ad_login.html",
            {**ad_login, **staying, "error": None, "test_persons": [], "providers": []},
            "without test persons",
        ),
        Page("ad_login.html", {**ad_login, "offers_to_stay": False, "stay": False}, "without single sign-on"),
        Page("ad_otp.html", {**login, "error": "ad.error.otp", "otp_now": word}),
        Page("ad_otp.html", {**login, "error": None, "otp_now": None}, "at first"),
        Page("ad_too_low.html", {**login, "middel_level_label": word}),
        Page("consent.html", consent),
        Page("consent.html", {**consent, "error": "ad.error.form_expired"}, "after a wait"),
        Page("consent_withheld.html", {**login, "withheld": ("family_name", "company_name")}),
        Page("mr_choose.html", mr_choose),
        Page("mr_choose.html", {**mr_choose, "q": "", "total": 2, "error": None}, "with few companies"),
        Page("mr_choose.html", {**mr_choose, "companies": [], "error": None}, "when nothing is found"),
        Page("mr_refusal.html", {**refusal, **login}),
        Page("towards_eb.html", login),
        Page("test.html", test),
        Page("test.html", {**test, "login_url": None, "service_name": None, "problem": "cookie"}, "refused"),
        Page("test.html", {**test, "login_url": None, "takes_part": False}, "before it is joined"),
        Page("test.html", {**test, **look}, "of a test login"),
        Page("test.html", {**test, **look, "answered": True}, "of one that was done"),
        Page("test.html", {**test, "answered": True, "can_send_again": True, "verdict": "fout"}, "judged"),
        Page("test_shown.html", shown),
        *(
            Page("test_over.html", {"outcome": each, "reference": word}, each)
            for each in ("lost", "impossible", "stopped", "declined")
        ),
        Page("eb_choose.html", eb_choose),
        Page("eb_choose.html", {**eb_choose, "error": None}, "at first"),
        Page("dv_start.html", {"services": services, "levels": [("loa3", "EH3")]}),
        Page("dv_start.html", {"services": [], "levels": []}, "without services"),
        Page("ad_logout.html", {"ended": True, "code": None}),
        Page("ad_logout.html", {"ended": False, "code": "handtekening-ongeldig"}, "refused"),
        *(Page("logout.html", {**logout, "kind": kind}, kind) for kind in ("unknown", "nothing", "refused")),
        Page("logout.html", {**logout, "kind": "unknown", "may_go_back": False}, "without a way back"),
        Page("dv_result.html", {**result, "logout": {"action": "/logout", "token": word}}),
        Page("dv_result.html", {**result, "rsin": None, "vestiging": None, "intermediary": None}, "direct"),
        Page(
            "dv_result.html",
            {**result, "kvk": None, "eidas_company": None, "represents_nobody": True},
            "for nobody else",
        ),
        Page("dv_failed.html", {**failed, "cancelled": False}),
        Page("dv_failed.html", {**failed, "cancelled": True, "status_message": None}, "cancelled"),
        Page("dv_error.html", {"detail": word, "reference": None, "messages": []}),
    ]
