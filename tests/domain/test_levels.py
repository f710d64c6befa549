"""Levels of assurance: their order, their names, and the weakest link."""

from itertools import combinations
from itertools import product

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.domain.levels import effective_level

WEAKEST_FIRST = ["loa1", "loa2", "loa2plus", "loa3", "loa4"]
LEVELS = [LevelOfAssurance.from_short(short) for short in WEAKEST_FIRST]


@pytest.mark.rule("5.01")
def test_there_are_five_levels() -> None:
    assert list(LevelOfAssurance) == LEVELS


@pytest.mark.rule("5.01")
@pytest.mark.parametrize(("weaker", "stronger"), list(combinations(LEVELS, 2)))
def test_every_two_levels_compare_by_strength(weaker: LevelOfAssurance, stronger: LevelOfAssurance) -> None:
    assert weaker < stronger
    assert weaker <= stronger
    assert stronger > weaker
    assert stronger >= weaker
    assert weaker != stronger


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_as_strong_as_itself(level: LevelOfAssurance) -> None:
    assert level <= level
    assert level >= level
    assert not level < level


@pytest.mark.parametrize("other", [3, "loa3", None])
def test_a_level_does_not_compare_with_anything_else(other: object) -> None:
    with pytest.raises(TypeError):
        assert other > LevelOfAssurance.LOA3
    assert other != LevelOfAssurance.LOA3


@pytest.mark.parametrize("first", LEVELS)
def test_a_login_with_one_link_has_the_level_of_that_link(first: LevelOfAssurance) -> None:
    assert effective_level(first) is first


@pytest.mark.parametrize(("middel", "machtiging"), list(product(LEVELS, repeat=2)))
def test_a_login_is_as_strong_as_the_weaker_of_two(
    middel: LevelOfAssurance, machtiging: LevelOfAssurance
) -> None:
    weakest = LEVELS[min(LEVELS.index(middel), LEVELS.index(machtiging))]
    assert effective_level(middel, machtiging) is weakest


@pytest.mark.rule("5.11")
@pytest.mark.parametrize("links", list(product(LEVELS, repeat=3)))
def test_a_chain_is_as_strong_as_the_weakest_of_three(links: tuple[LevelOfAssurance, ...]) -> None:
    assert effective_level(*links) is LEVELS[min(LEVELS.index(link) for link in links)]


@pytest.mark.parametrize("short", WEAKEST_FIRST)
def test_a_level_is_found_by_each_of_its_names(short: str) -> None:
    level = LevelOfAssurance.from_short(short)
    assert level.short == short
    assert level.urn == f"urn:etoegang:core:assurance-class:{short}"
    assert LevelOfAssurance.from_urn(level.urn) is level


def test_people_know_the_levels_by_their_labels() -> None:
    assert [level.label for level in LEVELS] == ["EH1", "EH2", "EH2+", "EH3", "EH4"]


@pytest.mark.parametrize("short", ["", "LOA3", "loa5", "loa2+", " loa3", "loa3\n", LevelOfAssurance.LOA3.urn])
def test_an_unknown_short_name_is_refused(short: str) -> None:
    with pytest.raises(ValueError):
        LevelOfAssurance.from_short(short)


@pytest.mark.parametrize(
    "urn",
    [
        "",
        "loa3",
        "urn:etoegang:core:assurance-class:",
        "urn:etoegang:core:assurance-class:loa5",
        "urn:etoegang:core:assurance-class:loa3 ",
        "URN:etoegang:core:assurance-class:loa3",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
    ],
)
def test_an_unknown_urn_is_refused(urn: str) -> None:
    with pytest.raises(ValueError):
        LevelOfAssurance.from_urn(urn)


def test_a_refusal_lists_the_short_names_there_are() -> None:
    with pytest.raises(ValueError, match="loa1, loa2, loa2plus, loa3, loa4"):
        LevelOfAssurance.from_short("loa5")
