"""For whom a person may act at a service: the choices to offer, or why there are none."""

import hashlib
import hmac
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import decide_as_intermediary
from broker.domain.machtigingen import decide_direct
from broker.domain.organisations import Organisation
from broker.domain.services import Service
from broker.network.machtigingenregister.identifiers import choose_identifiers
from broker.ports import MachtigingenStore


@dataclass(frozen=True, slots=True)
class Option:
    """A granted proof. ``confirm_at`` is the register that must confirm it, None when the person acts directly."""

    proof: Proof
    confirm_at: str | None

    def choice_id(self, secret: bytes) -> str:
        """How a form names this option without showing whom it is about; ``secret`` belongs to the flow."""
        proof = self.proof
        of_whom = (proof.company, proof.intermediary, proof.vestiging, proof.subdossier)
        parts = (*(number.reveal() if number else "" for number in of_whom), self.confirm_at or "")
        return hmac.new(secret, "|".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Decision:
    """All proofs, the options among them, and whether something was granted that cannot be delivered."""

    proofs: tuple[Proof, ...]
    options: tuple[Option, ...]

    @property
    def only_undeliverable(self) -> bool:
        """Whether the person may act, but for nobody with an identifier that the service accepts."""
        return not self.options and any(proof.granted for proof in self.proofs)


def decide(
    store: MachtigingenStore,
    subject: InternalPseudonym,
    service: Service,
    required: LevelOfAssurance,
    now: datetime,
) -> Decision:
    """Try all machtigingen of a person, and those of their companies' clients as far as this register can."""
    machtigingen = store.machtigingen_of(subject)
    direct = decide_direct(machtigingen, service, required, now)
    options = [
        Option(proof, None) for proof in direct if proof.granted and _deliverable(store, proof, service)
    ]
    chained: list[Proof] = []
    for company in _companies(machtiging.company for machtiging in machtigingen):
        relaties = store.ketenrelaties_of(company)
        own = [machtiging for machtiging in machtigingen if machtiging.company == company]
        clients = [relatie.client for relatie in relaties]
        proofs = decide_as_intermediary(own, clients, service, required, now)
        chained += proofs
        options += [
            Option(proof, relatie.register)
            for proof, relatie in zip(proofs, relaties, strict=True)
            if proof.granted
        ]
    return Decision((*direct, *chained), tuple(options))


def _companies(companies: Iterable[KvkNumber]) -> Sequence[KvkNumber]:
    return tuple(dict.fromkeys(companies))


def _deliverable(store: MachtigingenStore, proof: Proof, service: Service) -> bool:
    # Of a client only the second register knows what can be delivered.
    organisation = known_organisation(store, proof.company)
    return bool(choose_identifiers(service, organisation, with_kvk_number=proof.is_restricted))


def known_organisation(store: MachtigingenStore, kvk: KvkNumber) -> Organisation:
    """The organisation as it is registered, or else with its KvK-nummer for a name."""
    return store.organisation(kvk) or Organisation(kvk, None, kvk.reveal())
