"""A whole login with the keyboard alone."""

import pyotp

from tests.browser.visitor import Visitor

_MOST_STEPS = 30
_FOCUSED = """
() => {
  const at = document.activeElement;
  const label = at.labels && at.labels[0];
  return [at.tagName, at.name || "", at.value || "", (label || at).textContent.trim()].join("|");
}
"""


def test_a_login_needs_no_mouse(visitor: Visitor) -> None:
    keys = visitor.page.keyboard
    visitor.ask(2)
    _tab_to(visitor, "INPUT|ad|")
    keys.press("Space")
    while "Toegang Voorbeeld" not in _focused(visitor):
        keys.press("ArrowDown")
    _tab_to(visitor, "INPUT|remember|")
    keys.press("Space")
    assert not visitor.page.locator("input[name=remember]").is_checked()
    _enter(visitor, "BUTTON|do|choose")

    person = visitor.box.persons["medewerker"]
    _tab_to(visitor, "INPUT|username|")
    keys.type("medewerker")
    keys.press("Tab")
    keys.type(person["password"])
    _enter(visitor, "BUTTON|do|login")

    _tab_to(visitor, "INPUT|otp|")
    keys.type(pyotp.TOTP(person["totp_secret"]).now())
    with visitor.page.expect_navigation():
        keys.press("Enter")
    visitor.relay()
    assert visitor.fact("dv.result.kvk") == "90000145"


def test_a_company_is_chosen_and_a_message_opened_without_a_mouse(visitor: Visitor) -> None:
    keys = visitor.page.keyboard
    visitor.log_in("eigenaar", 3)
    _tab_to(visitor, "INPUT|company|")
    keys.press("ArrowDown")
    _enter(visitor, "BUTTON|do|choose")
    assert visitor.fact("dv.result.kvk") == "90000033"
    _tab_to(visitor, "SUMMARY|")
    keys.press("Enter")
    assert visitor.page.locator(".messages pre").first.is_visible()


def test_consent_is_given_without_a_mouse(visitor: Visitor) -> None:
    keys = visitor.page.keyboard
    visitor.log_in("werknemer", 10)
    _tab_to(visitor, "INPUT|attribute|first_name")
    keys.press("Tab")
    assert _focused(visitor).startswith("INPUT|attribute|family_name")
    keys.press("Space")
    _enter(visitor, "BUTTON|do|consent")
    _enter(visitor, "BUTTON|do|consent")
    assert visitor.heading == visitor.says("dv.result.title")
    assert "Proefstra" in visitor.text
    assert "Wietske" not in visitor.text


def test_the_first_tab_offers_to_skip_to_the_content(scripted: Visitor) -> None:
    scripted.ask(3).page.keyboard.press("Tab")
    assert scripted.says("layout.skip") in _focused(scripted)
    scripted.page.keyboard.press("Enter")
    scripted.page.keyboard.press("Tab")
    assert _focused(scripted).startswith("INPUT|ad|")


def test_what_has_the_focus_can_be_seen(scripted: Visitor) -> None:
    scripted.ask(3)
    for _ in range(5):
        scripted.page.keyboard.press("Tab")
        outlined = scripted.page.evaluate(
            "() => [document.activeElement, document.activeElement.closest('label')].some("
            "one => one && getComputedStyle(one).outlineStyle !== 'none')"
        )
        assert outlined, _focused(scripted)


def _focused(visitor: Visitor) -> str:
    return str(visitor.page.evaluate(_FOCUSED))


def _tab_to(visitor: Visitor, wanted: str) -> None:
    """Press Tab until the focus is on what is described as tag|name|value|label."""
    for _ in range(_MOST_STEPS):
        visitor.page.keyboard.press("Tab")
        if _focused(visitor).startswith(wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached; now at {_focused(visitor)}")


def _enter(visitor: Visitor, button: str) -> None:
    _tab_to(visitor, button)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.relay()
