"""For whom a person may act at a service: the choices to offer, or why there are none."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Decide
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import decide_as_intermediary
from broker.domain.machtigingen import decide_direct
from broker.domain.machtigingen import decide_each
from broker.domain.machtigingen import explain_refusal
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
    """All proofs, and the options among them; ``login_too_low`` for every service behind a portal."""

    proofs: tuple[Proof, ...]
    options: tuple[Option, ...]
    login_too_low: bool = False

    @property
    def only_undeliverable(self) -> bool:
        """Whether the person may act, but for nobody with an identifier that the service accepts."""
        return not self.options and any(proof.granted for proof in self.proofs)

    @property
    def reason(self) -> str:
        """Why the person may act for nobody: a code of the catalogue of refusals."""
        return "niveau-te-laag" if self.login_too_low else explain_refusal(self.proofs).value


def decide(
    store: MachtigingenStore,
    subject: InternalPseudonym,
    service: Service,
    required: LevelOfAssurance,
    now: datetime,
    behind: Sequence[Service] = (),
) -> Decision:
    """Try all machtigingen of a person, and those of their companies' clients as far as this register can.

    ``behind`` are, at a portal, the services that it stands for and the login is strong enough for: each is decided by
    itself.
    """

    def each(decide_one: Decide) -> tuple[Proof, ...]:
        if service.is_portal:
            return decide_each(behind, required, decide_one)
        return tuple(decide_one(service, required))

    machtigingen = store.machtigingen_of(subject)
    direct = each(lambda one, level: decide_direct(machtigingen, one, level, now))
    options = [
        Option(proof, None) for proof in direct if proof.granted and _deliverable(store, proof, service)
    ]
    chained: list[Proof] = []
    for company in dict.fromkeys(machtiging.company for machtiging in machtigingen):
        relaties = store.ketenrelaties_of(company)
        own = [machtiging for machtiging in machtigingen if machtiging.company == company]
        proofs = each(
            partial(_for_clients, own, tuple(dict.fromkeys(relatie.client for relatie in relaties)), now)
        )
        chained += proofs
        options += [
            Option(proof, relatie.register)
            for relatie in relaties
            for proof in proofs
            if proof.granted and proof.company == relatie.client
        ]
    return Decision((*direct, *chained), tuple(options), service.is_portal and not behind)


def _for_clients(
    own: Sequence[Machtiging],
    clients: Sequence[KvkNumber],
    now: datetime,
    service: Service,
    required: LevelOfAssurance,
) -> tuple[Proof, ...]:
    return decide_as_intermediary(own, clients, service, required, now)


def _deliverable(store: MachtigingenStore, proof: Proof, service: Service) -> bool:
    # Of a client only the second register knows what can be delivered.
    organisation = known_organisation(store, proof.company)
    return bool(choose_identifiers(service, organisation, with_kvk_number=proof.is_restricted))


def known_organisation(store: MachtigingenStore, kvk: KvkNumber) -> Organisation:
    """The organisation as it is registered, or else with its KvK-nummer for a name."""
    return store.organisation(kvk) or Organisation(kvk, None, kvk.reveal())
