"""Specific pseudonyms: stable for one dienstverlener, useless for two to compare."""

import re

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import Pseudonym
from broker.domain.pseudonyms import personal_pseudonym
from broker.domain.pseudonyms import specific_pseudonym
from tests.domain.builders import ACCOUNTANT
from tests.domain.builders import ANNA
from tests.domain.builders import BAKERY
from tests.domain.builders import FLORIST
from tests.domain.builders import GEMEENTE
from tests.domain.builders import WATERSCHAP

SECRET = bytes(range(32))

kvk_numbers = st.from_regex(r"[0-9]{8}", fullmatch=True).map(KvkNumber)
oins = st.from_regex(r"[0-9]{20}", fullmatch=True).map(Oin)
persons = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=64).map(InternalPseudonym)
secrets = st.binary(min_size=32, max_size=64)


def pseudonym(
    *,
    secret: bytes = SECRET,
    acting: InternalPseudonym = ANNA,
    represented: KvkNumber = BAKERY,
    dienstverlener: Oin = GEMEENTE,
) -> Pseudonym:
    return specific_pseudonym(secret, acting=acting, represented=represented, dienstverlener=dienstverlener)


def parts(made: Pseudonym) -> tuple[str, str]:
    person, company = made.reveal().split("@")
    return person, company


@pytest.mark.rule("4.11", "4.13")
def test_it_never_changes_or_every_dienstverlener_loses_its_users() -> None:
    assert pseudonym().reveal() == (
        "7e110d8d85804377a6aefd21b6d80517c22662123ba6a34924f6463d1d44f2ea@f9e154251ca638b47591fce37ab53bea"
    )


@pytest.mark.rule("4.08", "4.09", "4.13")
@given(secrets, persons, kvk_numbers, oins)
def test_it_is_stable_and_has_the_form_of_the_afsprakenstelsel(
    secret: bytes, person: InternalPseudonym, company: KvkNumber, oin: Oin
) -> None:
    first = pseudonym(secret=secret, acting=person, represented=company, dienstverlener=oin)
    again = pseudonym(
        secret=bytes(secret),
        acting=InternalPseudonym(person.reveal()),
        represented=KvkNumber(company.reveal()),
        dienstverlener=Oin(oin.value),
    )
    assert first == again
    assert re.fullmatch(r"[0-9a-f]{64}@[0-9a-f]{32}", first.reveal())


@pytest.mark.rule("4.04", "4.07")
@given(persons, kvk_numbers, oins, oins)
def test_two_dienstverleners_share_no_part_of_it(
    person: InternalPseudonym, company: KvkNumber, one: Oin, other: Oin
) -> None:
    assume(one != other)
    at_one = parts(pseudonym(acting=person, represented=company, dienstverlener=one))
    at_other = parts(pseudonym(acting=person, represented=company, dienstverlener=other))
    assert not {*at_one} & {*at_other}


@pytest.mark.rule("4.04")
@given(persons, persons)
def test_two_persons_of_one_company_differ_in_the_person_only(
    one: InternalPseudonym, other: InternalPseudonym
) -> None:
    assume(one != other)
    (first, first_company), (second, second_company) = (
        parts(pseudonym(acting=one)),
        parts(pseudonym(acting=other)),
    )
    assert first != second
    assert first_company == second_company


@pytest.mark.rule("4.04")
def test_one_person_at_two_companies_is_two_strangers() -> None:
    at_bakery, at_florist = parts(pseudonym(represented=BAKERY)), parts(pseudonym(represented=FLORIST))
    assert not {*at_bakery} & {*at_florist}


@pytest.mark.rule("4.04")
def test_through_an_intermediary_it_is_another_than_directly() -> None:
    through, directly = parts(pseudonym(represented=ACCOUNTANT)), parts(pseudonym(represented=BAKERY))
    assert not {*through} & {*directly}


def test_two_registers_make_different_ones() -> None:
    ours, theirs = parts(pseudonym()), parts(pseudonym(secret=bytes(32)))
    assert not {*ours} & {*theirs}


def test_nothing_of_what_went_in_can_be_read_from_it() -> None:
    made = pseudonym().reveal()
    assert BAKERY.reveal() not in made
    assert GEMEENTE.value not in made
    assert ANNA.reveal().encode().hex() not in made


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_short_secret_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        pseudonym(secret=b"x" * length)


@pytest.mark.rule("4.06", "4.07")
def test_who_represents_nobody_has_a_pseudonym_without_a_company_in_it() -> None:
    here = personal_pseudonym(SECRET, acting=ANNA, dienstverlener=GEMEENTE).reveal()
    elsewhere = personal_pseudonym(SECRET, acting=ANNA, dienstverlener=WATERSCHAP).reveal()
    assert len(here) == 64
    assert here == personal_pseudonym(SECRET, acting=ANNA, dienstverlener=GEMEENTE).reveal()
    assert len({here, elsewhere, parts(pseudonym())[0]}) == 3
    with pytest.raises(ValueError, match="32 bytes"):
        personal_pseudonym(b"x" * 31, acting=ANNA, dienstverlener=GEMEENTE)
