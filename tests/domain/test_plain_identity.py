"""Who is represented, in clear: which numbers are handed over, and that none can be printed."""

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin
from broker.domain.plain_identity import CompanyNumber
from broker.domain.plain_identity import PlainIdentity
from broker.domain.plain_identity import PlainSubject
from broker.domain.plain_identity import choose_numbers

KVKNR, RSIN, PSEUDO = IdentifierType.KVKNR, IdentifierType.RSIN, IdentifierType.PSEUDO
KVK, FISCAL = KvkNumber("90000001"), Rsin("900000028")
BOTH: dict[IdentifierType, CompanyNumber] = {KVKNR: KVK, RSIN: FISCAL}


@pytest.mark.parametrize(
    ("sets", "available", "chosen"),
    [
        (((RSIN, KVKNR), (KVKNR,)), BOTH, ((RSIN, FISCAL), (KVKNR, KVK))),
        (((RSIN, KVKNR), (KVKNR,)), {KVKNR: KVK}, ((KVKNR, KVK),)),
        (((KVKNR,), (RSIN,)), BOTH, ((KVKNR, KVK),)),
        (((RSIN,),), {KVKNR: KVK}, ()),
        (((PSEUDO,),), BOTH, ()),
        ((), BOTH, ()),
        (((),), BOTH, ()),
    ],
)
def test_the_first_set_that_is_there_whole_is_handed_over_and_no_more(
    sets: tuple[tuple[IdentifierType, ...], ...],
    available: dict[IdentifierType, CompanyNumber],
    chosen: tuple[tuple[IdentifierType, CompanyNumber], ...],
) -> None:
    assert choose_numbers(sets, available) == chosen


def test_a_vestiging_never_goes_without_the_number_it_belongs_to() -> None:
    assert choose_numbers(((RSIN,), (KVKNR,)), BOTH, with_kvk_number=True) == ((KVKNR, KVK),)
    assert choose_numbers(((RSIN,), (KVKNR,)), BOTH, with_kvk_number=False) == ((RSIN, FISCAL),)


def test_an_empty_set_is_passed_over() -> None:
    assert choose_numbers(((), (KVKNR,)), BOTH) == ((KVKNR, KVK),)
    assert choose_numbers(((RSIN,),), BOTH, with_kvk_number=True) == ()


def test_nothing_of_it_can_be_seen_in_a_log() -> None:
    pseudonym = Pseudonym("ab" * 32)
    said = PlainIdentity(pseudonym, BOTH, KVK)
    subject = PlainSubject(pseudonym, "urn:mr", ((KVKNR, KVK), (RSIN, FISCAL)), KVK)

    for value in (said, subject):
        for hidden in ("90000001", "900000028", "abab"):
            assert hidden not in repr(value)
