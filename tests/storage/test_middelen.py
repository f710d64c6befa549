"""The contract of ``MiddelenStore``, on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlalchemy import null
from sqlalchemy import update

from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import AttributeValue
from broker.domain.identifiers import InternalPseudonym
from broker.domain.levels import LevelOfAssurance
from broker.ports import Middel
from broker.ports import MiddelenStore
from broker.storage.middelen import SqlMiddelenStore
from broker.storage.tables import middel as table

MIDDEL = Middel(
    username="Eva.Jansen",
    password_hash="$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
    totp_secret="JBSWY3DPEHPK3PXP",
    pseudonym=InternalPseudonym("ad-1-eva"),
    level=LevelOfAssurance.LOA3,
    register="urn:etoegang:MR:00000003520354010000:entities:0001",
)


@pytest.fixture
def middelen(engine: Engine) -> MiddelenStore:
    return SqlMiddelenStore(engine)


def test_finds_a_middel_as_it_was_saved(middelen: MiddelenStore) -> None:
    middelen.save(MIDDEL)
    assert middelen.find("Eva.Jansen") == MIDDEL


def test_a_middel_at_loa2_has_no_second_factor(middelen: MiddelenStore) -> None:
    plain = replace(MIDDEL, totp_secret=None, level=LevelOfAssurance.LOA2)
    middelen.save(plain)
    assert middelen.find("Eva.Jansen") == plain


def test_what_is_known_of_the_person_comes_along(middelen: MiddelenStore) -> None:
    known = replace(
        MIDDEL, attributes={FAMILY_NAME: AttributeValue("Jansen"), FIRST_NAME: AttributeValue("Éva")}
    )
    middelen.save(known)
    assert middelen.find("Eva.Jansen") == known


def test_of_a_middel_of_the_version_before_nothing_is_known(engine: Engine, middelen: MiddelenStore) -> None:
    middelen.save(MIDDEL)
    with engine.begin() as connection:
        connection.execute(update(table).values(attributes=null()))
    assert middelen.find("Eva.Jansen") == MIDDEL


@pytest.mark.parametrize("level", list(LevelOfAssurance))
def test_keeps_every_level(middelen: MiddelenStore, level: LevelOfAssurance) -> None:
    middelen.save(replace(MIDDEL, level=level))
    found = middelen.find("Eva.Jansen")
    assert found is not None
    assert found.level is level


@pytest.mark.parametrize("typed", ["eva.jansen", "EVA.JANSEN", "eVa.JaNsEn"])
def test_case_does_not_matter(middelen: MiddelenStore, typed: str) -> None:
    middelen.save(MIDDEL)
    assert middelen.find(typed) == MIDDEL


@pytest.mark.parametrize("typed", ["RENÉ", "rené", "rene\N{COMBINING ACUTE ACCENT}"])
def test_neither_do_case_and_composition_of_accents(middelen: MiddelenStore, typed: str) -> None:
    middelen.save(replace(MIDDEL, username="René"))
    assert middelen.find(typed) is not None


@pytest.mark.parametrize("typed", ["", "eva", "eva.jansen ", "eva%", "eva_jansen"])
def test_another_username_is_not_found(middelen: MiddelenStore, typed: str) -> None:
    middelen.save(MIDDEL)
    assert middelen.find(typed) is None


def test_saving_a_username_again_replaces_the_middel_whatever_its_case(middelen: MiddelenStore) -> None:
    middelen.save(MIDDEL)
    renewed = replace(MIDDEL, username="EVA.JANSEN", password_hash="$argon2id$other")
    middelen.save(renewed)
    assert middelen.find("eva.jansen") == renewed
