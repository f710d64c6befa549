"""Who can log in from another member state. All names and numbers are invented; usernames are role words.

The eIDAS-berichtenservice asks the country of a person to log them in. Here that country is played by a list to choose
from, so nobody has a password.
"""

from dataclasses import dataclass
from dataclasses import field
from typing import Final

from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import DATE_OF_BIRTH
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.levels import EIDAS_LEVELS
from broker.domain.levels import LevelOfAssurance


@dataclass(frozen=True, slots=True)
class ForeignCompany:
    """A company of another member state, by its eIDASLegalIdentifier."""

    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class Foreigner:
    """A test person of another member state; texts are (nl, en). ``company`` is whom they represent, None for nobody.

    ``bsn`` is None for who was never registered in the Netherlands; ``attributes`` are what is known of the person, by
    name.
    """

    username: str
    country: tuple[str, str]
    level: LevelOfAssurance
    shows: tuple[str, str]
    company: ForeignCompany | None = None
    bsn: str | None = field(default=None, repr=False)
    attributes: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def known(self) -> dict[str, str]:
        """The attributes of the person, and of the company they represent, by name."""
        return dict(self.attributes) | ({COMPANY_NAME: self.company.name} if self.company else {})

    @property
    def eidas_level(self) -> str:
        """The level as eIDAS names it."""
        return next(name for name, level in EIDAS_LEVELS.items() if level is self.level)


def _attributes(first: str, family: str, born: str) -> tuple[tuple[str, str], ...]:
    return ((FIRST_NAME, first), (FAMILY_NAME, family), (DATE_OF_BIRTH, born))


_GERMANY = ("Duitsland", "Germany")
_BELGIUM = ("België", "Belgium")

MUSTERWERK: Final = ForeignCompany("NL/DE/HRB900000", "Musterwerk Beispiel GmbH")

FOREIGNERS: Final = (
    Foreigner(
        "prokurist",
        _GERMANY,
        LevelOfAssurance.LOA3,
        (
            "Vertegenwoordiger van een Duits bedrijf: het bedrijf krijgt een eIDASLegalIdentifier.",
            "Representative of a German company, which gets an eIDASLegalIdentifier.",
        ),
        company=MUSTERWERK,
        attributes=_attributes("Greta", "Musterbeispiel", "1982-05-14"),
    ),
    Foreigner(
        "burger",
        _BELGIUM,
        LevelOfAssurance.LOA4,
        (
            "Belgische burger die alleen zichzelf is: een pseudoniem, of een BSN als de dienst dat vraagt.",
            "Belgian citizen who is nobody but themself: a pseudonym, or a BSN if the service asks for one.",
        ),
        bsn="999990019",
        attributes=_attributes("Joost", "Toetsmans", "1975-09-03"),
    ),
    Foreigner(
        "grensarbeider",
        _BELGIUM,
        LevelOfAssurance.LOA3,
        (
            "Belgische burger zonder BSN: wordt geweigerd bij een dienst die een BSN nodig heeft.",
            "Belgian citizen without BSN: is refused at a service that needs one.",
        ),
        attributes=_attributes("Griet", "Proefaert", "1991-12-11"),
    ),
    Foreigner(
        "toerist",
        _BELGIUM,
        LevelOfAssurance.LOA2,
        (
            "Belgische burger met een middel op niveau laag: te laag voor de meeste diensten.",
            "Belgian citizen with means at level low: too low for most services.",
        ),
        attributes=_attributes("Tijl", "Oefenaers", "1997-03-29"),
    ),
)


def find(username: str) -> Foreigner | None:
    """The test person with exactly this username."""
    return next((person for person in FOREIGNERS if person.username == username), None)
