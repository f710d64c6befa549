"""Moments as people read them."""

from datetime import UTC
from datetime import datetime

import pytest

from broker.screens import show_moment


def test_a_winter_moment_is_shown_in_dutch_time() -> None:
    moment = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)

    assert show_moment(moment, "nl") == "22 november 2026, 14:05"
    assert show_moment(moment, "en") == "22 November 2026, 14:05"


def test_summer_time_and_the_next_day_are_taken_into_account() -> None:
    moment = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)

    assert show_moment(moment, "nl") == "1 april 2026, 00:30"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        show_moment(datetime.fromisoformat("2026-01-01T00:00"), "nl")
