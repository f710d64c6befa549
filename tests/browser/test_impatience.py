"""The back button, a second click, a reload: what people do, a login survives or explains."""

import pytest

from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.browser.refusal_page import read_refusal
from tests.browser.visitor import Visitor


def test_the_back_button_leads_from_the_authenticatiedienst_to_the_list(visitor: Visitor) -> None:
    visitor.ask(2).choose_ad("medewerker")
    visitor.page.go_back()
    assert visitor.at is MAKELAAR
    visitor.choose_ad("werknemer").authenticate("werknemer")
    assert visitor.fact("dv.result.kvk") == "90000011"


def test_the_back_button_leads_from_the_code_to_a_page_that_still_works(visitor: Visitor) -> None:
    visitor.ask(3).choose_ad("werknemer").fill_in_password("werknemer").do("login")
    visitor.page.go_back()
    assert visitor.at is not None
    if not visitor.page.locator("input[name=otp]").count():
        visitor.choose_ad("werknemer").fill_in_password("werknemer").do("login")
    visitor.fill_in_code("werknemer").do("login")
    assert visitor.fact("dv.result.kvk") == "90000011"


@pytest.mark.rule("8.30")
def test_a_page_of_a_login_that_is_finished_says_so(visitor: Visitor) -> None:
    address = visitor.ask(3).page.url
    visitor.choose_ad("werknemer").authenticate("werknemer")
    assert visitor.at is GEMEENTE
    visitor.page.goto(address)
    read_refusal(visitor, "al-afgerond")
    assert visitor.page.locator("main form").count() == 0


@pytest.mark.parametrize("button", ["choose", "password", "code", "company"])
def test_a_double_click_is_one_click(visitor: Visitor, button: str) -> None:
    visitor.ask(3)
    if button == "choose":
        visitor.page.locator(f"input[name=ad][value='{AD_SLEUTEL.entity_id}']").check()
        _double_click(visitor, "choose")
    else:
        visitor.choose_ad("eigenaar")
    visitor.fill_in_password("eigenaar")
    if button == "password":
        _double_click(visitor, "login")
    else:
        visitor.do("login")
    visitor.fill_in_code("eigenaar")
    if button == "code":
        _double_click(visitor, "login")
    else:
        visitor.do("login")
    visitor.page.locator("label.choice", has_text="Fietsenmaker").locator("input").check()
    if button == "company":
        _double_click(visitor, "choose")
    else:
        visitor.do("choose")
    assert visitor.fact("dv.result.kvk") == "90000033", visitor.text[:300]


def test_the_page_of_the_dienstverlener_can_be_loaded_again(visitor: Visitor) -> None:
    visitor.log_in("werknemer", 3)
    before = visitor.facts()
    visitor.page.reload()
    assert visitor.facts() == before


def _double_click(visitor: Visitor, button: str) -> None:
    # The page that is left may long have been idle; what counts is the page to which the clicks lead. The second
    # click may end the navigation of the first: not a failure, so the page is waited for, not a navigation.
    with visitor.page.expect_event("load"):
        visitor.page.locator(f"button[name=do][value={button}]").dblclick()
    visitor.page.wait_for_load_state("networkidle")
    visitor.relay()
