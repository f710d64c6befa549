"""Which key signs and which ones are published follows from moments and the clock alone."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from broker.domain.own_keys import KeyState
from broker.domain.own_keys import OwnKey
from broker.domain.own_keys import published_keys
from broker.domain.own_keys import signing_keys

START = datetime(2026, 11, 1, tzinfo=UTC)
SWITCH = START + timedelta(days=14)
END = SWITCH + timedelta(days=7)
MOMENT = timedelta(microseconds=1)

OLD = OwnKey("old", "0" * 64, b"", START, active_at=START, retiring_at=SWITCH, retired_at=END)
NEW = OwnKey("new", "1" * 64, b"", START, active_at=SWITCH)


@pytest.mark.parametrize(
    ("moment", "old", "new", "signs", "published"),
    [
        (START, KeyState.ACTIVE, KeyState.ANNOUNCED, "old", ["old", "new"]),
        (SWITCH - MOMENT, KeyState.ACTIVE, KeyState.ANNOUNCED, "old", ["old", "new"]),
        (SWITCH, KeyState.RETIRING, KeyState.ACTIVE, "new", ["new", "old"]),
        (END - MOMENT, KeyState.RETIRING, KeyState.ACTIVE, "new", ["new", "old"]),
        (END, KeyState.RETIRED, KeyState.ACTIVE, "new", ["new"]),
    ],
)
def test_the_clock_alone_says_who_signs_and_who_is_published(
    moment: datetime, old: KeyState, new: KeyState, signs: str, published: list[str]
) -> None:
    assert (OLD.state(moment), NEW.state(moment)) == (old, new)
    assert signing_keys([NEW, OLD], moment)[0].name == signs
    assert [key.name for key in published_keys([NEW, OLD], moment)] == published


def test_an_announced_key_never_signs_and_a_retired_one_no_more() -> None:
    assert signing_keys([replace(NEW, active_at=None)], END) == ()
    assert signing_keys([OLD], END) == ()


def test_of_those_that_signed_before_the_last_one_is_next_best() -> None:
    older = replace(OLD, name="older", active_at=START - timedelta(days=300), retired_at=None)
    assert [key.name for key in signing_keys([older, OLD, NEW], SWITCH)] == ["new", "old", "older"]
