"""Every way to misbehave: one idea each, who can do it, and how a login rightly ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from broker.network.nasty.endings import Ending
from broker.network.nasty.endings import code_of
from broker.ports import Role


class Where(StrEnum):
    """What is tampered with."""

    REQUEST = "the request of the dienstverlener"
    ANSWER = "the answer itself"
    LINE = "the line on which the answer is fetched"
    FETCH = "how the dienstverlener fetches its answer"


ANSWERING: Final = frozenset({Role.AD, Role.MR, Role.EB})
_EVERYBODY: Final = ANSWERING | {Role.DV}
_DV: Final = frozenset({Role.DV})


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """One way to misbehave.

    ``nl`` and ``en`` say what is done. ``code`` is the code of the refusal when it is always the same one. ``weight``
    is how often it is chosen beside the others: what takes long is chosen seldom.
    """

    name: str
    where: Where
    roles: frozenset[Role]
    ending: Ending
    nl: str
    en: str
    code: str | None = None
    weight: int = 8

    def right_code(self, role: Role, *, second: bool = False) -> str:
        """The outcome on record of a login in which this is all that went wrong; see ``endings.code_of``."""
        return self.code or code_of(self.ending, role, second=second)


def _line(name: str, ending: Ending, nl: str, en: str, weight: int = 8) -> Misbehaviour:
    return Misbehaviour(name, Where.LINE, ANSWERING, ending, nl, en, weight=weight)


def _answer(
    name: str,
    nl: str,
    en: str,
    ending: Ending = Ending.MISTRUSTED,
    roles: frozenset[Role] = ANSWERING,
    weight: int = 8,
) -> Misbehaviour:
    return Misbehaviour(name, Where.ANSWER, roles, ending, nl, en, weight=weight)


def _request(name: str, code: str, nl: str, en: str, ending: Ending = Ending.PAGE) -> Misbehaviour:
    return Misbehaviour(name, Where.REQUEST, _DV, ending, nl, en, code)


def _fetch(name: str, ending: Ending, nl: str, en: str) -> Misbehaviour:
    return Misbehaviour(name, Where.FETCH, _DV, ending, nl, en)


_ROWS: Final = (
    _line("slow", Ending.GRANTED, "Antwoordt pas na een halve seconde.", "Answers after half a second.", 2),
    _line(
        "silent",
        Ending.UNAVAILABLE,
        "Neemt de vraag aan en zegt niets meer.",
        "Takes the question in and says nothing more.",
        1,
    ),
    _line(
        "dripping",
        Ending.UNAVAILABLE,
        "Stuurt de koppen van het antwoord byte voor byte, zonder einde.",
        "Sends the headers of the answer byte by byte, without end.",
        1,
    ),
    _line("200-mb", Ending.UNAVAILABLE, "Stuurt een antwoord van 200 MB.", "Sends an answer of 200 MB.", 1),
    _line(
        "truncated",
        Ending.UNAVAILABLE,
        "Breekt het antwoord halverwege af.",
        "Breaks the answer off half-way.",
    ),
    _line(
        "garbage",
        Ending.MISTRUSTED,
        "Stuurt willekeurige bytes in plaats van SOAP.",
        "Sends random bytes in the place of SOAP.",
    ),
    _line(
        "server-error",
        Ending.MISTRUSTED,
        "Antwoordt met status 500 en een HTML-pagina.",
        "Answers with status 500 and a page of HTML.",
    ),
    _line(
        "html",
        Ending.MISTRUSTED,
        "Antwoordt met status 200 en een HTML-pagina.",
        "Answers with status 200 and a page of HTML.",
    ),
    _line(
        "redirect",
        Ending.UNAVAILABLE,
        "Stuurt door naar een ander adres.",
        "Redirects to another address.",
    ),
    _line(
        "forgotten",
        Ending.AS_IT_STANDS,
        "Weet van het artifact niets meer.",
        "Knows nothing of the artifact any more.",
    ),
    _answer(
        "unsigned-response",
        "Ondertekent alleen de Assertion, niet de Response.",
        "Signs the Assertion only, not the Response.",
    ),
    _answer(
        "unsigned-assertion",
        "Ondertekent alleen de Response, niet de Assertion.",
        "Signs the Response only, not the Assertion.",
    ),
    _answer(
        "wrong-key",
        "Ondertekent met een sleutel die niet in de metadata staat.",
        "Signs with a key that is not in the metadata.",
    ),
    _answer("replayed", "Geeft een eerder antwoord nog eens.", "Gives an earlier answer once more."),
    _answer(
        "reordered",
        "Verwisselt de antwoorden van twee logins die tegelijk lopen.",
        "Swaps the answers of two logins that are under way at once.",
        weight=4,
    ),
    _answer(
        "other-party",
        "Geeft een antwoord dat een andere partij heeft gemaakt en ondertekend.",
        "Gives an answer that another party made and signed.",
    ),
    _answer(
        "lower-level",
        "Verklaart een lager niveau dan werd gevraagd.",
        "Declares a lower level than was asked.",
        Ending.TOO_LOW,
    ),
    _answer(
        "swapped-pseudonym",
        "Zet de Assertion van een andere login in een nieuwe Response.",
        "Puts the Assertion of another login into a new Response.",
    ),
    _answer(
        "swapped-company",
        "Zet een versleuteld nummer van een andere login in de ondertekende Assertion.",
        "Puts an encrypted identifier of another login into the signed Assertion.",
    ),
    _answer(
        "obligation-dropped",
        "Laat in een keten de verplichting weg dat een tweede register bevestigt.",
        "Leaves out, in a chain, the obligation that a second register confirms.",
        roles=frozenset({Role.MR}),
        weight=16,
    ),
    _answer(
        "expired",
        "Geeft een Assertion die een uur geleden afliep.",
        "Gives an Assertion that ended an hour ago.",
    ),
    _answer(
        "no-assertion",
        "Zegt dat het gelukt is, zonder Assertion.",
        "Says that all went well, without an Assertion.",
    ),
    _request(
        "garbage-request", "bericht-ongeldig", "Stuurt onzin als verzoek.", "Sends nonsense as its request."
    ),
    _request(
        "unsigned-request",
        "handtekening-ongeldig",
        "Ondertekent het verzoek niet.",
        "Does not sign its request.",
    ),
    _request(
        "wrong-key-request",
        "handtekening-ongeldig",
        "Ondertekent het verzoek met een sleutel die niet in de metadata staat.",
        "Signs its request with a key that is not in the metadata.",
    ),
    _request(
        "unknown-acs",
        "acs-onbekend",
        "Vraagt een antwoord op een adres dat niet in de metadata staat.",
        "Asks for an answer at an address that is not in the metadata.",
    ),
    _request(
        "replayed-request",
        "verzoek-herhaald",
        "Stuurt een eerder verzoek nog eens.",
        "Sends an earlier request once more.",
        Ending.REJECTED,
    ),
    _request(
        "stale-request",
        "verzoek-verlopen",
        "Stuurt een verzoek van een uur geleden.",
        "Sends a request of an hour ago.",
        Ending.REJECTED,
    ),
    _request(
        "level-too-high",
        "niveau-boven-catalogus",
        "Vraagt EH4, ook waar de dienstencatalogus minder heeft.",
        "Asks for EH4, also where the dienstencatalogus has less.",
        Ending.REJECTED,
    ),
    _fetch(
        "fetched-twice",
        Ending.GRANTED,
        "Haalt het antwoord twee keer op.",
        "Fetches its answer twice.",
    ),
    _fetch("guessed", Ending.LOST, "Raadt een artifact.", "Guesses an artifact."),
    _fetch(
        "stolen",
        Ending.LOST,
        "Een andere partij haalt het antwoord eerder op.",
        "Another party comes for the answer first.",
    ),
    _fetch(
        "wrong-key-fetch",
        Ending.LOST,
        "Vraagt met een sleutel die niet in de metadata staat.",
        "Asks with a key that is not in the metadata.",
    ),
)

MISBEHAVIOURS: Final[Mapping[str, Misbehaviour]] = {row.name: row for row in _ROWS}


def repertoire(role: Role) -> tuple[Misbehaviour, ...]:
    """What a party in this role can do, in the order of the table."""
    return tuple(row for row in _ROWS if role in row.roles)
