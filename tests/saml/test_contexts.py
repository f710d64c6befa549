"""What a RequestedAuthnContext asks of a login, and which class its answer names (SAML core 3.3.2.2.1)."""

import pytest

from broker.domain.levels import EIDAS_LEVELS
from broker.domain.levels import LevelOfAssurance
from broker.saml.contexts import ContextUnsupported
from broker.saml.contexts import RequestedContext
from broker.saml.contexts import answered_class
from broker.saml.contexts import asked_level
from broker.saml.contexts import level_of_class

LOW, SUBSTANTIAL, HIGH = EIDAS_LEVELS
LOA2, LOA2PLUS, LOA3, LOA4 = (
    LevelOfAssurance.from_short(short) for short in ("loa2", "loa2plus", "loa3", "loa4")
)
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"


@pytest.mark.parametrize(
    ("class_ref", "level"),
    [
        (LOW, LOA2),
        (SUBSTANTIAL, LOA3),
        (HIGH, LOA4),
        (LOA2PLUS.urn, LOA2PLUS),
        (SMARTCARD, LOA4),
        (PASSWORD, None),
        (LOW + " ", None),
        ("", None),
    ],
)
def test_a_class_is_worth_what_somebody_said_and_nothing_is_guessed(
    class_ref: str, level: LevelOfAssurance | None
) -> None:
    assert level_of_class(class_ref, {SMARTCARD: LOA4}) is level


def test_the_operator_has_the_last_word_on_a_class() -> None:
    assert level_of_class(HIGH, {HIGH: LOA3}) is LOA3


@pytest.mark.parametrize(
    ("comparison", "classes", "asked"),
    [
        ("minimum", (LOA3.urn,), LOA3),
        ("minimum", (LOA4.urn, LOA2.urn), LOA2),
        ("minimum", (PASSWORD, LOA3.urn), LOA3),
        ("exact", (LOA3.urn, LOA2.urn), LOA2),
        ("maximum", (LOA2.urn,), LOA2),
        ("maximum", (LOA2.urn, LOA4.urn), LOA3),
        ("maximum", (PASSWORD, LOA2.urn), LOA2),
        ("better", (LOA2.urn,), LOA2PLUS),
        ("better", (LOA2.urn, LOA3.urn), LOA4),
    ],
)
def test_the_level_asked(comparison: str, classes: tuple[str, ...], asked: LevelOfAssurance) -> None:
    assert asked_level(RequestedContext(comparison, classes), {}, LOA3) is asked


@pytest.mark.parametrize(
    ("comparison", "classes"),
    [
        ("minimum", ()),
        ("minimum", (PASSWORD,)),
        ("exact", (PASSWORD, SMARTCARD)),
        ("better", (LOA4.urn,)),
        ("better", (LOA2.urn, PASSWORD)),
        ("sometimes", (LOA3.urn,)),
    ],
)
def test_what_nobody_can_reach_is_not_asked_of_anyone(comparison: str, classes: tuple[str, ...]) -> None:
    with pytest.raises(ContextUnsupported):
        asked_level(RequestedContext(comparison, classes), {}, LOA4)


@pytest.mark.parametrize(
    ("reached", "listed", "answered"),
    [
        (LOA3, (), LOA3.urn),
        (LOA3, (LOW, SUBSTANTIAL, HIGH), SUBSTANTIAL),
        (LOA2PLUS, (LOW, LOA2PLUS.urn), LOA2PLUS.urn),
        (LOA4, (LOA3.urn, SUBSTANTIAL), LOA3.urn),
        (LOA4, (SUBSTANTIAL, LOA3.urn), SUBSTANTIAL),
        (LOA3, (HIGH, PASSWORD), LOA3.urn),
        (LOA3, (SMARTCARD, LOW), LOW),
    ],
)
def test_the_answer_names_the_strongest_class_listed_that_was_reached(
    reached: LevelOfAssurance, listed: tuple[str, ...], answered: str
) -> None:
    assert answered_class(reached, listed, {SMARTCARD: LOA4}) == answered
