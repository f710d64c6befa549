"""A person who acts for a client through an intermediary: person to intermediary to client, never longer.

Two registers share the decision, each the half it has on record, and only both together grant anything
(Afsprakenstelsel, Interface specifications HM-MR chain authorization).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen.direct import PERSON_FAULTS
from broker.domain.machtigingen.proofs import Proof
from broker.domain.machtigingen.reasons import Reason
from broker.domain.machtigingen.reasons import Repairer
from broker.domain.machtigingen.records import Ketenmachtiging
from broker.domain.machtigingen.records import Machtiging
from broker.domain.machtigingen.trial import Faults
from broker.domain.machtigingen.trial import Question
from broker.domain.machtigingen.trial import prove
from broker.domain.machtigingen.trial import refuse
from broker.domain.services import Service

_INTERMEDIARY_FAULTS = replace(PERSON_FAULTS, repaired_by=Repairer.INTERMEDIARY)

_CHAIN_FAULTS = Faults(
    none_at_all=Reason.CHAIN_NO_MACHTIGING,
    other_service=Reason.CHAIN_OTHER_SERVICE,
    revoked=Reason.CHAIN_REVOKED,
    expired=Reason.CHAIN_EXPIRED,
    not_yet_valid=Reason.CHAIN_NOT_YET_VALID,
    level_too_low=Reason.CHAIN_LEVEL_TOO_LOW,
    repaired_by=Repairer.CLIENT,
)


def decide_as_intermediary(
    machtigingen: Iterable[Machtiging],
    clients: Iterable[KvkNumber],
    service: Service,
    required: LevelOfAssurance,
    now: datetime,
) -> tuple[Proof, ...]:
    """The half of the first register: may the person act for the intermediary? One proof for each client.

    ``machtigingen`` are those of the person for one intermediary, whose ``clients`` these are; ValueError
    when they are for several companies, for then a client would be offered through the wrong one. A granted
    proof is half a chain: the second register confirms it with ``decide_chain``. A machtiging for a part of
    the intermediary (vestiging, subdossier) does not carry a chain: the dienstverlener would read that part as
    the client's.
    """
    own = tuple(machtigingen)
    companies = {machtiging.company for machtiging in own}
    if len(companies) > 1:
        raise ValueError("machtigingen for more than one intermediary")
    intermediary = own[0].company if own else None
    question = Question(service, required, now, accepts_restrictions=False)
    return tuple(
        prove(own, question, _INTERMEDIARY_FAULTS, company=client, intermediary=intermediary)
        if service.accepts_ketenmachtiging
        else _refuse_chain(client, intermediary)
        for client in clients
    )


def decide_chain(
    ketenmachtigingen: Iterable[Ketenmachtiging],
    *,
    client: KvkNumber,
    intermediary: KvkNumber,
    service: Service,
    required: LevelOfAssurance,
    now: datetime,
) -> Proof:
    """The half of the second register: may ``intermediary`` act for ``client``?

    Ketenmachtigingen between other companies count for nothing. One for the whole client goes before one
    for a part of it, since the second register shows no screen on which to choose.
    """
    if not service.accepts_ketenmachtiging:
        return _refuse_chain(client, intermediary)
    between = [k for k in ketenmachtigingen if k.client == client and k.intermediary == intermediary]
    question = Question(service, required, now)
    return prove(between, question, _CHAIN_FAULTS, company=client, intermediary=intermediary)


def _refuse_chain(client: KvkNumber, intermediary: KvkNumber | None) -> Proof:
    # Only the client can help the person on: with a direct machtiging.
    return refuse(Reason.CHAIN_NOT_ACCEPTED, Repairer.CLIENT, company=client, intermediary=intermediary)
