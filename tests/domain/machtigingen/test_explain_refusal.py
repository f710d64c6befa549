"""Of several refusals a person hears the one that is easiest to repair."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import Reason
from broker.domain.machtigingen import explain_refusal
from tests.domain.builders import BAKERY

NEAREST_FIRST = [
    Reason.VESTIGING_NOT_ACCEPTED,
    Reason.SUBDOSSIER_NOT_ACCEPTED,
    Reason.LEVEL_TOO_LOW,
    Reason.CHAIN_LEVEL_TOO_LOW,
    Reason.NOT_YET_VALID,
    Reason.CHAIN_NOT_YET_VALID,
    Reason.EXPIRED,
    Reason.CHAIN_EXPIRED,
    Reason.REVOKED,
    Reason.CHAIN_REVOKED,
    Reason.CHAIN_NOT_ACCEPTED,
    Reason.OTHER_SERVICE,
    Reason.CHAIN_OTHER_SERVICE,
    Reason.CHAIN_NO_MACHTIGING,
    Reason.NO_MACHTIGING,
]
GRANTED = Proof(True, BAKERY, None, LevelOfAssurance.LOA3, None, (), None)


def refused(reason: Reason) -> Proof:
    return Proof(False, BAKERY, None, None, None, (), reason)


def test_every_reason_has_its_place() -> None:
    assert sorted(Reason, key=lambda reason: reason.distance) == NEAREST_FIRST


@pytest.mark.parametrize(("one", "other"), list(permutations(Reason, 2)))
def test_of_any_two_the_nearer_is_told(one: Reason, other: Reason) -> None:
    nearer = min(one, other, key=NEAREST_FIRST.index)
    assert explain_refusal([refused(one), refused(other)]) is nearer


@pytest.mark.parametrize("reason", Reason)
def test_a_single_refusal_explains_itself(reason: Reason) -> None:
    assert explain_refusal(iter([refused(reason)])) is reason


@given(st.lists(st.sampled_from(Reason), min_size=1))
def test_the_order_of_the_proofs_does_not_matter(reasons: list[Reason]) -> None:
    told = explain_refusal(map(refused, reasons))
    assert told is explain_refusal(map(refused, reversed(reasons)))
    assert told in reasons


def test_without_any_proof_there_was_no_machtiging() -> None:
    assert explain_refusal([]) is Reason.NO_MACHTIGING


def test_what_was_granted_explains_nothing() -> None:
    assert explain_refusal([GRANTED, refused(Reason.EXPIRED)]) is Reason.EXPIRED
