"""Reading the page on which a refusal ends, and what the dienstverlener is told afterwards."""

import re

from broker.journey.refusals import refusal
from broker.screens import refusal_text
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.browser.visitor import Visitor

_REFERENCE = re.compile(r"EH-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def read_refusal(visitor: Visitor, code: str) -> str:
    """The reference on the makelaar's page, which says what happened and what to do; fails when it does not."""
    assert visitor.at is MAKELAAR, visitor.text
    read_words(visitor, code)
    assert visitor.fact("layout.time")
    reference = visitor.fact("layout.reference") or ""
    assert _REFERENCE.fullmatch(reference)
    return reference


def read_words(visitor: Visitor, code: str) -> None:
    """Fail unless the page says, in its language, what happened, why, and what to do now; and shows the code."""
    words = refusal_text(visitor.language, code)
    assert visitor.heading == words.title
    assert words.explanation in visitor.text
    assert visitor.page.locator("ol.steps li").all_inner_texts() == list(words.next_steps)
    assert visitor.fact("layout.code") == code


def read_in_both_languages(visitor: Visitor, code: str) -> str:
    """The reference on the makelaar's page, the same in Dutch and in English, whichever came first."""
    first, reference = visitor.language, read_refusal(visitor, code)
    assert read_refusal(visitor.switch_language(), code) == reference
    assert {first, visitor.language} == {"nl", "en"}
    return reference


def read_answer(visitor: Visitor, code: str) -> str:
    """The reference in the signed Response that the dienstverlener got, which also tells it the code."""
    assert visitor.at is GEMEENTE, visitor.text
    cancelled = code == "geannuleerd"
    assert visitor.heading == visitor.says("dv.failed.title_cancelled" if cancelled else "dv.failed.title")
    assert visitor.says("button.start_again") in visitor.text
    message = visitor.fact("dv.failed.status_message") or ""
    reference = visitor.fact("layout.reference") or ""
    expected = refusal(code).status(reference)
    assert _REFERENCE.fullmatch(reference)
    assert message == expected.message
    assert (visitor.fact("dv.failed.status_codes") or "").split() == [expected.top, expected.second]
    return reference
