"""What somebody can have seen at the dienstverlener after an answer, in words that a form can offer."""

from enum import StrEnum
from typing import Final


class Seen(StrEnum):
    """What the person who ran a behaviour test saw."""

    LOGGED_IN = "logged-in"
    LOGGED_IN_OTHERWISE = "logged-in-otherwise"
    """Logged in, but as somebody else, or with a number that was cut off."""
    ERROR_PAGE = "error-page"
    """A page that says that logging in did not succeed."""
    BACK = "back"
    """Back where one chooses how to log in."""
    ELSEWHERE = "elsewhere"
    """On the website of somebody else."""
    BROKEN = "broken"
    """A blank page, a crash, code."""


REFUSED: Final = frozenset({Seen.ERROR_PAGE, Seen.BACK})
"""Nobody was logged in, and the person was told so."""
LOGGED_IN: Final = frozenset({Seen.LOGGED_IN})
EITHER: Final = REFUSED | LOGGED_IN
"""Both are good; a crash, or somebody else who is logged in, is not."""
