"""Trying recorded machtigingen against a service, a level and a time: the part that all decisions share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen.proofs import Link
from broker.domain.machtigingen.proofs import Proof
from broker.domain.machtigingen.reasons import Reason
from broker.domain.machtigingen.reasons import Repairer
from broker.domain.machtigingen.records import Scope
from broker.domain.services import Service


class Grant(Protocol):
    """What a machtiging and a ketenmachtiging have in common."""

    @property
    def id(self) -> str: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def level(self) -> LevelOfAssurance: ...
    @property
    def valid_from(self) -> datetime: ...
    @property
    def valid_until(self) -> datetime: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def vestiging(self) -> Vestigingsnummer | None: ...
    @property
    def subdossier(self) -> Subdossiernummer | None: ...


@dataclass(frozen=True, slots=True)
class Faults:
    """The reasons by which one kind of link names what is wrong with it, and who manages such links."""

    none_at_all: Reason
    other_service: Reason
    revoked: Reason
    expired: Reason
    not_yet_valid: Reason
    level_too_low: Reason
    repaired_by: Repairer


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a machtiging: this service, at least this level, at this time.

    ``accepts_restrictions`` False: whatever the service accepts, no vestiging or subdossier will do.
    """

    service: Service
    required: LevelOfAssurance
    now: datetime
    accepts_restrictions: bool = True

    @property
    def accepts_vestiging(self) -> bool:
        """Whether a machtiging for one vestiging will do."""
        return self.accepts_restrictions and self.service.accepts_vestiging

    @property
    def accepts_subdossier(self) -> bool:
        """Whether a machtiging for one subdossier will do."""
        return self.accepts_restrictions and self.service.accepts_subdossier


def fault_of(grant: Grant, question: Question, faults: Faults) -> Reason | None:
    """What is wrong with ``grant``, or None when it holds; of several faults the farthest from granted."""
    found = {
        faults.other_service: not grant.scope.covers(question.service),
        # Once set it counts, whatever its time: the clock of another node may be ahead, and a revocation is
        # at once.
        faults.revoked: grant.revoked_at is not None,
        faults.expired: question.now >= grant.valid_until,
        faults.not_yet_valid: question.now < grant.valid_from,
        faults.level_too_low: grant.level < question.required,
        Reason.VESTIGING_NOT_ACCEPTED: grant.vestiging is not None and not question.accepts_vestiging,
        Reason.SUBDOSSIER_NOT_ACCEPTED: grant.subdossier is not None and not question.accepts_subdossier,
    }
    return max((reason for reason, wrong in found.items() if wrong), key=lambda r: r.distance, default=None)


def prove(
    grants: Sequence[Grant],
    question: Question,
    faults: Faults,
    *,
    company: KvkNumber,
    intermediary: KvkNumber | None = None,
) -> Proof:
    """Try all ``grants`` and let the best win.

    Of those that hold: first the ones for the whole company, then the strongest, then the first given. When
    none holds, the fault nearest to granted is the reason.
    """
    tried = [(grant, fault_of(grant, question, faults)) for grant in grants]
    links = tuple(Link(grant.id, fault is None, fault, faults.repaired_by) for grant, fault in tried)
    holding = [grant for grant, fault in tried if fault is None]
    if holding:
        unlimited = [grant for grant in holding if grant.vestiging is None and grant.subdossier is None]
        best = max(unlimited or holding, key=lambda grant: grant.level)
        return Proof(True, company, intermediary, best.level, best.vestiging, links, None, best.subdossier)
    reasons = [fault for _, fault in tried if fault is not None]
    if not reasons:
        return refuse(faults.none_at_all, faults.repaired_by, company=company, intermediary=intermediary)
    nearest = min(reasons, key=lambda reason: reason.distance)
    return Proof(False, company, intermediary, None, None, links, nearest)


def refuse(
    reason: Reason, repaired_by: Repairer, *, company: KvkNumber, intermediary: KvkNumber | None
) -> Proof:
    """A refusal for which no machtiging needed to be tried."""
    return Proof(False, company, intermediary, None, None, (Link(None, False, reason, repaired_by),), reason)
