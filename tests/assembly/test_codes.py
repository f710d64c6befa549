from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pyotp
import pytest

from broker.assembly.codes import Codes
from broker.assembly.name_hasher import NameHasher
from broker.storage.memory_state import MemoryStateStore

NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def codes(on_display: str = "") -> Codes:
    return Codes(MemoryStateStore(), NameHasher(b"secret"), lambda username: username == on_display)


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_a_clock_that_differs_one_step_is_accepted(steps: int) -> None:
    assert codes().accept("werknemer", SECRET, code_at(NOW + steps * STEP), NOW)


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_two_steps_away_is_not(steps: int) -> None:
    assert not codes().accept("werknemer", SECRET, code_at(NOW + steps * STEP), NOW)


def test_a_code_is_good_for_one_login() -> None:
    both = codes()
    assert both.accept("werknemer", SECRET, code_at(NOW), NOW)
    assert not both.accept("werknemer", SECRET, code_at(NOW), NOW + STEP)


def test_the_same_code_of_another_person_is_another_code() -> None:
    both = codes()
    assert both.accept("werknemer", SECRET, code_at(NOW), NOW)
    assert both.accept("eigenaar", SECRET, code_at(NOW), NOW)


def test_spaces_in_a_code_do_not_count() -> None:
    code = code_at(NOW)
    assert codes().accept("werknemer", SECRET, f"{code[:3]} {code[3:]} ", NOW)


@pytest.mark.parametrize("typed", ["", "12345", "١٢٣٤٥٦", "abcdef"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert not codes().accept("werknemer", SECRET, typed, NOW)


def test_a_code_that_the_page_displays_to_anybody_may_be_used_again() -> None:
    both = codes(on_display="werknemer")
    assert both.accept("werknemer", SECRET, code_at(NOW), NOW)
    assert both.accept("werknemer", SECRET, code_at(NOW), NOW)


def test_the_displayed_code_is_that_of_this_moment() -> None:
    assert codes().current(SECRET, NOW) == code_at(NOW)
