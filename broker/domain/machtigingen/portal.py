"""Deciding at a portal: each service behind it by its own rules, and per company all of them together."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace

from broker.domain.levels import LevelOfAssurance
from broker.domain.levels import effective_level
from broker.domain.machtigingen.proofs import Proof
from broker.domain.services import Service

Decide = Callable[[Service, LevelOfAssurance], Iterable[Proof]]
"""Decides about one service, at the level that is required there."""

Tried = Sequence[tuple[Service, Proof]]


def decide_each(behind: Iterable[Service], required: LevelOfAssurance, decide: Decide) -> tuple[Proof, ...]:
    """One proof for each company, or part of it, over all services ``behind`` a portal.

    It is granted when it is for at least one service, and then names those in ``services``. At each the level is the
    one ``required`` of the login or that of the service, whichever is higher; the level of the proof is the lowest of
    what was used.
    """
    found: dict[tuple[object, ...], list[tuple[Service, Proof]]] = {}
    for service in behind:
        for proof in decide(service, max(required, service.level)):
            of_whom = (proof.company, proof.intermediary, proof.vestiging, proof.subdossier)
            found.setdefault(of_whom, []).append((service, proof))
    return tuple(_together(tried) for tried in found.values())


def choose_widest(proofs: Iterable[Proof]) -> Proof:
    """The one proof of a register that cannot let a person choose; there is at least one.

    Granted goes before refused, the whole company before a part of it, then most services; of refusals the one that is
    nearest to a repair.
    """
    return max(proofs, key=_width)


def _width(proof: Proof) -> tuple[bool, bool, int, int]:
    nearness = 0 if proof.reason is None else -proof.reason.distance
    return proof.granted, not proof.is_restricted, len(proof.services), nearness


def _together(tried: Tried) -> Proof:
    links = tuple(link for _, proof in tried for link in proof.links)
    granted = [(service, proof) for service, proof in tried if proof.granted]
    if granted:
        levels = [proof.level for _, proof in granted if proof.level is not None]
        services = tuple(service for service, _ in granted)
        return replace(granted[0][1], level=effective_level(*levels), links=links, services=services)
    refused = [proof for _, proof in tried if proof.reason is not None]
    return replace(min(refused, key=lambda proof: -_width(proof)[-1]), links=links)
