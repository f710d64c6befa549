"""A request that the makelaar cannot serve ends on its page; only a proven dienstverlener gets an answer."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from tests.browser.altered import altered
from tests.browser.altered import altered_form
from tests.browser.altered import begun
from tests.browser.refusal_page import read_answer
from tests.browser.refusal_page import read_in_both_languages
from tests.browser.refusal_page import read_refusal
from tests.browser.visitor import Visitor


def _shifted(minutes: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


PROVEN: dict[str, tuple[str, Callable[[Visitor], str]]] = {
    "unknown service": ("dienst-onbekend", lambda visitor: begun(visitor, service=99)),
    "expired": ("verzoek-verlopen", lambda visitor: altered(visitor, issue_instant=_shifted(-6))),
    "from the future": ("verzoek-verlopen", lambda visitor: altered(visitor, issue_instant=_shifted(2))),
}

UNPROVEN: dict[str, tuple[str, Callable[[Visitor], str]]] = {
    "wrong Destination": (
        "bestemming-onjuist",
        lambda visitor: altered(visitor, destination=visitor.box.url(AD_SLEUTEL) + "/sso/1.13"),
    ),
    "no Destination": ("bestemming-onjuist", lambda visitor: altered(visitor, destination=None)),
    "unknown issuer": (
        "partij-onbekend",
        lambda visitor: altered(visitor, issuer="urn:etoegang:DV:00000099000000009999:entities:9001"),
    ),
    "an issuer in another role": (
        "partij-onbekend",
        lambda visitor: altered(visitor, signer=AD_SLEUTEL, issuer=AD_SLEUTEL.entity_id),
    ),
    "signed by another": ("handtekening-ongeldig", lambda visitor: altered(visitor, signer=AD_SLEUTEL)),
    "changed after signing": (
        "handtekening-ongeldig",
        lambda visitor: altered(visitor).replace("&RelayState=", "&RelayState=x"),
    ),
    "not signed": ("handtekening-ongeldig", lambda visitor: altered(visitor).partition("&SigAlg=")[0]),
    "an ACS index that is not in the metadata": (
        "acs-onbekend",
        lambda visitor: altered(visitor, acs_index=7),
    ),
    "an ACS that is not in the metadata": (
        "acs-onbekend",
        lambda visitor: altered(visitor, acs_index=None, acs_url="http://localhost:1/acs"),
    ),
}


@pytest.mark.parametrize(("code", "make"), PROVEN.values(), ids=PROVEN)
def test_a_proven_dienstverlener_is_told_with_the_same_reference(
    visitor: Visitor, code: str, make: Callable[[Visitor], str]
) -> None:
    visitor.page.goto(make(visitor))
    reference = read_in_both_languages(visitor, code)
    assert visitor.page.locator("button").count() == 1, "another authenticatiedienst would not help"
    assert read_answer(visitor.do("back"), code) == reference


def test_a_level_above_the_catalogue_is_refused(visitor: Visitor) -> None:
    visitor.choose_service(1, level="loa3")
    reference = read_in_both_languages(visitor, "niveau-boven-catalogus")
    assert read_answer(visitor.do("back"), "niveau-boven-catalogus") == reference


def test_a_request_that_comes_twice_is_refused_the_second_time(visitor: Visitor) -> None:
    url = begun(visitor)
    visitor.page.goto(url)
    assert visitor.page.locator("input[name=ad]").count()
    visitor.page.goto(url)
    reference = read_in_both_languages(visitor, "verzoek-herhaald")
    assert read_answer(visitor.do("back"), "verzoek-herhaald") == reference


@pytest.mark.parametrize(("code", "make"), UNPROVEN.values(), ids=UNPROVEN)
def test_nobody_is_told_anything_when_the_dienstverlener_is_not_proven(
    visitor: Visitor, code: str, make: Callable[[Visitor], str]
) -> None:
    visitor.page.goto(make(visitor))
    _end_in_both_languages(visitor, code, lambda: visitor.page.goto(make(visitor)))


def test_a_posted_request_that_was_changed_after_signing_is_refused(visitor: Visitor) -> None:
    def post() -> None:
        tampering = [(b'AttributeConsumingServiceIndex="3"', b'AttributeConsumingServiceIndex="1"')]
        visitor.page.set_content(altered_form(visitor, tampering))
        visitor.press(visitor.page.locator("button"))

    post()
    _end_in_both_languages(visitor, "handtekening-ongeldig", post)


def test_a_posted_request_for_another_acs_is_refused(visitor: Visitor) -> None:
    def post() -> None:
        visitor.page.set_content(altered_form(visitor, acs_index=None, acs_url="http://localhost:1/acs"))
        visitor.press(visitor.page.locator("button"))

    post()
    _end_in_both_languages(visitor, "acs-onbekend", post)


def test_a_request_posted_from_another_site_begins_a_login(visitor: Visitor) -> None:
    visitor.page.set_content(altered_form(visitor))
    visitor.press(visitor.page.locator("button")).choose_ad("werknemer").authenticate("werknemer")
    assert visitor.at is GEMEENTE
    assert visitor.fact("dv.result.kvk") == "90000011"


def _end_in_both_languages(visitor: Visitor, code: str, again: Callable[[], object]) -> None:
    """The page is a dead end; in English after ``again``, because a page with a message cannot be asked for anew."""
    references = {read_refusal(visitor, code)}
    assert visitor.page.locator("form, main a, header a").count() == 0
    visitor.context.add_cookies([{"name": "lang", "value": "en", "url": "http://localhost"}])
    again()
    assert visitor.language == "en"
    references.add(read_refusal(visitor, code))
    assert len(references) == 2, "each refusal has a reference of its own"
