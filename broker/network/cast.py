"""Who and what the seeded world consists of. All names and numbers are invented; usernames are role words."""

from dataclasses import dataclass
from enum import StrEnum

from broker.domain.levels import LevelOfAssurance
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from broker.settings import Party

LOA2 = LevelOfAssurance.LOA2
LOA2PLUS = LevelOfAssurance.LOA2PLUS
LOA3 = LevelOfAssurance.LOA3
LOA4 = LevelOfAssurance.LOA4


class State(StrEnum):
    """How a machtiging stands at the moment of seeding."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Company:
    """A company: KvK-nummer, RSIN (None for an eenmanszaak), name, and the one vestiging that matters here."""

    kvk: str
    rsin: str | None
    name: str
    vestiging: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A machtiging for every service, or for one of Gemeente Voorbeeld, by its index."""

    company: Company
    level: LevelOfAssurance
    state: State = State.VALID
    vestiging: str | None = None
    subdossier: str | None = None
    service: int | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """A test person: where their middel and machtigingen are, and what they demonstrate (nl, en)."""

    username: str
    ad: Party
    level: LevelOfAssurance
    register: Party
    grants: tuple[Grant, ...]
    shows: str
    shows_en: str
    clients: tuple[Company, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainGrant:
    """A ketenmachtiging for every service, on record at ``register``."""

    client: Company
    intermediary: Company
    register: Party
    level: LevelOfAssurance
    state: State = State.VALID


BAKKERIJ = Company("90000011", "900000028", "Bakkerij De Proef B.V.")
BOEKHANDEL = Company("90000022", "900001173", "Boekhandel Het Testblad B.V.")
FIETSENMAKER = Company("90000033", "900002311", "Fietsenmaker Proefrit B.V.")
KLUSBEDRIJF = Company("90000044", None, "Klusbedrijf De Oefening")
DRUKKERIJ = Company("90000055", "900003820", "Drukkerij Proefdruk B.V.")
KWEKERIJ = Company("90000066", "900005014", "Kwekerij Het Voorbeeld B.V.")
MARKTKRAAM = Company("90000077", "900006201", "Marktkraam Monster & Zn. B.V.", "000090000077")
KANTOOR = Company("90000088", "900007710", "Administratiekantoor Voorbeeldcijfers B.V.")
BLOEMIST = Company("90000099", "900009044", "Bloemist De Testtulp B.V.")
GARAGE = Company("90000101", "900010630", "Garage Proefstand B.V.")
AANNEMER = Company("90000112", "900012006", "Aannemersbedrijf De Maquette B.V.")
REDERIJ = Company("90000123", "900013151", "Rederij Schijnvaart B.V.")
IJSSALON = Company("90000134", None, "IJssalon Het Proefje")
ATELIER = Company("90000145", "900014520", "Atelier De Schets B.V.")
VEILING = Company("90000156", "900015603", "Veilinghuis De Modelkavel B.V.")

PERSONAS = (
    Persona(
        "werknemer",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(BAKKERIJ, LOA3),),
        "Werknemer met één bedrijf: logt in zonder te kiezen.",
        "Employee of one company: logs in without having to choose.",
    ),
    Persona(
        "eigenaar",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(BOEKHANDEL, LOA3), Grant(FIETSENMAKER, LOA3), Grant(KLUSBEDRIJF, LOA3)),
        "Eigenaar van drie bedrijven: kiest er één. Eén is een eenmanszaak zonder RSIN.",
        "Owner of three companies: chooses one. One of them has no RSIN.",
    ),
    Persona(
        "zonder",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (),
        "Heeft een middel, maar geen machtiging.",
        "Has a means of login, but no machtiging.",
    ),
    Persona(
        "verlopen",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(DRUKKERIJ, LOA3, state=State.EXPIRED),),
        "De machtiging is verlopen.",
        "The machtiging has expired.",
    ),
    Persona(
        "ingetrokken",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(DRUKKERIJ, LOA3, state=State.REVOKED),),
        "De machtiging is ingetrokken.",
        "The machtiging was revoked.",
    ),
    Persona(
        "laag",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(KWEKERIJ, LOA2PLUS),),
        "Machtiging op EH2+: te laag voor diensten op EH3.",
        "Machtiging at EH2+: too low for services at EH3.",
    ),
    Persona(
        "vestiging",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(MARKTKRAAM, LOA3, vestiging=MARKTKRAAM.vestiging),),
        "Machtiging voor één vestiging: kan alleen bij ‘Standplaats beheren’.",
        "Machtiging for one branch: works at ‘Manage a market stall’ only.",
    ),
    Persona(
        "subdossier",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(VEILING, LOA3, subdossier="0002"),),
        "Machtiging voor één subdossier: kan alleen bij ‘Standplaats beheren’.",
        "Machtiging for one subdossier: works at ‘Manage a market stall’ only.",
    ),
    Persona(
        "accountant",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(KANTOOR, LOA3),),
        "Intermediair: handelt voor het eigen kantoor of voor twee klanten; één klant heeft de keten ingetrokken.",
        "Intermediary: acts for the own office or for two clients; one client has revoked the chain.",
        clients=(BLOEMIST, GARAGE),
    ),
    Persona(
        "boekhouder",
        AD_SLEUTEL,
        LOA3,
        MR_EEN,
        (Grant(KANTOOR, LOA3, service=3),),
        "Intermediair met een machtiging voor één dienst: bij ‘Subsidie aanvragen’ mag geen keten.",
        "Intermediary with a machtiging for one service: ‘Apply for a grant’ accepts no chain.",
        clients=(BLOEMIST, GARAGE),
    ),
    Persona(
        "directeur",
        AD_SLEUTEL,
        LOA4,
        MR_EEN,
        (Grant(AANNEMER, LOA4),),
        "Middel en machtiging op EH4: kan bij elke dienst inloggen.",
        "Means and machtiging at EH4: can log in to every service.",
    ),
    Persona(
        "basis",
        AD_TOEGANG,
        LOA2,
        MR_EEN,
        (Grant(IJSSALON, LOA2),),
        "Middel op EH2: alleen een wachtwoord, en te laag voor de meeste diensten.",
        "Means at EH2: a password only, and too low for most services.",
    ),
    Persona(
        "medewerker",
        AD_TOEGANG,
        LOA2PLUS,
        MR_TWEE,
        (Grant(ATELIER, LOA2PLUS),),
        "Middel op EH2+, met de machtiging in het andere register.",
        "Means at EH2+, with the machtiging in the other register.",
    ),
    Persona(
        "reder",
        AD_SLEUTEL,
        LOA4,
        MR_TWEE,
        (Grant(REDERIJ, LOA3),),
        "Middel op EH4 en machtiging op EH3: het laagste van de twee telt.",
        "Means at EH4 and machtiging at EH3: the lower of the two counts.",
    ),
)

CHAIN = (
    ChainGrant(BLOEMIST, KANTOOR, MR_TWEE, LOA3),
    ChainGrant(GARAGE, KANTOOR, MR_TWEE, LOA3, state=State.REVOKED),
)
