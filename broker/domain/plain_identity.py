"""Who is represented and by whom, in clear: what interface versions before 1.13, and plain SAML, hand over.

From 1.13 on identifiers reach a dienstverlener as ciphertext that the makelaar cannot open. For the other profiles the
registers say them to the makelaar in clear as well, which keeps them no longer than the answer takes to make.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Final

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin

CompanyNumber = KvkNumber | Rsin

COMPANY_NUMBERS: Final[Mapping[IdentifierType, type[CompanyNumber]]] = {
    IdentifierType.KVKNR: KvkNumber,
    IdentifierType.RSIN: Rsin,
}
"""The types of company identifier that exist in clear, and what a value of each must be."""


@dataclass(frozen=True, slots=True)
class PlainIdentity:
    """What one register says in clear; each part may be absent.

    ``pseudonym`` is the specific pseudonym of the acting person, ``concerned`` the numbers of the represented company,
    ``intermediary`` the KvK-nummer of who stands between them.
    """

    pseudonym: Pseudonym | None = None
    concerned: Mapping[IdentifierType, CompanyNumber] = field(default_factory=dict)
    intermediary: KvkNumber | None = None


NOTHING_IN_CLEAR: Final = PlainIdentity()
"""What a register says to a makelaar that did not ask."""


@dataclass(frozen=True, slots=True)
class PlainSubject:
    """The whole subject of an answer in clear: nothing that is needed is absent.

    ``named_by`` is the entityID of the register that made the pseudonym; ``concerned`` holds the numbers of one set of
    the service, in its order; ``intermediary`` is there in a chain.
    """

    pseudonym: Pseudonym
    named_by: str
    concerned: tuple[tuple[IdentifierType, CompanyNumber], ...]
    intermediary: KvkNumber | None = None


def choose_numbers(
    sets: Sequence[Sequence[IdentifierType]],
    available: Mapping[IdentifierType, CompanyNumber],
    *,
    with_kvk_number: bool = False,
) -> tuple[tuple[IdentifierType, CompanyNumber], ...]:
    """The numbers of the first of a service's ``sets`` that is there whole; empty when none is.

    What a register says beyond what the service asks is not passed on (Afsprakenstelsel, Identificerende kenmerken).
    ``with_kvk_number`` passes over sets without it: a vestiging or subdossier means nothing alone.
    """
    for wanted in sets:
        if with_kvk_number and IdentifierType.KVKNR not in wanted:
            continue
        if wanted and all(kind in available for kind in wanted):
            return tuple((kind, available[kind]) for kind in wanted)
    return ()
