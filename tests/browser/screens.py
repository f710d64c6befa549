"""How to come to each screen that a person can see, from an empty browser."""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from broker.settings import BERICHTENSERVICE
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.browser.altered import altered
from tests.browser.visitor import Visitor


def _relay_page(person: Visitor) -> None:
    person.page.goto(f"{person.box.url(GEMEENTE)}/login?service=3&binding=post")


def _choose_ad(person: Visitor) -> None:
    person.ask(1)


def _nothing_chosen(person: Visitor) -> None:
    # Required fields stop this in a browser; a page that was changed, or an old browser, comes here.
    person.ask(1).press(person.page.locator("button[value=choose]"), skip_checks=True)


def _login_refused(person: Visitor) -> None:
    person.ask(3).choose_ad("werknemer").fill_in_password("werknemer")
    person.page.fill("input[name=password]", "mis")
    person.do("login")


def _code_asked(person: Visitor) -> None:
    person.ask(3).choose_ad("werknemer").fill_in_password("werknemer").do("login")


def _code_refused(person: Visitor) -> None:
    _code_asked(person)
    person.page.fill("input[name=otp]", "12")
    person.do("login")


def _company_not_chosen(person: Visitor) -> None:
    person.log_in("eigenaar", 3).press(person.page.locator("button[value=choose]"), skip_checks=True)


def _unbelievable_answer(person: Visitor) -> None:
    person.page.goto(f"{person.box.url(GEMEENTE)}/acs?SAMLart=AAQAAA")


def _nobody_chosen(person: Visitor) -> None:
    person.ask(21).press(person.page.locator("button[value=choose]"), skip_checks=True)


def _back_from_eidas(person: Visitor) -> None:
    seen: list[str] = []
    person.page.on("request", lambda request: seen.append(request.url))
    person.ask(21)
    way = next(
        url for url in seen if url.startswith(person.box.url(BERICHTENSERVICE)) and "RelayState=" in url
    )
    journey = parse_qs(urlsplit(way).query)["RelayState"][0]
    person.page.goto(f"{person.box.url(MAKELAAR)}/journey/{journey}")


SCREENS: Final[dict[str, Callable[[Visitor], object]]] = {
    "dienstverlener-start": lambda person: person.page.goto(person.box.url(GEMEENTE) + "/"),
    "relay": _relay_page,
    "choose-ad": _choose_ad,
    "choose-ad-nothing-chosen": _nothing_chosen,
    "choose-ad-after-cancel": lambda person: person.ask(3).choose_ad("werknemer").do("cancel"),
    "ad-login": lambda person: person.ask(3).choose_ad("werknemer"),
    "ad-login-refused": _login_refused,
    "ad-code": _code_asked,
    "ad-code-refused": _code_refused,
    "ad-too-low": lambda person: person.log_in("basis", 2),
    "ad-consent": lambda person: person.log_in("werknemer", 10),
    "ad-consent-withheld": lambda person: person.log_in("werknemer", 10).consent(),
    "mr-consent": lambda person: person.log_in("werknemer", 10).consent("family_name"),
    "mr-choose": lambda person: person.log_in("accountant", 3),
    "mr-choose-nothing-chosen": _company_not_chosen,
    "mr-refusal": lambda person: person.log_in("zonder", 3),
    "eb-choose": lambda person: person.ask(21),
    "eb-nobody-chosen": _nobody_chosen,
    "eb-back-without-answer": _back_from_eidas,
    "refusal-eidas": lambda person: person.ask(21).come_from("toerist"),
    "refusal-eidas-final": lambda person: person.ask(22).come_from("grensarbeider"),
    "refusal": lambda person: person.log_in("zonder", 3).do("continue"),
    "dead-end": lambda person: person.page.goto(altered(person, destination=None)),
    "not-found": lambda person: person.page.goto(person.box.url(MAKELAAR) + "/nergens"),
    "result": lambda person: person.log_in("vestiging", 6),
    "result-eidas": lambda person: person.ask(21).come_from("prokurist"),
    "failed": lambda person: person.ask(3).do("cancel"),
    "unbelievable-answer": _unbelievable_answer,
}
