"""The same seed and the same occasions give the same misbehaviours."""

from collections import Counter
from threading import Thread

import pytest

from broker.network.nasty.catalogue import ANSWERING
from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Misbehaviour
from broker.network.nasty.catalogue import Where
from broker.network.nasty.catalogue import repertoire
from broker.network.nasty.choosing import EMBEDDED
from broker.network.nasty.choosing import Chooser
from broker.network.nasty.choosing import Plan
from broker.network.nasty.choosing import UnknownMisbehaviour
from broker.network.nasty.choosing import names_of
from broker.network.nasty.choosing import plan_for
from broker.network.nasty.choosing import read_plans
from broker.network.nasty.endings import code_of
from broker.ports import Role
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MAKELAAR
from broker.settings import MR_TWEE
from broker.settings import Settings

EVERYTHING = (Where.ANSWER, Where.LINE)


def chosen(chooser: Chooser, times: int, occasion: str = "answer") -> list[str | None]:
    """What is done at so many occasions."""
    found = [chooser.choose(occasion, EVERYTHING, lambda _: True) for _ in range(times)]
    return [each.name if each else None for each in found]


def a_chooser(seed: str = "seed", party: str = "ad-sleutel", one_in: int = 3) -> Chooser:
    return Chooser(Plan(seed, repertoire(Role.AD), one_in), party)


def test_the_same_seed_gives_the_same_table() -> None:
    assert chosen(a_chooser(), 300) == chosen(a_chooser(), 300)


def test_another_seed_party_or_occasion_gives_another() -> None:
    first = chosen(a_chooser(), 100)

    assert chosen(a_chooser(seed="other"), 100) != first
    assert chosen(a_chooser(party="ad-toegang"), 100) != first
    assert chosen(a_chooser(), 100, occasion="chain") != first


def test_occasions_of_one_kind_do_not_count_for_another() -> None:
    chooser = a_chooser()
    chosen(chooser, 7, occasion="chain")

    assert chosen(chooser, 50) == chosen(a_chooser(), 50)


def test_threads_together_get_the_same_table() -> None:
    chooser, found = a_chooser(), []
    threads = [Thread(target=lambda: found.extend(chosen(chooser, 100))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(found) == Counter(chosen(a_chooser(), 400))


def test_one_in_three_misbehaves_and_everything_gets_its_turn() -> None:
    found = Counter(chosen(a_chooser(), 6_000))

    assert 3_800 < found[None] < 4_200
    assert {name for name in found if name} == {each.name for each in repertoire(Role.AD)}
    assert found["silent"] < found["garbage"] / 3


def test_what_cannot_be_done_is_not_chosen() -> None:
    def can(each: Misbehaviour) -> bool:
        return each.name == "expired"

    chooser = a_chooser(one_in=1)

    assert {chooser.choose("answer", EVERYTHING, can) for _ in range(20)} == {MISBEHAVIOURS["expired"]}
    assert chooser.choose("answer", EVERYTHING, lambda _: False) is None


def test_without_a_word_in_the_settings_nobody_misbehaves() -> None:
    assert [plan_for(Settings(), party) for party in EMBEDDED] == [None] * len(EMBEDDED)


def test_a_seed_is_for_everybody_but_the_makelaar() -> None:
    settings = Settings(nasty="seed", nasty_one_in=5)

    assert plan_for(settings, MAKELAAR) is None
    for party in EMBEDDED:
        assert plan_for(settings, party) == Plan("seed", repertoire(party.role), 5)


def test_who_is_told_does_that_always_and_the_others_nothing() -> None:
    settings = Settings(misbehave=("mr2=lower-level", "Sleutel=replayed", "ad1=expired"))

    assert plan_for(settings, MR_TWEE) == Plan("", (MISBEHAVIOURS["lower-level"],), 1)
    told = plan_for(settings, AD_SLEUTEL)
    assert told is not None
    assert [each.name for each in told.choices] == ["replayed", "expired"]
    assert plan_for(settings, AD_TOEGANG) is None


@pytest.mark.parametrize(
    "told",
    [
        "nobody=silent",
        "makelaar=silent",
        "=silent",
        "mr2",
        "mr2=",
        "mr2=stolen",
        "gemeente=lower-level",
        "register=silent",
    ],
)
def test_what_is_not_in_the_table_is_refused(told: str) -> None:
    with pytest.raises(UnknownMisbehaviour):
        read_plans([told])


def test_every_party_has_a_short_name_of_its_own() -> None:
    names = [names_of(party)[1] for party in EMBEDDED]

    assert names == ["ad1", "ad2", "mr1", "mr2", "dv1", "eb1"]


def test_every_misbehaviour_has_a_right_ending_for_whoever_can_do_it() -> None:
    for each in MISBEHAVIOURS.values():
        for role in each.roles:
            assert each.right_code(role)
        if each.roles >= ANSWERING:
            assert code_of(each.ending, Role.MR, second=True)
