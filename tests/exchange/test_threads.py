"""Sixteen threads, two makelaars, twenty partners: each message by the right key, each answer to its question."""

import sys
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.exchange.crowd import DIENSTVERLENERS
from tests.exchange.crowd import FAULTS
from tests.exchange.crowd import MAKELAARS
from tests.exchange.crowd import Crowd
from tests.exchange.crowd import Sent
from tests.judges import JUDGES
from tests.judges import signatures_in
from tests.keys import certificate

THREADS = 16
EXCHANGES = 320
_JUDGE = next(judge for judge in JUDGES if judge.name == "python-xmlsec")


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    """All of them, who have not spoken yet."""
    return Crowd()


@pytest.fixture
def forced_switching() -> Iterator[None]:
    """Let another thread go on after a few instructions each time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def act(crowd: Crowd, number: int) -> list[Sent]:
    """One exchange, right after a fault of the same two parties in every second one."""
    dv, hm = DIENSTVERLENERS[number % len(DIENSTVERLENERS)], MAKELAARS[number // 3 % len(MAKELAARS)]
    if number % 2:
        FAULTS[number // 2 % len(FAULTS)](crowd, dv, hm)
    return crowd.log_in(dv, hm, number)


@pytest.mark.usefixtures("forced_switching")
def test_every_message_has_the_right_key_and_belongs_to_its_question_whatever_fails_beside_it(
    crowd: Crowd,
) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        sent = [
            each for some in pool.map(lambda number: act(crowd, number), range(EXCHANGES)) for each in some
        ]

    # By software that is not ours, and after the threads: it need not be safe in them.
    assert len({each.message for each in sent}) == len(sent) > EXCHANGES
    for each in sent:
        for position, _ in enumerate(signatures_in(each.message)):
            assert _JUDGE.accepts(each.message, position, [certificate(each.by)]), each.by
    assert {each.by for each in sent} == {*MAKELAARS, *DIENSTVERLENERS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_changes_nothing_in_the_answer_that_follows(
    crowd: Crowd, fault: Callable[[Crowd, str, str], None]
) -> None:
    dv, hm = DIENSTVERLENERS[0], MAKELAARS[0]
    for number in range(3):
        fault(crowd, dv, hm)
        crowd.log_in(dv, hm, number)


def test_the_judge_does_not_accept_the_other_key(crowd: Crowd) -> None:
    question, answer = crowd.log_in(DIENSTVERLENERS[1], MAKELAARS[1], 1)

    assert not _JUDGE.accepts(answer.message, 0, [certificate(MAKELAARS[0])])
    assert not _JUDGE.accepts(question.message, 0, [certificate(DIENSTVERLENERS[0])])
