"""Every page renders, in both languages, and nothing on it can be turned against the person reading it."""

from html.parser import HTMLParser

import pytest
from flask import render_template

from broker.screens.assets import load_asset
from tests.screens.pages import NOT_PAGES
from tests.screens.pages import TEMPLATE_FOLDERS
from tests.screens.pages import Page
from tests.screens.pages import make_app
from tests.screens.pages import pages

HOSTILE = "\"><script>alert(1)</script>' onfocus='x"
VOID = {"meta", "link", "input"}


class Document(HTMLParser):
    """Collects what a browser would see of a page, and checks that its elements are nested well."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == [], "elements left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


# One for all: it compiles a template once, which takes far longer than to fill it in.
_APP = make_app()


def render(page: Page, language: str = "nl") -> str:
    with _APP.test_request_context(f"/page?lang={language}"):
        return render_template(page.template, **page.context)


def page_named(name: str, word: str = "Voorbeeld") -> Document:
    return Document(render(next(page for page in pages(word) if page.name == name)))


every_page = pytest.mark.parametrize("page", pages("Voorbeeld"), ids=lambda page: page.name)
every_hostile_page = pytest.mark.parametrize("page", pages(HOSTILE), ids=lambda page: page.name)
both_languages = pytest.mark.parametrize("language", ["nl", "en"])


def test_every_template_is_tried_here() -> None:
    there = {template.name for folder in TEMPLATE_FOLDERS for template in folder.glob("*.html")}

    assert {page.template for page in pages("x")} == there - NOT_PAGES


@pytest.mark.rule("11.08")
@every_page
@both_languages
def test_a_page_says_its_language_its_title_and_who_shows_it(page: Page, language: str) -> None:
    document = Document(render(page, language))

    assert document.all("html") == [{"lang": language, "class": "utrecht-html"}]
    assert len(document.all("h1")) == 1
    assert len(document.all("title")) == 1
    assert document.text.count("Partij Voorbeeld") >= 3
    assert len(document.all("main")) == 1


@every_page
def test_a_page_has_no_script_no_style_of_its_own_and_no_handlers(page: Page) -> None:
    document = Document(render(page))

    assert not document.all("script")
    assert not document.all("style")
    assert not [name for _, attributes in document.elements for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in document.elements if "style" in attributes]


@pytest.mark.rule("11.16")
@every_page
def test_a_page_fetches_and_links_only_here(page: Page) -> None:
    document = Document(render(page))
    addresses = [
        attributes[name]
        for _, attributes in document.elements
        for name in ("href", "src", "action", "formaction")
        if attributes.get(name)
    ]

    assert addresses
    assert all(address and address[0] in "/#" and not address.startswith("//") for address in addresses), (
        addresses
    )


@every_hostile_page
@both_languages
def test_words_from_outside_stay_words(page: Page, language: str) -> None:
    html = render(page, language)
    document = Document(html)

    assert "<script" not in html
    assert not [name for _, attributes in document.elements for name in attributes if name.startswith("on")]
    without_any = {"dv_start.html without services", "ad_logout.html", "ad_logout.html refused"}
    without_any |= {"logout.html refused", "logout.html without a way back"}
    if page.name not in without_any and page.template != "dv_start.html":
        assert HOSTILE in document.text or HOSTILE in str(document.elements)


@every_page
def test_a_page_is_light(page: Page) -> None:
    assert len(render(page).encode()) + len(load_asset("screens.css")[0]) < 40_000
    assert len(load_asset("screens.css")[0]) < 17_000


@every_page
def test_every_form_is_posted_with_its_token_unless_it_only_asks_or_relays(page: Page) -> None:
    document = Document(render(page))
    forms = document.all("form")
    tokens = [field for field in document.all("input") if field.get("name") == "token"]

    if page.template == "dv_start.html":
        assert {form["method"] for form in forms} <= {"get"}
    elif page.template == "relay.html":
        assert forms == [{"method": "post", "action": "/acs"}]
        assert not tokens
    else:
        assert {form["method"] for form in forms} <= {"post"}
        assert len(tokens) == len(forms)


@every_page
def test_every_field_has_a_label_and_every_button_a_verb(page: Page) -> None:
    document = Document(render(page))
    labelled = {label.get("for") for label in document.all("label")}
    fields = [*document.all("input"), *document.all("select")]
    wrapped = {"hidden", "radio", "checkbox"}

    assert all(field.get("type") in wrapped or field["id"] in labelled for field in fields)
    assert all(button["type"] == "submit" for button in document.all("button"))


def test_no_authenticatiedienst_is_chosen_in_advance_unless_the_view_says_so() -> None:
    radios = [
        field
        for field in page_named("choose_ad.html of the portal").all("input")
        if field.get("name") == "ad"
    ]
    preselected = [field for field in page_named("choose_ad.html").all("input") if "checked" in field]

    assert [radio for radio in radios if "checked" in radio] == []
    assert [field.get("value") for field in preselected] == ["urn:ad:2", "1"]


@pytest.mark.rule("2.36", "11.04", "11.05", "11.07", "11.13")
def test_choosing_an_authenticatiedienst_names_service_dienstverlener_intermediary_and_level() -> None:
    document = page_named("choose_ad.html", "Woord")

    assert "Inloggen bij Woord voor Woord (Woord)" in document.text
    assert "EH3" in document.text
    assert [button["value"] for button in document.all("button")] == ["choose", "cancel"]


@pytest.mark.rule("11.13")
def test_without_authenticatiediensten_only_stopping_is_left() -> None:
    document = page_named("choose_ad.html without authenticatiediensten")

    assert [button["value"] for button in document.all("button")] == ["cancel"]
    assert not [field for field in document.all("input") if field.get("name") == "ad"]


@pytest.mark.rule("8.32")
def test_a_refusal_offers_buttons_only_to_a_proven_dienstverlener() -> None:
    proven = page_named("refusal.html with a proven dienstverlener")
    unproven = page_named("refusal.html without a proven dienstverlener")

    assert [button["value"] for button in proven.all("button")] == ["other", "back"]
    assert unproven.all("form") == []
    for document in (proven, unproven):
        assert "EH-7K3Q-9TXM" in document.text
        assert "machtiging-verlopen" in document.text
        assert "22 november 2026, 14:05" in document.text


def test_searching_is_offered_among_many_companies_only() -> None:
    many = page_named("mr_choose.html")
    few = page_named("mr_choose.html with few companies")

    assert [button["value"] for button in many.all("button")] == ["search", "choose", "cancel"]
    assert [button["value"] for button in few.all("button")] == ["choose", "cancel"]


def test_when_nothing_is_found_one_button_shows_all_companies_again() -> None:
    document = page_named("mr_choose.html when nothing is found")

    assert [button["value"] for button in document.all("button")] == ["search", "search", "cancel"]
    assert len([field for field in document.all("input") if field.get("name") == "q"]) == 1


def test_stopping_never_demands_that_the_form_is_filled_in() -> None:
    for page in pages("x"):
        document = Document(render(page))
        if any("required" in field for field in document.all("input")):
            cancel = [button for button in document.all("button") if button.get("value") == "cancel"]
            assert cancel, page.name
            assert all("formnovalidate" in button for button in cancel), page.name


def test_an_error_is_announced_and_tied_to_its_field() -> None:
    document = page_named("ad_otp.html")
    field = next(field for field in document.all("input") if field.get("name") == "otp")

    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "error otp-help"
    assert [box["id"] for box in document.all("div") if box.get("role") == "alert"] == ["error"]
    assert document.text.startswith("Fout: ")


@pytest.mark.rule("1.7.01", "11.13")
@every_page
def test_every_dialog_of_a_login_offers_a_way_out(page: Page) -> None:
    document = Document(render(page))
    asks = any(field.get("name") == "token" for field in document.all("input"))
    buttons = {button.get("value") for button in document.all("button")}

    assert not asks or buttons & {"cancel", "continue", "back", "logout"}
