"""Behaviour tests over HTTP: who gets a wrong answer, what becomes of it, and above all who never gets one."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.visitor import Visitor
from tests.walker import Walker

LOGGED_IN = "U bent ingelogd"
NOT_USED = "Het antwoord kan niet worden gebruikt"


def start(box: Box, entity_id: str, kind: str, *options: str) -> str:
    """The address of a new test ticket."""
    done = box.command("dv", "rehearse", entity_id, kind, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def log_in(walker: Walker) -> Walker:
    """Log in at Gemeente Voorbeeld, as somebody who has nothing to choose at the register."""
    return walker.log_in("werknemer", 1)


def outcomes(recorded: Recorded, text: str) -> list[str]:
    """What the audit log says of the login whose reference is on a page."""
    reference = "EH-" + text.split("EH-")[1][:9]
    return [outcome for _, outcome in recorded("reference", reference)]


def test_a_wrong_answer_goes_out_once_is_fetched_and_is_judged(
    box: Box, walker: Walker, recorded: Recorded
) -> None:
    ticket = start(box, GEMEENTE.entity_id, "expired", "--login", "http://localhost:1/login")
    assert "Ga naar Gemeente Voorbeeld" in walker.open(ticket).text
    walker.take_part(ticket)

    assert NOT_USED in log_in(walker).text
    assert LOGGED_IN in log_in(walker).text, "the second login in this browser is an ordinary one"

    page = walker.open(ticket).text
    assert "De dienstverlener heeft het antwoord opgehaald." in page
    assert "stuurde deze browser daarna nog eens" in page
    assert outcomes(recorded, page) == ["rehearsal:expired:sent"]
    assert "nog niet gekozen" in walker.press("saw").text
    assert "Goed: zo hoort het." in walker.press("saw", seen="error-page").text
    assert "Fout: dit moet" in walker.press("saw", seen="logged-in").text
    assert "logged-in: fout" in box.command("dv", "rehearsals", GEMEENTE.entity_id).stdout


def test_the_same_answer_goes_out_twice_and_no_third_time(
    box: Box, walker: Walker, recorded: Recorded
) -> None:
    ticket = start(box, GEMEENTE.entity_id, "replayed")
    walker.take_part(ticket)
    assert LOGGED_IN in log_in(walker).text

    walker.open(ticket).press("again")
    assert NOT_USED in walker.text
    page = walker.open(ticket).text
    assert "Stuur hetzelfde antwoord" not in page
    assert outcomes(recorded, page) == ["rehearsal:replayed:sent", "rehearsal:replayed:sent-again"]


def test_who_made_a_ticket_does_not_get_the_answer_of_somebody_lured_to_it(
    box: Box,
) -> None:
    ticket = start(box, GEMEENTE.entity_id, "replayed")
    victim, thief = Walker(box), Walker(box)
    thief.take_part(ticket)
    victim.take_part(ticket)
    assert LOGGED_IN in log_in(victim).text

    page = thief.open(ticket)

    assert "Stuur hetzelfde antwoord" not in page.text
    token = page.form("token").fields["token"]
    thief.answer = thief.session.post(ticket, data={"do": "again", "token": token}, timeout=20)
    assert thief.url == ticket
    assert "Stuur hetzelfde antwoord" in victim.open(ticket).text


def test_whoever_follows_a_link_to_a_ticket_is_in_no_test_before_a_button_is_pressed(
    box: Box, walker: Walker
) -> None:
    ticket = start(box, GEMEENTE.entity_id, "expired")
    assert "U bent uitgenodigd" in walker.open(ticket).text
    assert "Deze browser doet niet mee" in walker.press("cancel").text
    assert LOGGED_IN in log_in(walker).text

    assert "doet een half uur mee" in walker.take_part(ticket).text
    assert NOT_USED in log_in(walker).text


def test_a_page_of_somebody_else_cannot_press_that_button(box: Box, walker: Walker) -> None:
    ticket = start(box, GEMEENTE.entity_id, "expired")
    attacker = Walker(box)
    token = attacker.open(ticket).form("token").fields["token"]

    for _ in range(2):  # a browser that never saw the page, and then one that did
        walker.answer = walker.session.post(ticket, data={"do": "join", "token": token}, timeout=20)
        assert walker.status == 403
        walker.open(ticket)
    assert LOGGED_IN in log_in(walker).text


def test_a_refusal_of_choice_reaches_the_dienstverlener_with_its_reference(
    box: Box, walker: Walker, recorded: Recorded
) -> None:
    walker.take_part(start(box, GEMEENTE.entity_id, "no-machtiging"))
    page = log_in(walker).text
    assert "Er is geen machtiging voor deze dienst." in page
    assert outcomes(recorded, page) == ["rehearsal:no-machtiging:sent"]


def test_whoever_really_cancels_gets_the_true_answer_and_may_go_on_with_the_test(
    box: Box, walker: Walker
) -> None:
    walker.take_part(start(box, GEMEENTE.entity_id, "expired"))
    assert "U bent gestopt met inloggen" in walker.start(1).press("cancel").text
    assert NOT_USED in log_in(walker).text


def test_a_test_login_shows_what_an_answer_holds_and_sends_nothing(
    box: Box, dv: ForeignDv, visitor: Visitor, recorded: Recorded
) -> None:
    service = f"urn:etoegang:DV:{dv.oin}:services:3"
    visitor.open(start(box, dv.entity_id, "look", "--service", service)).press("look")
    visitor.choose_ad("werknemer").authenticate("werknemer")

    page = visitor.text
    assert visitor.url.startswith(box.url(MAKELAAR)), "no answer left"
    assert not [each for each in visitor.passed if each.address.startswith(dv.url)]
    for shown in ("urn:etoegang:core:LegalSubjectID", dv.entity_id, service, "KetenmachtigingNee"):
        assert shown in page
    assert "90000011" not in visitor.text
    assert "CipherValue" not in page
    assert outcomes(recorded, page) == ["rehearsal:look:shown"]


def test_a_test_login_that_is_cancelled_sends_nothing_either(
    box: Box, dv: ForeignDv, visitor: Visitor
) -> None:
    visitor.open(start(box, dv.entity_id, "look", "--service", f"urn:etoegang:DV:{dv.oin}:services:3"))
    visitor.press("look").press("cancel")
    assert "AuthnFailed" in visitor.text
    assert visitor.url.startswith(box.url(MAKELAAR))


def test_without_the_cookie_of_the_ticket_a_login_is_an_ordinary_one(box: Box, walker: Walker) -> None:
    start(box, GEMEENTE.entity_id, "expired")
    assert LOGGED_IN in log_in(walker).text


def test_a_made_up_cookie_changes_nothing(box: Box, walker: Walker) -> None:
    walker.session.cookies.set("hm-test", "x" * 32, domain="localhost.local", path="/")
    assert LOGGED_IN in log_in(walker).text


def test_a_ticket_changes_nothing_at_another_dienstverlener(box: Box, dv: ForeignDv, walker: Walker) -> None:
    walker.take_part(start(box, dv.entity_id, "expired"))
    assert LOGGED_IN in log_in(walker).text


def test_a_ticket_for_one_service_changes_nothing_at_another(
    box: Box, dv: ForeignDv, visitor: Visitor
) -> None:
    visitor.take_part(
        start(box, dv.entity_id, "no-machtiging", "--service", f"urn:etoegang:DV:{dv.oin}:services:1")
    )
    visitor.complete("werknemer")
    assert visitor.received().outer_status == ("Success",)
    assert visitor.dv.received[-1].find("//saml:Assertion")


@pytest.mark.parametrize("ending", ["stopped", "expired", "used in another tab", "cookie gone"])
def test_a_ticket_that_ends_during_a_login_ends_it_without_any_answer(
    box: Box,
    dv: ForeignDv,
    visitor: Visitor,
    new_visitor: Callable[[], Visitor],
    recorded: Recorded,
    ending: str,
) -> None:
    ticket = start(box, dv.entity_id, "unsigned")
    visitor.take_part(ticket)
    visitor.ask().choose_ad("werknemer")
    if ending == "stopped":
        other = new_visitor()
        other.take_part(ticket).press("cancel")
    elif ending == "expired":
        _age_tickets(box)
    elif ending == "used in another tab":
        tab = new_visitor()
        tab.take_part(ticket)
        tab.complete("werknemer")
        assert tab.landing
    else:
        visitor.session.cookies.set("hm-test", None)
    visitor.authenticate("werknemer")

    assert visitor.status == 410
    assert "Deze test is voorbij" in visitor.text
    assert outcomes(recorded, visitor.text) == ["rehearsal:unsigned:lost"]


def test_the_page_of_a_ticket_that_is_not_there_says_nothing(box: Box, walker: Walker) -> None:
    assert walker.open(f"{box.url(MAKELAAR)}/test/{'A' * 32}").status == 404
    assert walker.open(f"{box.url(MAKELAAR)}/test/short").status == 404


def test_buttons_of_the_page_work_in_the_browser_of_the_ticket_only(box: Box, walker: Walker) -> None:
    ticket = start(box, GEMEENTE.entity_id, "expired")
    walker.answer = walker.session.post(ticket, data={"do": "cancel"}, timeout=20)
    assert walker.status == 403
    assert "expired" not in walker.open(ticket).text
    assert walker.status == 200


def _age_tickets(box: Box) -> None:
    """Let the time of every ticket pass."""
    with (
        closing(sqlite3.connect(box.settings.folder(MAKELAAR) / "party.db", timeout=10)) as connection,
        connection,
    ):
        connection.execute("DELETE FROM state WHERE key LIKE 'test-ticket:%'")
