"""Whoever stops, or may not act, reads why and what to do; the dienstverlener gets the same reference."""

import pytest
from playwright.sync_api import Browser

from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.box import Box
from tests.browser.refusal_page import read_answer
from tests.browser.refusal_page import read_in_both_languages
from tests.browser.refusal_page import read_refusal
from tests.browser.refusal_page import read_words
from tests.browser.test_logins import LOGINS
from tests.browser.visitor import Visitor

REFUSALS = (
    ("zonder", 3, "geen-machtiging"),
    ("verlopen", 3, "machtiging-verlopen"),
    ("ingetrokken", 3, "machtiging-ingetrokken"),
    ("laag", 3, "machtiging-niveau-te-laag"),
    ("vestiging", 3, "vestiging-niet-toegestaan"),
    ("subdossier", 3, "subdossier-niet-toegestaan"),
)


@pytest.mark.parametrize(("username", "service", "code"), REFUSALS)
def test_a_person_who_may_act_for_nobody_here_reads_why(
    visitor: Visitor, username: str, service: int, code: str
) -> None:
    visitor.log_in(username, service)
    assert visitor.at is MR_EEN
    read_words(visitor, code)
    read_words(visitor.switch_language(), code)
    reference = read_in_both_languages(visitor.do("continue"), code)
    assert read_answer(visitor.do("back"), code) == reference


def test_a_middel_that_is_too_weak_is_told_at_the_authenticatiedienst_first(visitor: Visitor) -> None:
    visitor.log_in("basis", 2)
    assert visitor.at is AD_TOEGANG
    for page in (visitor, visitor.switch_language()):
        assert page.heading == page.says("ad.too_low.title")
        assert page.says("ad.too_low.explanation", middel_level="EH2", level="EH2+") in page.text
    reference = read_in_both_languages(visitor.do("cancel"), "niveau-te-laag")
    assert read_answer(visitor.do("back"), "niveau-te-laag") == reference


@pytest.mark.rule("1.7.06")
def test_stopping_at_the_makelaar_leads_straight_back(visitor: Visitor) -> None:
    reference = read_answer(visitor.ask(3).do("cancel"), "geannuleerd")
    assert read_answer(visitor.switch_language(), "geannuleerd") == reference
    assert visitor.language == "en"
    assert visitor.says("dv.failed.explanation_cancelled") in visitor.text


@pytest.mark.rule("1.7.03", "1.7.05")
def test_stopping_at_the_authenticatiedienst_leads_to_the_list_again(visitor: Visitor) -> None:
    visitor.ask(2).choose_ad("werknemer").do("cancel")
    _read_notice(visitor, "cancelled_at_ad")
    read_answer(visitor.do("cancel"), "geannuleerd")


def test_stopping_at_the_second_factor_is_stopping_too(scripted: Visitor) -> None:
    scripted.ask(3).choose_ad("werknemer").fill_in_password("werknemer").do("login").do("cancel")
    assert scripted.at is MAKELAAR
    assert AD_SLEUTEL.display_name("nl") in scripted.text


def test_stopping_at_the_register_leads_to_the_list_again(visitor: Visitor) -> None:
    visitor.log_in("eigenaar", 3)
    assert visitor.at is MR_EEN
    visitor.do("cancel")
    _read_notice(visitor, "cancelled_at_mr")
    read_answer(visitor.do("cancel"), "geannuleerd")


def test_after_a_refusal_another_middel_may_be_tried(scripted: Visitor) -> None:
    scripted.log_in("zonder", 2).do("continue").do("other")
    scripted.choose_ad("medewerker").authenticate("medewerker")
    assert scripted.fact("dv.result.kvk") == "90000145"


@pytest.mark.rule("8.08")
def test_a_wrong_password_or_code_may_be_tried_again(scripted: Visitor) -> None:
    scripted.ask(3).choose_ad("directeur").fill_in_password("directeur")
    scripted.page.fill("input[name=password]", "iets anders")
    assert scripted.says("ad.error.credentials") in scripted.do("login").text
    assert scripted.page.input_value("input[name=username]") == "directeur"
    scripted.fill_in_password("directeur").do("login")
    scripted.page.fill("input[name=otp]", "12")
    assert scripted.says("ad.error.otp") in scripted.do("login").text
    assert scripted.fill_in_code("directeur").do("login").fact("dv.result.kvk") == "90000112"


@pytest.mark.rule("1.3.02", "6.3.22")
def test_an_intermediary_is_offered_the_own_office_and_each_client(scripted: Visitor) -> None:
    offered = scripted.log_in("accountant", 3).offered()
    assert [choice.split(" KvK-nummer ")[0] for choice in offered] == [
        "Administratiekantoor Voorbeeldcijfers B.V.",
        "Bloemist De Testtulp B.V.",
        "Garage Proefstand B.V.",
    ]
    assert ["Via Administratiekantoor" in choice for choice in offered] == [False, True, True]


def test_a_client_that_revoked_the_chain_is_no_longer_acted_for(visitor: Visitor) -> None:
    visitor.log_in("accountant", 3).choose_company("Garage Proefstand")
    reference = read_in_both_languages(visitor, "keten-ingetrokken")
    assert read_answer(visitor.do("back"), "keten-ingetrokken") == reference


def test_where_chains_are_not_allowed_no_client_is_offered(scripted: Visitor) -> None:
    scripted.log_in("accountant", 4)
    assert scripted.at is GEMEENTE, "with only the own office left there is nothing to choose"
    assert scripted.fact("dv.result.kvk") == "90000088"
    assert scripted.fact("dv.result.intermediary") is None


def test_who_has_only_clients_where_chains_are_not_allowed_reads_why(visitor: Visitor) -> None:
    visitor.log_in("boekhouder", 4)
    read_words(visitor, "keten-niet-toegestaan")
    reference = read_in_both_languages(visitor.do("continue"), "keten-niet-toegestaan")
    assert read_answer(visitor.do("back"), "keten-niet-toegestaan") == reference


def test_every_seeded_person_has_a_login_or_a_refusal_here(box: Box) -> None:
    seen = {login.username for login in LOGINS} | {username for username, _, _ in REFUSALS}
    # Who comes from another member state logs in in test_eidas.
    here = {username for username, person in box.persons.items() if ":AD:" in person["ad"]}
    assert seen == here
    assert here < set(box.persons)


def test_a_browser_without_cookies_is_told_so(box: Box, chromium: Browser) -> None:
    visitor = Visitor(box, chromium, javascript=True)
    visitor.ask(3)
    visitor.context.clear_cookies()
    visitor.page.reload()
    read_refusal(visitor, "cookie-ontbreekt")
    visitor.close()


def _read_notice(visitor: Visitor, notice: str) -> None:
    assert visitor.at is MAKELAAR
    for page in (visitor, visitor.switch_language()):
        name = AD_SLEUTEL.display_name(page.language)
        assert page.says(f"hm.notice.{notice}", name=name) in page.text
