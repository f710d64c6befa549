"""The answer of the machtiging engine: granted or not, on the grounds of which links."""

from collections.abc import Iterable
from dataclasses import dataclass

from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen.reasons import Reason
from broker.domain.machtigingen.reasons import Repairer
from broker.domain.services import Service


@dataclass(frozen=True, slots=True)
class Link:
    """One machtiging that was tried. ``reason`` is None exactly when it holds.

    ``machtiging_id`` is None when there was nothing to try; ``repaired_by`` is who manages the link.
    """

    machtiging_id: str | None
    holds: bool
    reason: Reason | None
    repaired_by: Repairer


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a person may act for ``company`` (in a chain the client), with every link that was tried.

    Granted: ``level`` is the strength of the machtiging used (LevelOfAssuranceUsed) and ``reason`` is None.
    Refused: ``level`` is None and ``reason`` says what is nearest to a repair. ``vestiging`` is a branch of
    ``company``, ``subdossier`` a part of its dossier: what the machtiging is limited to; ``intermediary`` is None when
    the person acts directly, or has no machtiging for any. ``services`` are, at a portal, those it is granted for.
    """

    granted: bool
    company: KvkNumber
    intermediary: KvkNumber | None
    level: LevelOfAssurance | None
    vestiging: Vestigingsnummer | None
    links: tuple[Link, ...]
    reason: Reason | None
    subdossier: Subdossiernummer | None = None
    services: tuple[Service, ...] = ()

    @property
    def is_restricted(self) -> bool:
        """Whether it is for a part of the company only."""
        return self.vestiging is not None or self.subdossier is not None


def explain_refusal(proofs: Iterable[Proof]) -> Reason:
    """The reason to tell a person of whom all ``proofs`` were refused: the one nearest to a repair.

    ``Reason.NO_MACHTIGING`` when there are none; granted proofs do not count.
    """
    reasons = [proof.reason for proof in proofs if proof.reason is not None]
    return min(reasons, key=lambda reason: reason.distance, default=Reason.NO_MACHTIGING)
