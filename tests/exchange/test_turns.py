"""One partner that says nothing does not take all threads."""

import threading
import time
from contextlib import ExitStack

import pytest

from broker.exchange.turns import NoTurn
from broker.exchange.turns import Turns


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.limit("patience_seconds")
def test_who_comes_when_all_wait_long_is_told_at_once() -> None:
    clock = Clock()
    turns = Turns(at_once=2, patience=2, clock=clock)
    with turns.turn("silent"), turns.turn("silent"):
        clock.now += 2

        with pytest.raises(NoTurn), turns.turn("silent"):
            pass

        with turns.turn("other"):
            pass


def test_one_that_waits_long_leaves_the_other_turns_to_the_rest() -> None:
    clock = Clock()
    turns = Turns(at_once=2, patience=2, clock=clock)
    with turns.turn("slow"):
        clock.now += 60

        for _ in range(3):
            with turns.turn("slow"):
                pass


def test_a_turn_that_ends_is_for_who_waits() -> None:
    turns = Turns(at_once=1, patience=30)
    served = threading.Event()

    def wait() -> None:
        with turns.turn("well"):
            served.set()

    with turns.turn("well"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not served.wait(0.05)

    assert served.wait(5)
    waiting.join()


@pytest.mark.limit("patience_seconds")
def test_nobody_waits_longer_than_the_patience() -> None:
    turns = Turns(at_once=1, patience=0.1)
    begun = time.monotonic()
    with turns.turn("silent"), pytest.raises(NoTurn), turns.turn("silent"):
        pass

    assert 0.1 <= time.monotonic() - begun < 5


def test_a_turn_ends_with_whatever_went_wrong_in_it() -> None:
    turns = Turns(at_once=1, patience=0)

    for _ in range(3):
        with pytest.raises(ValueError), turns.turn("failing"):
            raise ValueError

    with ExitStack() as stack:
        stack.enter_context(turns.turn("failing"))
        with pytest.raises(NoTurn), turns.turn("failing"):
            pass
