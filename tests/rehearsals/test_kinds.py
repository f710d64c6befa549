"""Every kind has words in both languages, and what is seen is judged by what it expects."""

import tomllib
from importlib.resources import files

import pytest

from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.screens import Language
from broker.screens.texts import load_texts


def test_each_kind_has_its_words_in_both_languages_and_no_words_are_left() -> None:
    words = tomllib.loads((files("broker.rehearsals") / "kinds.toml").read_text("utf-8"))
    assert set(words) == set(KINDS)
    for kind in KINDS.values():
        for language in ("nl", "en"):
            assert kind.title(language)
            assert kind.explanation(language)


def test_no_kind_is_called_as_the_test_login_that_sends_nothing() -> None:
    assert LOOK not in KINDS


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_somebody_else_or_somewhere_else_is_never_good(kind: Kind) -> None:
    for seen in (Seen.LOGGED_IN_OTHERWISE, Seen.ELSEWHERE):
        assert judge(kind, seen) is not None


@pytest.mark.parametrize(
    ("kind", "seen", "verdict"),
    [
        ("right", Seen.LOGGED_IN, None),
        ("right", Seen.ERROR_PAGE, "fout"),
        ("expired", Seen.LOGGED_IN, "fout"),
        ("expired", Seen.BACK, None),
        ("expired", Seen.BROKEN, "waarschuwing"),
        ("extra-attribute", Seen.BROKEN, "waarschuwing"),
        ("next-key", Seen.BROKEN, "fout"),
        ("chain", Seen.LOGGED_IN, None),
        ("chain", Seen.ERROR_PAGE, None),
        ("relay-state-elsewhere", Seen.ELSEWHERE, "fout"),
    ],
)
def test_what_was_seen_is_judged(kind: str, seen: Seen, verdict: str | None) -> None:
    assert judge(KINDS[kind], seen) == verdict


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_form_has_words_for_everything_that_can_be_seen(language: Language) -> None:
    words = load_texts(language)
    assert all(f"hm.test.seen.{seen}" in words for seen in Seen)
    assert all(f"hm.test.expect.{kind.expectation}" in words for kind in KINDS.values())
