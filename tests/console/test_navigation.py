"""The way through the console: one section at a time, and every page in both languages."""

import ast
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

import pytest

import broker
from broker.assembly.onboarding import register
from broker.console.navigation import section_of
from broker.console.shown import address
from broker.ports import Role
from broker.ports.changes import WORDS
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.screens.language import LANGUAGES
from broker.screens.language import Language
from broker.screens.texts import load_texts
from broker.settings import MAKELAAR
from broker.storage.changes import SqlChangeLog
from tests.browser.test_console import NAMED
from tests.browser.test_console import OUTSIDE
from tests.browser.test_console import PAGES
from tests.console.conftest import Site
from tests.saml.builders import DV
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata

SWITCH = re.compile(r'<a href="([^"]+)" lang="(\w\w)" hreflang')
QUERY = {
    "/partners": "?q=gemeente&role=DV",
    "connect": "?product=keycloak",
    "/links": "?partner=",
}
NO_PAGE = {"alive", "ready", "weather_calendar", "weather_metrics", "connect_file"}
"""Addresses that answer a machine, or give a file."""
NEEDS_MORE = {"version", "enrol", "key", "login", "login_code", "second_factor"}
"""Pages that are there for a version, a key, an invitation, or in the middle of a login."""


@pytest.fixture
def everything(site: Site) -> list[str]:
    """The address of each page that somebody who is logged in can open at any moment."""
    register(
        site.assembled.registry,
        Role.DV,
        dv_metadata(),
        catalogue(),
        makelaar_oin=MAKELAAR.oin,
        now=site.clock(),
    )
    site.log_in("anna")
    rules = site.client.application.url_map.iter_rules()
    skipped = NO_PAGE | NEEDS_MORE
    pages = {
        rule.rule.replace("<part>", address(DV))
        for rule in rules
        if "GET" in (rule.methods or ())
        and rule.endpoint not in skipped
        and not re.match(r"\w+\.", rule.endpoint)
    }
    assert len(pages) >= 15
    return sorted(pages)


def test_every_page_can_be_read_in_the_other_language_with_its_query(
    site: Site, everything: list[str]
) -> None:
    for page in everything:
        query = QUERY.get(page) or QUERY.get(page.rpartition("/")[2]) or "?came=new"
        shown = site.text(page + query)
        switch = SWITCH.search(shown)
        assert switch, page
        there = urlsplit(unescape(switch[1]))
        assert there.path == page
        assert parse_qsl(there.query, True) == [*parse_qsl(query[1:], True), ("lang", switch[2])]
        other = site.text(unescape(switch[1]))
        assert f'<html lang="{switch[2]}"' in other, page
        assert other.count("lang=") > 0


def test_the_way_in_keeps_where_it_leads(site: Site) -> None:
    switch = SWITCH.search(site.text("/login?next=/history"))
    assert switch
    assert unescape(switch[1]).startswith("/login?next=%2Fhistory&lang=")


def test_axe_looks_at_every_page(site: Site) -> None:
    looked_at = {NAMED.get(each, each).partition("?")[0] for each in (*PAGES, *OUTSIDE)}
    rules = site.client.application.url_map.iter_rules()
    pages = {rule.rule for rule in rules if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGE}
    elsewhere = {"/enrol/<token>", "/login/code", "/login/second-factor"}
    assert {page for page in pages - elsewhere if not page.startswith(("/static/", "/setup/"))} <= looked_at


def test_the_answer_to_a_form_cannot_be_asked_for_again(site: Site) -> None:
    assert "hreflang" not in site.post("/login", username="x", password="y").text


def test_a_hostile_path_leads_nowhere_else(site: Site) -> None:
    shown = site.client.get("/", environ_overrides={"PATH_INFO": "//evil.example/x"}).text
    assert 'href="//' not in shown


def test_every_page_says_which_section_it_is_in(site: Site, everything: list[str]) -> None:
    for page in everything:
        marked = re.findall(r'aria-current="(?:page|true)"', site.text(page))
        if section_of(page) is not None:
            assert marked, page


def test_the_sections_are_told_from_the_path_not_from_how_it_begins() -> None:
    found = {
        path: getattr(section_of(path), "name", None) for path in ("/keys", "/keysmith", "/keys/next", "/x")
    }
    assert found == {"/keys": "keys", "/keysmith": None, "/keys/next": "keys", "/x": None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_has_its_words(language: Language) -> None:
    texts = load_texts(language)
    assert {key.removeprefix("console.what.") for key in texts if key.startswith("console.what.")} == WORDS


def test_every_word_that_a_change_is_written_with_is_in_the_vocabulary() -> None:
    """Of the calls that name it in place; the others are refused when they are written."""
    found = set()
    for path in Path(broker.__file__).parent.rglob("*.py"):
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if "Change(" in source else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Change" and len(node.args) > 2:
                word = node.args[2]
                if isinstance(word, ast.Constant):
                    found.add(word.value)
    assert len(found) > 10
    assert found <= WORDS


def test_a_word_of_nobody_is_not_written(site: Site) -> None:
    with pytest.raises(ValueError, match=r"version-lost.*WORDS"):
        SqlChangeLog(site.assembled.engine).write(Change(site.clock(), "anna", "version-lost", DV))


def test_the_history_says_what_was_changed_and_leads_to_the_partner(site: Site) -> None:
    site.log_in("vera", OperatorRole.VIEWER)
    log = SqlChangeLog(site.assembled.engine)
    log.write(Change(site.clock(), "anna", "version-activated", DV, "klaar", {"number": 7}))
    log.write(Change(site.clock(), "anna", "rehearsal-started", DV, detail={"kind": "expired"}))
    log.write(Change(site.clock(), "anna", "setup-link-made", "link:Wij"))
    shown = site.text("/history?lang=nl")

    assert "Versie in gebruik genomen" in shown
    assert "Versie 7" in shown
    assert "expired" in shown
    assert shown.count(f'href="/partners/{address(DV)}"') == 2
    assert "<td" in shown
    assert ">link:Wij<" in shown
    assert "Version put in force" in site.text("/history?lang=en")
