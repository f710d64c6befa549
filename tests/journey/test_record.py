"""The record of a login survives the state store, whatever it holds."""

import json
from dataclasses import fields
from datetime import UTC
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from broker.domain.attributes import AskedAttribute
from broker.domain.levels import LevelOfAssurance
from broker.journey.record import Journey
from broker.journey.table import State
from tests.journey.builders import a_journey

TEXT = st.text(max_size=40)
STRATEGIES = {
    "str": TEXT,
    "str | None": st.none() | TEXT,
    "bool": st.booleans(),
    "bool | None": st.none() | st.booleans(),
    "tuple[str, ...]": st.lists(TEXT, max_size=3).map(tuple),
    "bytes | None": st.none() | st.binary(max_size=40),
    "State": st.sampled_from(State),
    "datetime | None": st.none() | st.datetimes(timezones=st.just(UTC)),
    "tuple[AskedAttribute, ...]": st.lists(
        st.builds(AskedAttribute, TEXT, st.none() | st.booleans()), max_size=3
    ).map(tuple),
    "LevelOfAssurance | None": st.none() | st.sampled_from(LevelOfAssurance),
}


def strategy_of(annotation: object) -> st.SearchStrategy[object]:
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    name = name.replace(f"{AskedAttribute.__module__}.", "")
    if name in STRATEGIES:
        return STRATEGIES[name]
    return STRATEGIES[name.rpartition(".")[2] if "|" not in name else _plain(name)]


def _plain(name: str) -> str:
    return " | ".join(part.rpartition(".")[2] for part in name.split(" | "))


JOURNEYS = st.builds(Journey, **{field.name: strategy_of(field.type) for field in fields(Journey)})


@given(journey=JOURNEYS)
@settings(max_examples=200, deadline=timedelta(seconds=2))
def test_every_field_comes_back_as_it_was(journey: Journey) -> None:
    data = journey.to_bytes()

    assert Journey.from_bytes(data) == journey
    assert Journey.from_bytes(data).to_bytes() == data


def test_a_field_of_a_newer_version_is_ignored() -> None:
    values = json.loads(a_journey().to_bytes()) | {"invented_next_year": 3}

    assert Journey.from_bytes(json.dumps(values).encode()) == a_journey()


def test_a_login_without_a_level_does_not_pretend_to_have_one() -> None:
    with pytest.raises(ValueError, match="no level"):
        _ = a_journey(level=None).required_level


def test_the_level_of_a_login_is_the_one_it_needs() -> None:
    assert a_journey(level=LevelOfAssurance.LOA4).required_level is LevelOfAssurance.LOA4
