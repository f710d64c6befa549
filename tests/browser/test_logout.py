"""Staying logged in, and logging out, as a person does it."""

import pytest

from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.browser.visitor import Visitor

CASES, TAXES = 11, 12


def stay(visitor: Visitor) -> Visitor:
    """Log in, and choose to stay logged in."""
    visitor.ask(CASES).choose_ad("werknemer")
    box = visitor.page.locator("input[name=stay]")
    assert not box.is_checked(), "staying is a choice"
    box.check()
    return visitor.authenticate("werknemer")


@pytest.mark.rule("10.01", "10.09")
def test_one_login_for_two_services_and_one_logout(visitor: Visitor) -> None:
    stay(visitor)
    assert visitor.heading == visitor.says("dv.result.title")
    visitor.ask(TAXES).choose_ad("werknemer")
    assert visitor.at is GEMEENTE, "nothing was asked"

    visitor.do("logout")
    assert visitor.at is AD_SLEUTEL
    assert visitor.heading == visitor.says("ad.logout.ended.title")
    assert AD_SLEUTEL.display_name("nl") in visitor.text

    visitor.ask(TAXES).choose_ad("werknemer")
    assert visitor.at is AD_SLEUTEL
    assert visitor.page.locator("input[name=password]").count(), "asked anew"


@pytest.mark.parametrize("binding", ["post", "artifact"])
def test_another_way_of_logging_out_can_be_chosen(scripted: Visitor, binding: str) -> None:
    stay(scripted)
    scripted.page.locator("form summary").click()
    scripted.page.locator("select[name=binding]").select_option(binding)
    scripted.do("logout")
    assert scripted.heading == scripted.says("ad.logout.ended.title")


def test_leaving_by_closing_the_browser_forgets_as_well(scripted: Visitor) -> None:
    stay(scripted)
    kept = {cookie.get("name", ""): cookie.get("expires") for cookie in scripted.context.cookies()}
    assert kept["hm-sso"] == kept["ad-sleutel-sso"] == -1, "cookies that go with the browser"


@pytest.mark.rule("10.10")
def test_who_cannot_be_logged_out_is_told_what_to_do(visitor: Visitor) -> None:
    stay(visitor)
    visitor.context.clear_cookies(name="hm-sso")
    visitor.do("logout")
    assert visitor.at is MAKELAAR
    assert visitor.heading == visitor.says("hm.logout.unknown.title")
    assert visitor.says("hm.logout.close") in visitor.text
    visitor.switch_language()
    assert visitor.language == "en"
    assert visitor.says("hm.logout.close") in visitor.text
