"""Logins of one browser in another, answers out of turn, and the same thing twice or at once."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import RESPONDER
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Visitor


@pytest.fixture
def at_the_door(box: Box, new_visitor: Callable[[], Visitor]) -> Callable[[str], Visitor]:
    """Makes people whose authenticatiedienst has answered, and who stand before the makelaar with that answer."""

    def come(username: str) -> Visitor:
        visitor = new_visitor()
        visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_AD)
        visitor.complete(username)
        assert paths.HM_ACS_AD in visitor.location
        return visitor

    return come


@pytest.mark.rule("2.05", "9.18")
def test_an_answer_in_another_browser_is_refused_and_stays_good_in_its_own(
    at_the_door: Callable[[str], Visitor], new_visitor: Callable[[], Visitor]
) -> None:
    victim = at_the_door("werknemer")
    attacker = new_visitor().open(victim.location)
    assert attacker.status == 403
    assert "cookie-ontbreekt" in attacker.text
    victim.browser.stops.pop()
    victim.open(victim.location).relay()
    assert victim.received().status == SUCCESS


@pytest.mark.rule("2.05", "9.18")
def test_an_answer_to_the_login_of_another_browser_is_thrown_away(
    at_the_door: Callable[[str], Visitor],
) -> None:
    one, two = at_the_door("werknemer"), at_the_door("directeur")
    swapped = one.location.replace(one.passed[-1].relay_state, two.passed[-1].relay_state)
    two.open(swapped)
    assert "antwoord-ongeldig" in two.text
    two.press("back")
    received = two.received()
    assert received.status == RESPONDER
    assert not received.find("//saml:Assertion")


@pytest.mark.rule("8.30", "9.29")
def test_a_spent_answer_leads_to_nothing_new(box: Box, at_the_door: Callable[[str], Visitor]) -> None:
    visitor = at_the_door("werknemer")
    answer = visitor.location
    visitor.browser.stops.pop()
    visitor.open(answer).relay()
    assert visitor.received().status == SUCCESS
    visitor.open(answer)
    assert visitor.status in {403, 410}
    assert not visitor.location


@pytest.mark.rule("9.29")
def test_of_the_same_answer_posted_at_once_one_goes_on(
    box: Box, at_the_door: Callable[[str], Visitor]
) -> None:
    visitor = at_the_door("werknemer")
    answer = visitor.passed[-1]
    form = {"SAMLResponse": base64.b64encode(answer.message).decode(), "RelayState": answer.relay_state}
    cookies = {cookie.name: cookie.value or "" for cookie in visitor.session.cookies}

    def deliver(_: int) -> requests.Response:
        url = box.url(MAKELAAR) + paths.HM_ACS_AD
        return requests.post(url, data=form, cookies=cookies, allow_redirects=False, timeout=20)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(deliver, range(8)))
    onward = [each for each in answers if paths.MR_DECISION in each.headers.get("Location", "")]
    assert len(onward) == 1
    again = deliver(0)
    assert paths.MR_DECISION not in again.headers.get("Location", "")


def test_an_answer_that_the_browser_brings_twice_at_once_ends_in_one_login(
    box: Box, at_the_door: Callable[[str], Visitor]
) -> None:
    visitor = at_the_door("werknemer")
    cookies = {cookie.name: cookie.value or "" for cookie in visitor.session.cookies}

    def bring(_: int) -> requests.Response:
        return requests.get(visitor.location, cookies=cookies, allow_redirects=False, timeout=20)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(bring, range(2)))
    onward = [
        each.headers["Location"] for each in answers if paths.MR_DECISION in each.headers.get("Location", "")
    ]
    assert len(onward) == 1, [(each.status_code, each.headers.get("Location")) for each in answers]
    visitor.browser.stops.pop()
    visitor.open(onward[0]).relay()
    assert visitor.received().status == SUCCESS


def test_an_old_answer_does_not_answer_a_new_question(
    box: Box, at_the_door: Callable[[str], Visitor]
) -> None:
    visitor = at_the_door("werknemer")
    old = visitor.passed[-1]
    visitor.open(f"{box.url(MAKELAAR)}/journey/{old.relay_state}").choose_ad("werknemer")
    form = {"SAMLResponse": base64.b64encode(old.message).decode(), "RelayState": old.relay_state}
    visitor.post(box.url(MAKELAAR) + paths.HM_ACS_AD, form)
    assert "antwoord-ongeldig" in visitor.text


def test_an_answer_of_the_authenticatiedienst_is_none_of_a_register(
    box: Box, at_the_door: Callable[[str], Visitor]
) -> None:
    visitor = at_the_door("werknemer")
    answer = visitor.passed[-1]
    form = {"SAMLResponse": base64.b64encode(answer.message).decode(), "RelayState": answer.relay_state}
    visitor.post(box.url(MAKELAAR) + paths.HM_ACS_MR, form)
    assert "ad" in visitor.fields()


@pytest.mark.parametrize("relay_state", ["", "0" * 38, "../healthz", "x" * 2000, "journey:x", "%"])
def test_an_answer_to_no_login_at_all_is_a_dead_end(
    box: Box, at_the_door: Callable[[str], Visitor], relay_state: str
) -> None:
    answer = at_the_door("werknemer").passed[-1]
    form = {"SAMLResponse": base64.b64encode(answer.message).decode(), "RelayState": relay_state}
    refused = requests.post(box.url(MAKELAAR) + paths.HM_ACS_AD, data=form, timeout=20)
    assert refused.status_code in {400, 410}
    assert not refused.history


def test_of_one_request_sent_to_all_workers_at_once_one_login_begins(dv: ForeignDv) -> None:
    form = dv.form(dv.ask(), "one")
    with ThreadPoolExecutor(12) as pool:
        pages = list(pool.map(lambda _: requests.post(dv.sso, data=form, timeout=20), range(12)))
    assert [page.status_code for page in pages].count(200) >= 1
    begun = [page for page in pages if 'name="ad"' in page.text]
    assert len(begun) == 1
    assert all("verzoek-herhaald" in page.text for page in pages if page not in begun)


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
@pytest.mark.parametrize("button", ["choose", "cancel", "back"])
def test_a_form_without_the_token_of_its_page_does_nothing(
    visitor: Visitor, token: str | None, button: str
) -> None:
    visitor.ask()
    page = visitor.url
    data = {"do": button, "ad": visitor.box.persons["werknemer"]["ad"]} | (
        {} if token is None else {"token": token}
    )
    visitor.post(page, data)
    assert visitor.status == 403
    assert not visitor.location
    visitor.open(page).press("cancel")
    assert visitor.received().status == AUTHN_FAILED


def test_the_token_of_another_login_does_nothing(new_visitor: Callable[[], Visitor]) -> None:
    one, two = new_visitor().ask(), new_visitor().ask()
    token = one.form().fields["token"]
    two.post(two.url, {"do": "cancel", "token": str(token)})
    assert two.status == 403


@pytest.mark.rule("9.18")
def test_the_page_of_a_login_is_shown_in_its_own_browser_only(new_visitor: Callable[[], Visitor]) -> None:
    owner = new_visitor().ask()
    assert new_visitor().open(owner.url).status == 403


@pytest.mark.rule("11.02")
def test_an_authenticatiedienst_that_is_not_on_the_list_cannot_be_chosen(
    visitor: Visitor, dv: ForeignDv
) -> None:
    visitor.ask()
    for choice in (dv.entity_id, "https://evil.example", visitor.box.persons["medewerker"]["ad"], ""):
        visitor.press("choose", ad=choice)
        assert visitor.status == 400
        assert "ad" in visitor.fields()


@pytest.fixture
def tabs(new_visitor: Callable[[], Visitor]) -> list[Visitor]:
    """Twenty tabs of one browser."""
    opened = [new_visitor() for _ in range(20)]
    for tab in opened[1:]:
        tab.session.cookies = opened[0].session.cookies
    return opened


def test_twenty_tabs_log_in_at_once_without_disturbing_each_other(tabs: list[Visitor]) -> None:
    people = ["werknemer", "directeur", "medewerker", "reder"]
    services = {"medewerker": 2}

    def log_in(number: int) -> tuple[str, str | None]:
        person, tab = people[number % len(people)], tabs[number]
        tab.send(tab.dv.ask(services.get(person, 3)), f"tab-{number}").choose_ad(person)
        tab.authenticate(person)
        return tab.landing["RelayState"], tab.received().opened("LegalSubjectID").get("KvKnr")

    with ThreadPoolExecutor(5) as pool:
        ended = list(pool.map(log_in, range(20)))
    kvk = {person: tabs[0].box.persons[person]["companies"][0][0] for person in people}
    assert ended == [(f"tab-{number}", kvk[people[number % len(people)]]) for number in range(20)]


def test_a_login_that_has_ended_cannot_be_ended_again(visitor: Visitor) -> None:
    visitor.ask()
    page, token = visitor.url, str(visitor.form().fields["token"])
    cookies = visitor.session.cookies.copy()
    visitor.press("cancel")
    assert visitor.received().status == AUTHN_FAILED
    visitor.session.cookies = cookies
    visitor.post(page, {"do": "cancel", "token": token})
    assert "al-afgerond" in visitor.text
    assert not visitor.location
