"""What the authenticatiediensten know of the test persons: invented names, by attribute."""

from collections.abc import Mapping
from typing import Final

from broker.domain.attributes import DATE_OF_BIRTH
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FAMILY_NAME_INFIX
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import INITIALS


def _known(first: str, initials: str, infix: str, family: str, born: str) -> Mapping[str, str]:
    values = {
        FIRST_NAME: first,
        INITIALS: initials,
        FAMILY_NAME_INFIX: infix,
        FAMILY_NAME: family,
        DATE_OF_BIRTH: born,
    }
    return {name: value for name, value in values.items() if value}


KNOWN_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "werknemer": _known("Wietske", "W.T.", "van der", "Proefstra", "1988-04-17"),
    "eigenaar": _known("Egbert", "E.", "", "Voorbeeldsma", "1971-11-02"),
    "zonder": _known("Zelda", "Z.", "", "Oefenaar", "1995-06-30"),
    "verlopen": _known("Victor", "V.", "", "Toetsing", "1980-01-09"),
    "ingetrokken": _known("Ingmar", "I.", "", "Toetsing", "1979-12-24"),
    "laag": _known("Leonie", "L.", "de", "Modelaar", "1999-09-19"),
    "vestiging": _known("Valerie", "V.", "", "Kraamtest", "1984-02-28"),
    "accountant": _known("Annelot", "A.C.", "van", "Proefrekening", "1976-08-13"),
    "boekhouder": _known("Bastiaan", "B.", "", "Cijfertest", "1990-10-05"),
    "directeur": _known("Dirkje", "D.", "", "Maquette", "1968-03-21"),
    "basis": _known("Bas", "B.", "", "", ""),
    "medewerker": _known("Maarten", "M.", "", "Schetsema", "1993-07-07"),
    "subdossier": _known("Sietse", "S.", "", "Dossiertest", "1986-02-11"),
    "reder": _known("Ruben", "R.", "", "Schijnvaarder", "1965-05-15"),
}
"""By username; nobody need be in it. Of ``basis`` too little is known for a service that needs a family name."""
