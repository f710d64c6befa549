"""Who gets into the console, and who does not."""

import pytest

from broker.assembly.attempts import ALLOWED
from broker.ports.changes import OperatorRole
from tests.console.conftest import CHIEF
from tests.console.conftest import PASSWORD
from tests.console.conftest import Site

PAGES = ["/", "/partners", "/partners/dXJu", "/operators", "/history", "/account", "/confirm"]


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_sees_nothing_but_the_login_page(site: Site, page: str) -> None:
    answer = site.client.get(page)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=")


def test_password_and_code_let_somebody_in_where_they_were_going(site: Site) -> None:
    site.person("anna")
    page = "/login?next=/history"
    assert site.post("/login", page, username=" ANNA ", password=PASSWORD, next="/history").status_code == 303

    answer = site.post("/login/code", code=site.code("anna"))

    assert answer.headers["Location"] == "/history"
    assert "Anna" in site.text("/history")
    last_login = site.operators.find("anna").last_login_at
    assert last_login
    assert last_login.timestamp() == pytest.approx(site.clock.at.timestamp(), abs=1)


def test_a_password_alone_lets_nobody_in(site: Site) -> None:
    site.person("anna")
    site.post("/login", username="anna", password=PASSWORD)

    assert site.client.get("/").status_code == 303
    assert site.client.get("/login/code").status_code == 200


@pytest.mark.parametrize("username", ["anna", "nobody", "disabled", "invited"])
def test_a_wrong_password_reads_the_same_whoever_it_is(site: Site, username: str) -> None:
    site.person("anna")
    site.person("disabled")
    site.operators.disable("disabled", CHIEF)
    site.operators.add("invited", "Invited", OperatorRole.VIEWER, CHIEF)
    password = PASSWORD if username == "disabled" else "not the password"

    answer = site.post("/login", username=username, password=password)

    assert answer.status_code == 422
    assert "De gebruikersnaam of het wachtwoord klopt niet." in answer.text
    assert f'value="{username}"' in answer.text
    assert password not in answer.text


def test_a_code_works_once(site: Site) -> None:
    site.person("anna")
    code = site.code("anna")
    site.post("/login", username="anna", password=PASSWORD)
    assert site.post("/login/code", code=code).status_code == 303
    site.post("/logout", "/account")
    site.post("/login", username="anna", password=PASSWORD)

    assert site.post("/login/code", code=code).status_code == 422


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_whoever_guesses_too_often_has_to_wait_whether_or_not_anybody_has_the_name(
    site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.person("anna")
    monkeypatch.setattr("broker.assembly.passwords.PasswordCheck.fits", lambda *_: False)
    for _ in range(ALLOWED):
        assert site.post("/login", username=name, password="wrong").status_code == 422
    monkeypatch.undo()

    answer = site.post("/login", username=name, password=PASSWORD)

    assert answer.status_code == 429
    assert "Wacht een kwartier" in answer.text


def test_codes_cannot_be_guessed_without_end(site: Site) -> None:
    site.person("anna")
    site.post("/login", username="anna", password=PASSWORD)
    for _ in range(ALLOWED):
        assert site.post("/login/code", code="000000").status_code == 422

    assert site.post("/login/code", code=site.code("anna")).status_code == 429


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "javascript:alert(1)"]
)
def test_a_login_leads_to_no_other_site(site: Site, elsewhere: str) -> None:
    site.person("anna")
    site.post("/login", username="anna", password=PASSWORD, next=elsewhere)

    assert site.post("/login/code", code=site.code("anna")).headers["Location"] == "/"


def test_every_login_has_a_new_session_and_a_logout_ends_it(site: Site) -> None:
    site.person("anna")
    site.client.get("/login")
    seen = [site.client.get_cookie("console")]
    site.post("/login", username="anna", password=PASSWORD)
    seen.append(site.client.get_cookie("console"))
    site.post("/login/code", code=site.code("anna"))
    seen.append(site.client.get_cookie("console"))
    assert len({cookie.value for cookie in seen if cookie}) == 3

    site.post("/logout", "/account")

    assert seen[2]
    site.client.set_cookie("console", seen[2].value)
    assert site.client.get("/").status_code == 303


def test_a_session_ends_after_ten_hours_however_busy(site: Site) -> None:
    site.log_in("anna")
    site.clock.forward(hours=9, minutes=58)
    assert site.client.get("/").status_code == 200
    site.clock.forward(minutes=3)

    assert site.client.get("/").status_code == 303


def test_a_request_under_way_does_not_bring_back_an_ended_session(site: Site) -> None:
    site.log_in("anna")
    cookie = site.client.get_cookie("console")
    assert cookie
    with site.client.application.test_request_context("/", headers={"Cookie": f"console={cookie.value}"}):
        from broker.console.context import browser

        site.post("/logout", "/account")
        browser()["late"] = True
        site.client.application.session_interface.save_session(
            site.client.application, browser(), site.client.application.response_class()
        )
    site.client.set_cookie("console", cookie.value)

    assert site.client.get("/").status_code == 303


@pytest.mark.parametrize("how", ["disable", "set_password", "reset_second_factor", "invite_again"])
def test_who_is_disabled_or_has_other_secrets_is_out_at_once(site: Site, how: str) -> None:
    site.person("chief")
    site.log_in("anna")
    assert site.client.get("/").status_code == 200
    extra = ("een heel ander wachtwoord",) if how == "set_password" else ()

    getattr(site.operators, how)("anna", *extra, CHIEF)

    assert site.client.get("/").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    cookie = site.client.get("/login").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_a_form_without_its_token_changes_nothing(site: Site) -> None:
    site.log_in("anna")

    answer = site.client.post("/logout")

    assert answer.status_code == 400
    assert "Dit formulier is verlopen" in answer.text
    assert site.client.get("/").status_code == 200
