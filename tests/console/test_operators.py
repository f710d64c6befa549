"""Inviting operators, and what each role may do."""

import pytest

from broker.onboarding.actors import NotAllowed
from broker.onboarding.operators import OperatorRefused
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from tests.console.conftest import CHIEF
from tests.console.conftest import PASSWORD
from tests.console.conftest import Site


def test_an_invited_operator_chooses_a_password_and_sets_up_a_second_factor(site: Site) -> None:
    _, token = site.operators.add("bob@example.nl", "Bob", OperatorRole.OPERATOR, CHIEF)
    link = f"/enrol/{token}"
    assert site.post(link, password=PASSWORD, again=PASSWORD).headers["Location"] == "/login/second-factor"
    page = site.text("/login/second-factor")
    assert "<svg" in page
    with site.client.session_transaction() as session:
        secret = session["new_secret"]
    assert secret[:4] in page
    site.secrets["bob@example.nl"] = secret
    assert site.post("/login/second-factor", code="123").status_code == 422
    assert site.operators.find("bob@example.nl").totp_secret is None

    assert site.post("/login/second-factor", code=site.code("bob@example.nl")).status_code == 303

    assert "Bob" in site.text("/")
    assert site.client.get(link).status_code == 410
    assert site.history() == ["operator-added", "operator-enrolled", "operator-second-factor-set"]


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("kort", "kort", "te kort"),
        ("x" * 201, "x" * 201, "te lang"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "te makkelijk"),
        ("bobbert en zo voort", "bobbert en zo voort", "te makkelijk"),
        (PASSWORD, PASSWORD + "!", "niet gelijk"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_and_the_link_stays(
    site: Site, password: str, again: str, words: str
) -> None:
    _, token = site.operators.add("bobbert", "Bob", OperatorRole.OPERATOR, CHIEF)

    answer = site.post(f"/enrol/{token}", password=password, again=again)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert site.client.get(f"/enrol/{token}").status_code == 200


def test_an_approver_invites_and_the_link_is_shown_once(site: Site) -> None:
    site.log_in("anna")

    answer = site.post("/operators", username="bob", name="Bob", role="viewer")

    assert "http://localhost:8450/enrol/" in answer.text
    assert "/enrol/" not in site.text("/operators")
    assert [each.username for each in site.operators.all()] == ["anna", "bob"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "Bob de Vries", "Een gebruikersnaam bestaat uit"),
        ("username", "anna", "bestaat al"),
        ("name", " ", "Vul een naam in"),
        ("role", "king", "Kies een rol"),
    ],
)
def test_a_refused_operator_keeps_what_was_typed(site: Site, field: str, value: str, words: str) -> None:
    site.log_in("anna")

    answer = site.post("/operators", **{"username": "bob", "name": "Bob K", "role": "viewer", field: value})

    assert answer.status_code == 422
    assert words in answer.text
    assert field == "username" or 'value="bob"' in answer.text
    assert field == "name" or 'value="Bob K"' in answer.text


@pytest.mark.parametrize("role", [OperatorRole.VIEWER, OperatorRole.OPERATOR])
def test_who_is_no_approver_sees_no_form_and_may_not_post_one(site: Site, role: OperatorRole) -> None:
    site.log_in("anna", role)
    page = site.text("/operators")

    answer = site.post("/operators", "/account", username="bob", name="Bob", role="approver")

    assert "Voeg een operator toe" not in page
    assert answer.status_code == 403
    assert "Dit mag u niet doen" in answer.text
    assert len(site.operators.all()) == 1


@pytest.mark.parametrize("role", [OperatorRole.VIEWER, OperatorRole.OPERATOR])
def test_the_service_itself_refuses_who_is_no_approver(site: Site, role: OperatorRole) -> None:
    site.person("bob")
    me = Actor("anna", role)

    for act in (
        lambda: site.operators.add("carl", "Carl", OperatorRole.VIEWER, me),
        lambda: site.operators.disable("bob", me),
        lambda: site.operators.give_role("bob", OperatorRole.VIEWER, me),
        lambda: site.operators.invite_again("bob", me),
        lambda: site.operators.reset_second_factor("bob", me),
        lambda: site.operators.set_password("bob", PASSWORD, me),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_cannot_be_undone_asks_for_a_code_again_after_a_while(site: Site) -> None:
    site.person("bob")
    site.log_in("anna")
    site.clock.forward(minutes=11)

    answer = site.post("/operators/bob", "/operators", do="disable", here="/operators")
    assert answer.headers["Location"] == "/confirm?next=/operators&posted=1"
    assert site.operators.find("bob").disabled_at is None
    assert site.post("/confirm", code="000000").status_code == 422
    assert (
        site.post("/confirm", code=site.code("anna"), next="/operators").headers["Location"] == "/operators"
    )
    site.post("/operators/bob", "/operators", do="disable", here="/operators")

    assert site.operators.find("bob").disabled_at is not None


def test_the_last_approver_stays(site: Site) -> None:
    site.log_in("anna")
    site.person("bob", OperatorRole.OPERATOR)

    assert "laatste goedkeurder" in site.post("/operators/anna", "/operators", do="disable").text
    assert "laatste goedkeurder" in site.post("/operators/anna", "/operators", do="role", role="viewer").text
    with pytest.raises(OperatorRefused):
        site.operators.disable("anna", CHIEF)


def test_a_role_counts_from_the_next_request(site: Site) -> None:
    site.person("chief")
    site.log_in("anna")
    assert "Voeg een operator toe" in site.text("/operators")

    site.operators.give_role("anna", OperatorRole.VIEWER, CHIEF)

    assert "Voeg een operator toe" not in site.text("/operators")


def test_a_changed_password_keeps_this_browser_in_and_asks_for_the_old_one(site: Site) -> None:
    site.log_in("anna")
    new = "een andere lange zin hiervoor"
    wrong = site.post("/account/password", "/account", current="mis", password=new, again=new)
    assert wrong.status_code == 422
    assert "huidige wachtwoord klopt niet" in wrong.text

    right = site.post("/account/password", "/account", current=PASSWORD, password=new, again=new)

    assert right.headers["Location"] == "/account?done=password"
    assert "Uw wachtwoord is gewijzigd" in site.text("/account?done=password")
    assert site.history()[-1] == "operator-password-changed"
