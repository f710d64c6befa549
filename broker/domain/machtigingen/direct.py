"""A person who acts for a company directly."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen.proofs import Proof
from broker.domain.machtigingen.reasons import Reason
from broker.domain.machtigingen.reasons import Repairer
from broker.domain.machtigingen.records import Machtiging
from broker.domain.machtigingen.trial import Faults
from broker.domain.machtigingen.trial import Question
from broker.domain.machtigingen.trial import prove
from broker.domain.services import Service

_Whole = tuple[KvkNumber, Vestigingsnummer | None, Subdossiernummer | None]
"""A company, or the part of it that a machtiging is limited to."""

PERSON_FAULTS = Faults(
    none_at_all=Reason.NO_MACHTIGING,
    other_service=Reason.OTHER_SERVICE,
    revoked=Reason.REVOKED,
    expired=Reason.EXPIRED,
    not_yet_valid=Reason.NOT_YET_VALID,
    level_too_low=Reason.LEVEL_TOO_LOW,
    repaired_by=Repairer.BEHEERDER,
)


def decide_direct(
    machtigingen: Iterable[Machtiging], service: Service, required: LevelOfAssurance, now: datetime
) -> tuple[Proof, ...]:
    """One proof for each company, and each vestiging and subdossier of it, that the person has a machtiging for.

    ``machtigingen`` are all those of one person, valid or not; proofs stand in the order in which companies
    first occur. ``now`` is an aware datetime. A restriction is never widened to its company: where the
    service accepts none, its proof is refused with ``Reason.VESTIGING_NOT_ACCEPTED`` or
    ``Reason.SUBDOSSIER_NOT_ACCEPTED`` (Afsprakenstelsel, Service catalog).
    """
    question = Question(service, required, now)
    grouped: dict[_Whole, list[Machtiging]] = {}
    for machtiging in machtigingen:
        whole = (machtiging.company, machtiging.vestiging, machtiging.subdossier)
        grouped.setdefault(whole, []).append(machtiging)
    return tuple(
        replace(
            prove(group, question, PERSON_FAULTS, company=company), vestiging=vestiging, subdossier=subdossier
        )
        for (company, vestiging, subdossier), group in grouped.items()
    )
