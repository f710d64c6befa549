"""People of other member states, in their browsers and in both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from broker.network.foreigners import MUSTERWERK
from broker.screens import Language
from broker.settings import BERICHTENSERVICE
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.box import Box
from tests.browser.visitor import Visitor


@pytest.fixture(params=["nl", "en"])
def speaker(request: pytest.FixtureRequest, box: Box, chromium: Browser) -> Iterator[Visitor]:
    """A person without JavaScript who prefers this language."""
    language: Language = request.param
    person = Visitor(box, chromium, javascript=False, language=language)
    yield person
    person.close()
    assert not person.complaints


@pytest.mark.rule("1.5.03", "11.14")
def test_a_company_logs_in_from_the_page_of_the_dienstverlener(speaker: Visitor) -> None:
    speaker.choose_service(21)
    assert speaker.at is BERICHTENSERVICE
    assert speaker.heading == speaker.says("eb.choose.title")
    speaker.come_from("prokurist")
    assert speaker.at is GEMEENTE
    assert speaker.heading == speaker.says("dv.result.title")
    assert speaker.fact("dv.result.eidas_company") == MUSTERWERK.identifier
    assert speaker.fact("dv.result.nobody") is None
    assert speaker.fact("dv.result.level") == "EH3"


def test_a_citizen_acts_for_nobody(speaker: Visitor) -> None:
    speaker.ask(21).come_from("burger")
    assert speaker.fact("dv.result.nobody") == speaker.says("dv.result.nobody_else")
    assert speaker.fact("dv.result.eidas_company") is None
    assert len(speaker.fact("dv.result.pseudonym") or "") == 64


def test_who_has_no_bsn_reads_so_and_can_only_go_back(speaker: Visitor) -> None:
    speaker.ask(22).come_from("grensarbeider")
    assert speaker.at is MAKELAAR
    assert speaker.heading == speaker.says("refusal.geen-bsn.title")
    assert speaker.page.locator("main button").count() == 1
    speaker.do("back")
    assert speaker.at is GEMEENTE
    assert speaker.heading == speaker.says("dv.failed.title")


def test_who_stops_is_back_where_they_began(speaker: Visitor) -> None:
    speaker.ask(21).do("cancel")
    assert speaker.at is GEMEENTE
    assert speaker.heading == speaker.says("dv.failed.title_cancelled")


def test_who_was_too_weak_logs_in_again_with_stronger_means(speaker: Visitor) -> None:
    speaker.ask(21).come_from("toerist")
    assert speaker.page.locator("button[value=other]").inner_text() == speaker.says("hm.refusal.again")
    speaker.do("other").come_from("burger")
    assert speaker.fact("dv.result.level") == "EH4"
