"""What somebody tries who means harm: old secrets, odd values, and pages that others lure an operator to."""

from urllib.parse import quote

import pytest

from broker.console.bounds import LARGEST_OF_STRANGERS
from broker.console.bounds import MOST_FIELDS
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.operators import Passkey
from tests.console.conftest import CHIEF
from tests.console.conftest import PASSWORD
from tests.console.conftest import TOKEN
from tests.console.conftest import Site

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("how", ["invite_again", "reset_second_factor", "set_password"])
def test_an_old_password_is_of_no_use_to_who_waited_half_way(site: Site, how: str) -> None:
    site.person("chief")
    site.person("anna")
    site.post("/login", username="anna", password=PASSWORD)
    extra = ("een heel ander wachtwoord",) if how == "set_password" else ()

    getattr(site.operators, how)("anna", *extra, CHIEF)

    assert site.client.get("/login/second-factor").headers["Location"] == "/login"
    assert site.client.get("/login/code").headers["Location"] == "/login"


def test_a_link_that_went_to_the_wrong_person_ends_with_the_next(site: Site) -> None:
    _, wrong = site.operators.add("bob", "Bob", OperatorRole.VIEWER, CHIEF)
    right = site.operators.invite_again("bob", CHIEF)

    assert site.client.get(f"/enrol/{wrong}").status_code == 410
    assert site.client.get(f"/enrol/{right}").status_code == 200


def test_who_came_in_with_a_passkey_is_out_when_it_is_removed(site: Site) -> None:
    site.log_in("anna")
    store, at = site.operators.store, site.clock.at
    for name in ("stolen", "kept"):
        change = Change(at, "anna", "passkey-added", "operator:anna")
        store.save_passkey(Passkey(name, "anna", b"key", 0, name, at), change)
    with site.client.session_transaction() as session:
        session["passkey"] = "stolen"
    assert site.client.get("/").status_code == 200

    store.remove_passkeys("anna", "kept", Change(at, "anna", "passkey-removed", "operator:anna"))
    assert site.client.get("/").status_code == 200
    store.remove_passkeys("anna", "stolen", Change(at, "anna", "passkey-removed", "operator:anna"))

    assert site.client.get("/").status_code == 303


@pytest.mark.parametrize("elsewhere", ["//[", "/\t/evil.example", "/\r\nSet-Cookie: a=b", "/\0", "/\x1b"])
def test_an_odd_address_to_go_on_to_is_the_first_page(site: Site, elsewhere: str) -> None:
    site.person("anna")
    page = f"/login?next={quote(elsewhere)}"
    assert site.client.get(page).status_code in (200, 400)
    answer = site.post("/login", username="anna", password=PASSWORD, next=elsewhere)
    if answer.status_code == 303:
        answer = site.post("/login/code", code=site.code("anna"))
        assert answer.headers["Location"] == "/"
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "path", ["/partners?search=%00", "/partners?after=a%00", "/versions/%00", "/enrol/%00", "/setup/%00"]
)
def test_a_nul_reaches_no_database(site: Site, path: str) -> None:
    site.log_in("anna")

    assert site.client.get(path).status_code == 400


def test_a_nul_in_a_form_reaches_no_database(site: Site) -> None:
    assert site.post("/login", username="an\0na", password=PASSWORD).status_code == 400
    site.log_in("anna")

    assert site.post("/submit", role="DV", metadata_text="<a>\0</a>").status_code == 422


@pytest.mark.parametrize("page", ["/login", "/confirm", "/enrol/made-up", "/submit", "/nowhere"])
def test_a_stranger_sends_no_large_form(site: Site, page: str) -> None:
    for content_type in ("application/x-www-form-urlencoded", "application/json"):
        answer = site.client.post(page, data=b"a" * (LARGEST_OF_STRANGERS + 1), content_type=content_type)
        assert answer.status_code in {400, 404, 413}
        assert answer.request.environ["wsgi.input"].tell() <= LARGEST_OF_STRANGERS


def test_a_form_of_millions_of_fields_is_not_taken_apart(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.log_in("anna")
    monkeypatch.setattr("werkzeug.formparser.FormDataParser.parse", lambda *_: pytest.fail("it was"))

    for page in ("/submit", "/setup/made-up"):
        answer = site.client.post(page, data=b"a&" * MOST_FIELDS, content_type=FORM)
        assert answer.status_code == 413


@pytest.mark.parametrize("page", ["/account", "/links", "/operators", "/tokens", "/submit", "/confirm"])
def test_a_token_of_another_browser_opens_no_form(site: Site, page: str) -> None:
    site.log_in("anna")
    other = site.client.application.test_client()
    theirs = TOKEN.search(other.get("/login").get_data(as_text=True))
    assert theirs

    answer = site.client.post(
        page.replace("/account", "/account/password"),
        data={"csrf_token": theirs[1], "name": "x", "days": "1"},
    )

    assert answer.status_code == 400


def test_nobody_is_logged_in_or_out_by_a_page_of_somebody_else(site: Site) -> None:
    site.person("mallory")
    for page, fields in (
        ("/login", {"username": "mallory", "password": PASSWORD}),
        ("/login/code", {"code": site.code("mallory")}),
        ("/login/second-factor", {"code": "123456"}),
        ("/logout", {}),
        ("/login/passkey", {}),
        ("/login/passkey/options", {}),
    ):
        assert site.client.post(page, data=fields).status_code == 400, page


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "a" * 60_000},
        {"Accept-Language": ",".join(f"en;q=0.{each}" for each in range(5000))},
        {"Host": "evil.example"},
        {"Cookie": "console=\u00e9\u00e9"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Range": "bytes=0-1,1-2"},
    ],
)
def test_odd_headers_change_nothing(site: Site, headers: dict[str, str]) -> None:
    answer = site.client.get("/login", headers=headers)

    assert answer.status_code == 200
    assert "evil" not in answer.text
