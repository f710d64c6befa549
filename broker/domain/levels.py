"""Levels of assurance (betrouwbaarheidsniveaus), from weak to strong."""

from collections.abc import Mapping
from enum import Enum
from functools import total_ordering
from typing import Final
from typing import Self

_URN_PREFIX = "urn:etoegang:core:assurance-class:"


@total_ordering
class LevelOfAssurance(Enum):
    """How sure the network is of a person or of a machtiging; ordered by strength.

    Not an ``IntEnum``: a level compares with levels only, and never turns up as a bare number in a log or a
    message. Declared weakest first, the order of declaration is the order of strength. ``LOA1`` was
    withdrawn on 1 July 2021 but old catalogues still name it.
    """

    LOA1 = "loa1"
    LOA2 = "loa2"
    LOA2PLUS = "loa2plus"
    LOA3 = "loa3"
    LOA4 = "loa4"

    @property
    def short(self) -> str:
        """The name without its URN, such as ``loa2plus``: for settings, storage and the command line."""
        return self.value

    @property
    def urn(self) -> str:
        """The AuthnContextClassRef of this level, such as ``urn:etoegang:core:assurance-class:loa2plus``."""
        return _URN_PREFIX + self.value

    @property
    def label(self) -> str:
        """The name that people know, such as ``EH2+``."""
        return self.value.replace("loa", "EH").replace("plus", "+")

    @classmethod
    def from_urn(cls, urn: str) -> Self:
        """The level with exactly this URN; ValueError for any other string, white space included."""
        if not urn.startswith(_URN_PREFIX):
            raise ValueError("not the URN of a level of assurance")
        return cls.from_short(urn.removeprefix(_URN_PREFIX))

    @classmethod
    def from_short(cls, short: str) -> Self:
        """The level with exactly this short name; ValueError for any other string."""
        try:
            return cls(short)
        except ValueError:
            raise ValueError("not a level of assurance (loa1, loa2, loa2plus, loa3, loa4)") from None

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, LevelOfAssurance):
            return NotImplemented
        return _STRENGTH[self] < _STRENGTH[other]


LOWEST_LEVEL: Final = LevelOfAssurance.LOA2
"""The lowest level that may be asked, unless an operator allows loa1 as well."""

_STRENGTH = {level: strength for strength, level in enumerate(LevelOfAssurance)}

EIDAS_LEVELS: Final[Mapping[str, LevelOfAssurance]] = {
    "http://eidas.europa.eu/LoA/low": LevelOfAssurance.LOA2,
    "http://eidas.europa.eu/LoA/substantial": LevelOfAssurance.LOA3,
    "http://eidas.europa.eu/LoA/high": LevelOfAssurance.LOA4,
}
"""The levels of eIDAS (Regulation 2015/1502) by their class of AuthnContext, and what each is worth here."""


def effective_level(first: LevelOfAssurance, *others: LevelOfAssurance) -> LevelOfAssurance:
    """The level of a whole login: that of its weakest link (middel, machtiging, ketenmachtiging)."""
    return min((first, *others))
