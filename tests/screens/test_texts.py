"""The words on the screens: complete, equal in both languages, and safe to show."""

import re
from string import Formatter

import pytest

from broker.screens import MissingText
from broker.screens import refusal_text
from broker.screens import text
from broker.screens.language import LANGUAGES
from broker.screens.language import Language
from broker.screens.texts import load_texts
from tests.screens.pages import CONSOLE
from tests.screens.pages import TEMPLATE_FOLDERS

CODES = [
    "geen-machtiging",
    "machtiging-andere-dienst",
    "machtiging-nog-niet-geldig",
    "machtiging-verlopen",
    "machtiging-ingetrokken",
    "machtiging-niveau-te-laag",
    "vestiging-niet-toegestaan",
    "subdossier-niet-toegestaan",
    "keten-niet-toegestaan",
    "keten-geen-machtiging",
    "keten-verlopen",
    "keten-ingetrokken",
    "keten-niveau-te-laag",
    "keten-andere-dienst",
    "keten-nog-niet-geldig",
    "keten-niet-bevestigd",
    "identificatie-niet-leverbaar",
    "toestemming-geweigerd",
    "attribuut-niet-leverbaar",
    "geen-bsn",
    "bsn-niet-toegestaan",
    "eidas-geen-portaal",
    "eidas-niet-mogelijk",
    "berichtenservice-fout",
    "dienst-onbekend",
    "bemiddeling-niet-toegestaan",
    "niveau-boven-catalogus",
    "niveau-ingetrokken",
    "verzoek-verlopen",
    "verzoek-herhaald",
    "bestemming-onjuist",
    "partij-onbekend",
    "metadata-verlopen",
    "handtekening-ongeldig",
    "acs-onbekend",
    "afwijking-niet-toegestaan",
    "bericht-ongeldig",
    "bericht-te-groot",
    "passief-niet-mogelijk",
    "dienst-andere-makelaar",
    "geannuleerd",
    "niveau-te-laag",
    "sessie-verlopen",
    "cookie-ontbreekt",
    "al-afgerond",
    "authenticatiedienst-fout",
    "machtigingenregister-fout",
    "storing",
    "niet-gevonden",
    "antwoord-ongeldig",
]

every_language = pytest.mark.parametrize("language", LANGUAGES)
TEMPLATE_SOURCE = "\n".join(
    path.read_text("utf-8") for folder in (*TEMPLATE_FOLDERS, CONSOLE) for path in folder.glob("*.html")
)


def placeholders(value: str | tuple[str, ...]) -> set[str]:
    lines = (value,) if isinstance(value, str) else value
    return {name for line in lines for _, name, _, _ in Formatter().parse(line) if name is not None}


@pytest.mark.rule("11.19")
def test_both_languages_have_the_same_keys() -> None:
    assert list(load_texts("nl")) == list(load_texts("en"))


def test_both_languages_have_the_same_placeholders() -> None:
    dutch, english = load_texts("nl"), load_texts("en")

    assert {key: placeholders(value) for key, value in dutch.items()} == {
        key: placeholders(value) for key, value in english.items()
    }


@every_language
def test_every_text_has_words_and_no_markup(language: Language) -> None:
    for key, value in load_texts(language).items():
        for line in (value,) if isinstance(value, str) else value:
            assert line.strip() == line != "", key
            assert not re.search(r"[<>&]", line), key


@pytest.mark.rule("8.31")
@every_language
@pytest.mark.parametrize("code", CODES)
def test_every_refusal_says_what_happened_why_and_what_to_do(language: Language, code: str) -> None:
    words = refusal_text(language, code)

    assert words.title
    assert not words.title.endswith(".")
    assert words.explanation.endswith(".")
    assert 1 <= len(words.next_steps) <= 3
    assert all(step.endswith(".") for step in words.next_steps)


def test_no_refusal_text_is_left_without_its_code() -> None:
    with_words = {key.split(".")[1] for key in load_texts("nl") if key.startswith("refusal.")}

    assert with_words == set(CODES)


def test_every_refusal_reads_differently() -> None:
    titles = [refusal_text("nl", code).title for code in CODES]

    assert len(set(titles)) == len(titles)


def test_every_key_a_template_uses_exists() -> None:
    used = set(re.findall(r"""\bt\("([\w.-]+)"[,)]""", TEMPLATE_SOURCE))

    assert used
    assert used <= set(load_texts("nl"))


def test_every_text_is_used() -> None:
    used = set(re.findall(r"""\bt\("([\w.-]+)"[,)]""", TEMPLATE_SOURCE))
    assembled = set(re.findall(r"""\bt\("([\w.-]+\.)" ~""", TEMPLATE_SOURCE))
    chosen_by_views = {
        "console.error.",
        "console.what.",
        "console.key_refused.",
        "console.key_fault.",
        "console.keys.retire_",
        "difference.",
        "hm.notice.",
        "ad.error.",
        "mr.error.",
        "eb.error.",
        "refusal.",
    }

    unused = {
        key
        for key in set(load_texts("nl")) - used
        if not any(key.startswith(prefix) for prefix in assembled | chosen_by_views)
    }

    assert unused == set()


def test_a_value_is_escaped_and_the_words_are_not_escaped_twice() -> None:
    shown = text("nl", "relay.title", name="<b>&")

    assert str(shown) == "U gaat verder naar &lt;b&gt;&amp;"
    assert shown.__html__() == str(shown)


@pytest.mark.parametrize("key", ["no.such.key", "hm", "refusal.storing.next"])
def test_a_key_without_one_text_is_refused(key: str) -> None:
    with pytest.raises(MissingText, match=re.escape(key)):
        text("nl", key)


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(MissingText, match="name"):
        text("nl", "relay.title")


def test_a_refusal_code_without_words_is_refused() -> None:
    with pytest.raises(MissingText, match="no-such-code"):
        refusal_text("en", "no-such-code")
