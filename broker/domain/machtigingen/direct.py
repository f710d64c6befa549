"""A person who acts for a company directly."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broker.domain.identifiers import KvkNumber
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
    """One proof for each company, and each vestiging of it, that the person has a machtiging for.

    ``machtigingen`` are all those of one person, valid or not; proofs stand in the order in which companies
    first occur. ``now`` is an aware datetime. A vestiging is never widened to its company: where the
    service accepts no restriction, its proof is refused with ``Reason.VESTIGING_NOT_ACCEPTED``
    (Afsprakenstelsel, Service catalog).
    """
    question = Question(service, required, now, accepts_vestiging=service.accepts_vestiging)
    grouped: dict[tuple[KvkNumber, Vestigingsnummer | None], list[Machtiging]] = {}
    for machtiging in machtigingen:
        grouped.setdefault((machtiging.company, machtiging.vestiging), []).append(machtiging)
    return tuple(
        replace(prove(group, question, PERSON_FAULTS, company=company), vestiging=vestiging)
        for (company, vestiging), group in grouped.items()
    )
