"""Twenty logins at once in one browser, step by step through each other, each ending as its own."""

import pytest

from tests.browser.test_logins import LOGINS
from tests.browser.visitor import Visitor
from tests.browser.visitor import tab_of

_TABS = 20


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_twenty_tabs_do_not_disturb_each_other(scripted: Visitor) -> None:
    logins = [LOGINS[number % len(LOGINS)] for number in range(_TABS)]
    tabs = [tab_of(scripted, scripted.context.new_page()) for _ in logins]
    pairs = list(zip(tabs, logins, strict=True))
    for tab, login in pairs:
        tab.ask(login.service)
    for tab, login in reversed(pairs):
        tab.look().choose_ad(login.username)
    for tab, login in pairs:
        tab.fill_in_password(login.username)
    for tab, _ in reversed(pairs):
        tab.look().do("login")
    for tab, login in pairs:
        if tab.page.locator("input[name=otp]").count():
            tab.look().fill_in_code(login.username).do("login")
    for tab, login in reversed(pairs):
        if login.choice:
            tab.look().choose_company(login.choice)
    assert [tab.fact("dv.result.kvk") for tab in tabs] == [login.kvk for login in logins]
    assert [tab.fact("dv.result.intermediary") for tab in tabs] == [login.intermediary for login in logins]
