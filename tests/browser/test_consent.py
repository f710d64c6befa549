"""Attributes, as a person meets them: with and without JavaScript, in both languages."""

from tests.browser.visitor import Visitor

OBJECTION = 10
"""The service that asks for a family name, and for two other attributes if people like."""


def test_a_person_decides_about_each_attribute(visitor: Visitor) -> None:
    visitor.log_in("werknemer", OBJECTION)
    boxes = visitor.page.locator("input[name=attribute]")
    assert boxes.count() == 2
    assert not any(box.is_checked() for box in boxes.all())
    assert visitor.heading == visitor.says("consent.title")
    for shown in ("Wietske", "Proefstra", "Bezwaar maken", "Gemeente Voorbeeld"):
        assert shown in visitor.text
    visitor.consent("first_name")
    assert visitor.heading == visitor.says("consent.withheld.title")
    visitor.do("retry")
    assert not any(box.is_checked() for box in boxes.all()), "nothing is remembered"
    visitor.consent("family_name")
    assert "Bakkerij De Proef B.V." in visitor.text
    visitor.consent("company_name")
    assert visitor.heading == visitor.says("dv.result.title")
    received = visitor.page.locator("dl.facts").nth(1).inner_text()
    assert "Proefstra" in received
    assert "Bakkerij De Proef B.V." in received
    assert "Wietske" not in received


def test_the_question_is_put_in_english_too(visitor: Visitor) -> None:
    visitor.ask(OBJECTION).switch_language()
    visitor.choose_ad("werknemer").authenticate("werknemer")
    assert visitor.language == "en"
    assert visitor.heading == visitor.says("consent.title")
    for shown in ("Family name", "An objection must bear the name", "optional", "needed"):
        assert shown in visitor.text
    assert visitor.switch_language().language == "nl"
    assert "Achternaam" in visitor.text


def test_who_withholds_what_is_needed_ends_at_the_dienstverlener_without_a_name(visitor: Visitor) -> None:
    visitor.log_in("werknemer", OBJECTION).consent("first_name").do("cancel")
    assert "U gaf geen toestemming" in visitor.text
    visitor.do("back")
    assert visitor.heading == visitor.says("dv.failed.title")
    assert "toestemming-geweigerd" in visitor.text
    assert "Wietske" not in visitor.page.content()
