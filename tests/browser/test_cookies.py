"""What the browser keeps: little, for a short time, and nothing that says who somebody is."""

import re
import time
from collections.abc import Mapping
from typing import Any

import pytest

from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import GEMEENTE
from tests.browser.visitor import Visitor

_JOURNEY_SECONDS = 30 * 60
_BINDER = re.compile(r"(hm|ad-sleutel|mr-een|gemeente)-[0-9a-f]{12}")


@pytest.mark.rule("10.13")
def test_on_localhost_cookies_are_plain_and_out_of_reach_of_scripts(scripted: Visitor) -> None:
    scripted.log_in("eigenaar", 3).switch_language()
    kept = _cookies(scripted)
    binders = [name for name in kept if _BINDER.fullmatch(name)]
    assert len(binders) == 3, "the authenticatiedienst has let go of its own by now"
    assert set(kept) == {*binders, "lang"}
    for name, cookie in kept.items():
        assert not name.startswith("__Host-")
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (False, True, "Lax"), name
        assert cookie["path"] == "/"
    for name in binders:
        assert 0 < kept[name]["expires"] - time.time() <= _JOURNEY_SECONDS
    assert scripted.page.evaluate("document.cookie") == ""


def test_after_a_login_the_parties_have_let_go(scripted: Visitor) -> None:
    scripted.log_in("werknemer", 3)
    assert [name.partition("-")[0] for name in _cookies(scripted)] == ["gemeente"]


@pytest.mark.rule("1.7.04", "10.14", "10.15", "11.09", "11.10", "11.12")
def test_a_remembered_choice_skips_the_screen_and_can_be_changed(visitor: Visitor) -> None:
    visitor.ask(2)
    assert visitor.page.locator("input[name=remember]").is_checked(), "ticked beforehand"
    visitor.choose_ad("medewerker", remember=True)
    assert "hm-ad" not in _cookies(visitor), "kept only after success"
    visitor.authenticate("medewerker")
    assert _cookies(visitor)["hm-ad"]["value"].strip('"') == AD_TOEGANG.entity_id

    assert visitor.ask(2).at is AD_TOEGANG, "the list was skipped"
    visitor.do("cancel")
    chosen = visitor.page.locator("input[name=ad]:checked").get_attribute("value")
    assert chosen == AD_TOEGANG.entity_id, "the list is back, with the choice on it"
    visitor.choose_ad("werknemer", remember=True).authenticate("werknemer")
    assert visitor.ask(2).at is AD_SLEUTEL

    visitor.do("cancel").choose_ad("werknemer").authenticate("werknemer")
    assert visitor.at is GEMEENTE
    assert "hm-ad" not in _cookies(visitor), "without the tick it is forgotten"


def test_a_remembered_choice_that_cannot_deliver_does_not_skip_the_screen(scripted: Visitor) -> None:
    scripted.ask(1).choose_ad("basis", remember=True).authenticate("basis")
    assert scripted.ask(3).offered() == ["Sleutel Voorbeeld"]


def _cookies(visitor: Visitor) -> dict[str, Mapping[str, Any]]:
    return {cookie.get("name", ""): cookie for cookie in visitor.context.cookies()}
