"""Which language a person gets, and the link to the other one."""

import pytest
from flask import render_template
from flask.testing import FlaskClient

from broker.screens import current_language
from tests.screens.pages import make_app

HTTPS = "https://makelaar.example"
LOCALHOST = "http://localhost:8000"
REFUSAL: dict[str, object] = {
    "title": "Titel",
    "explanation": "Uitleg.",
    "next_steps": [],
    "code": None,
    "reference": None,
    "time": None,
}


@pytest.fixture
def browser() -> FlaskClient:
    return make_browser(HTTPS)


def make_browser(public_url: str) -> FlaskClient:
    app = make_app(public_url)

    @app.route("/journey/<journey>", methods=["GET", "POST"])
    def page(journey: str) -> str:
        return render_template("error.html", **REFUSAL)

    @app.get("/fixed")
    def fixed() -> str:
        return render_template("error.html", language_switch=False, **REFUSAL)

    @app.get("/language")
    def language() -> str:
        return current_language()

    @app.errorhandler(404)
    def not_found(_: Exception) -> tuple[str, int]:
        return render_template("error.html", **REFUSAL), 404

    client: FlaskClient = app.test_client()
    return client


@pytest.mark.parametrize(
    ("accepted", "shown"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("nl-BE, en;q=0.5", "nl"),
        ("de, en;q=0.5, nl;q=0.3", "en"),
        ("en;q=0, nl;q=0.1", "nl"),
        ("de", "nl"),
        ("", "nl"),
        ("\x00;;q=x", "nl"),
    ],
)
def test_the_browser_says_which_language_is_preferred(
    browser: FlaskClient, accepted: str, shown: str
) -> None:
    assert browser.get("/language", headers={"Accept-Language": accepted}).text == shown


@pytest.mark.rule("2.58", "2.59")
def test_the_language_asked_for_wins_and_is_remembered(browser: FlaskClient) -> None:
    dutch_browser = {"Accept-Language": "nl"}

    assert browser.get("/language?lang=en", headers=dutch_browser, base_url=HTTPS).text == "en"
    assert browser.get("/language", headers=dutch_browser, base_url=HTTPS).text == "en"


@pytest.mark.parametrize("value", ["de", "", "NL", "en\r\nSet-Cookie: x=y", "<script>"])
def test_a_language_we_do_not_have_changes_nothing(browser: FlaskClient, value: str) -> None:
    answer = browser.get("/language", query_string={"lang": value})

    assert answer.text == "nl"
    assert "Set-Cookie" not in answer.headers


def test_a_forged_language_cookie_changes_nothing(browser: FlaskClient) -> None:
    assert browser.get("/language", headers={"Cookie": "__Host-lang=<script>"}).text == "nl"


@pytest.mark.parametrize(
    ("public_url", "cookie"), [(HTTPS, "__Host-lang=en; Secure"), (LOCALHOST, "lang=en; HttpOnly")]
)
def test_the_cookie_fits_the_address(public_url: str, cookie: str) -> None:
    answer = make_browser(public_url).get("/language?lang=en")
    parts = answer.headers["Set-Cookie"].split("; ")

    assert set(cookie.split("; ")) <= set(parts)
    assert "Max-Age=31536000" in parts


def test_the_switch_keeps_the_path(browser: FlaskClient) -> None:
    dutch = browser.get("/journey/abc")
    english = browser.get("/journey/abc?lang=en")

    assert '<a href="/journey/abc?lang=en" lang="en" hreflang="en">English</a>' in dutch.text
    assert '<a href="/journey/abc?lang=nl" lang="nl" hreflang="nl">Nederlands</a>' in english.text


def test_the_switch_keeps_the_folder_a_party_is_mounted_in(browser: FlaskClient) -> None:
    page = browser.get("/journey/abc", base_url=f"{HTTPS}/hm")

    assert 'href="/hm/journey/abc?lang=en"' in page.text


def test_a_page_that_cannot_be_asked_for_again_has_no_switch(browser: FlaskClient) -> None:
    assert "hreflang" not in browser.post("/journey/abc").text
    assert "hreflang" not in browser.get("/journey/abc?SAMLart=AAQ").text
    assert "hreflang" not in browser.get("/fixed").text


def test_a_path_with_signs_of_an_address_in_it_is_kept_whole(browser: FlaskClient) -> None:
    assert 'href="/journey/a%3Fb%25?lang=en"' in browser.get("/journey/a%3Fb%25").text


def test_a_hostile_path_stays_inside_the_link(browser: FlaskClient) -> None:
    page = browser.get('/journey/"><script>alert(1)<%2fscript>').text

    assert "<script" not in page


def test_a_path_that_looks_like_a_host_does_not_lead_there(browser: FlaskClient) -> None:
    page = browser.get("/", environ_overrides={"PATH_INFO": "//evil.example/x"}, follow_redirects=False)

    assert 'href="//' not in page.text
