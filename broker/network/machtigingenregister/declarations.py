"""What the machtigingenregister declares: for whom, on which level, tied to one login (Interface specifications HM-MR).

Identifiers are encrypted for the dienstverlener; of a chain's first half they are for the second register. Nothing
stands there in clear as well unless the makelaar asks.
"""

import secrets
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from broker.assembly.party import Assembled
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Proof
from broker.domain.organisations import Organisation
from broker.domain.plain_identity import COMPANY_NUMBERS
from broker.domain.plain_identity import CompanyNumber
from broker.domain.plain_identity import PlainIdentity
from broker.domain.pseudonyms import specific_pseudonym
from broker.domain.services import Service
from broker.network.machtigingenregister.evidence import ProvenLink
from broker.network.machtigingenregister.identifiers import choose_identifiers
from broker.network.machtigingenregister.questions import Question
from broker.ports import Role
from broker.saml.assertion import Frame
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import DecisionQuery
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.policy import LIFETIMES
from broker.saml.response import make_assertion


class Declarer:
    """Makes the signed assertions of one register."""

    def __init__(self, assembled: Assembled, secret: bytes) -> None:
        """``secret`` is that of the pseudonyms, which never changes."""
        self._assembled = assembled
        self._own = assembled.station.own
        self._secret = secret

    def direct(
        self,
        question: Question,
        proof: Proof,
        organisation: Organisation,
        recipient: str,
        attributes: tuple[EncryptedAttribute, ...] = (),
    ) -> bytes:
        """The person acts for the organisation of ``proof`` itself. ``recipient`` is the address of the makelaar.

        ``attributes`` are those of the organisation to which the person consented.
        """
        assertion = self._about_login(question, organisation.kvk, proof, recipient, ())
        legal_subject = self.legal_subject(question.service, question.dienstverlener, organisation, proof)
        concerned = in_clear(question.query, question.service, organisation, proof)
        plain = replace(assertion.plain, concerned=concerned)
        return self._sign(
            replace(
                assertion,
                legal_subject=legal_subject,
                plain=plain,
                attributes=attributes,
                **_restrictions(proof),
            ),
            question.query,
        )

    def first_half(
        self,
        question: Question,
        proof: Proof,
        confirm_at: str,
        recipient: str,
        attributes: tuple[EncryptedAttribute, ...] = (),
    ) -> bytes:
        """The person acts for the intermediary, and for its client if the register ``confirm_at`` confirms.

        Raises ``UnknownPartner`` when we do not know that register, ``NobodyToEncryptFor``, and ValueError for a proof
        without intermediary.
        """
        if proof.intermediary is None:
            raise ValueError("a chain has an intermediary")
        second = self._assembled.station.partners.find(confirm_at, Role.MR).recipient(self._own.clock())
        assertion = self._about_login(question, proof.intermediary, proof, recipient, (confirm_at,))
        intermediary = proof.intermediary if question.query.wants_plain else None
        return self._sign(
            replace(
                assertion,
                legal_subject=(self._kvk(proof.company, [second]),),
                intermediate_subject=(self._kvk(proof.intermediary, [second, question.dienstverlener]),),
                confirm_at=confirm_at,
                obligations=(REQUIRE_CONFIRMATION,),
                plain=replace(assertion.plain, intermediary=intermediary),
                attributes=attributes,
            ),
            question.query,
        )

    def second_half(
        self,
        query: DecisionQuery,
        link: ProvenLink,
        legal_subject: tuple[EncryptedId, ...],
        proof: Proof,
        concerned: Mapping[IdentifierType, CompanyNumber],
    ) -> bytes:
        """The confirmation of a chain, tied to the assertion of the first register (chain authorization).

        ``concerned`` is what ``in_clear`` gave for the client.
        """
        assertion = AuthorizationAssertion(
            frame=self._frame(query, (), None),
            assertion_id_ref=link.said.frame.id,
            linked_signature_value=link.signature_value,
            **_services(query, proof),
            service_uuid=query.service_uuid,
            level_asked=query.level,
            level_used=_granted_level(proof),
            legal_subject=legal_subject,
            plain=PlainIdentity(concerned=concerned),
            **_restrictions(proof),
        )
        return self._sign(assertion, query)

    def legal_subject(
        self, service: Service, dienstverlener: Recipient, organisation: Organisation, proof: Proof
    ) -> tuple[EncryptedId, ...]:
        """The identifiers that the service asks for, for its dienstverlener; empty when none can be delivered."""
        chosen = choose_identifiers(service, organisation, with_kvk_number=proof.is_restricted)
        return tuple(self._encrypt(kind, value, [dienstverlener]) for kind, value in chosen)

    def _about_login(
        self,
        question: Question,
        represented: KvkNumber,
        proof: Proof,
        recipient: str,
        audiences: tuple[str, ...],
    ) -> AuthorizationAssertion:
        query = question.query
        pseudonym = specific_pseudonym(
            self._secret,
            acting=question.subject,
            represented=represented,
            dienstverlener=question.service.dienstverlener,
        )
        return AuthorizationAssertion(
            frame=self._frame(query, audiences, recipient),
            assertion_id_ref=question.login.said.frame.id,
            linked_signature_value=question.login.signature_value,
            **_services(query, proof),
            service_uuid=query.service_uuid,
            level_asked=query.level,
            level_used=_granted_level(proof),
            acting_subject=(
                self._encrypt(IdentifierType.PSEUDO, pseudonym.reveal(), [question.dienstverlener]),
            ),
            plain=PlainIdentity(pseudonym=pseudonym if query.wants_plain else None),
        )

    def _frame(self, query: DecisionQuery, audiences: tuple[str, ...], recipient: str | None) -> Frame:
        now = self._own.clock()
        return Frame(
            id=self._own.new_id(),
            issue_instant=now,
            issuer=self._own.entity_id,
            name_id=secrets.token_hex(20),
            name_qualifier=self._own.entity_id,
            not_before=now - LIFETIMES.assertion_backdate,
            not_on_or_after=now + LIFETIMES.assertion,
            audiences=(query.issuer, *audiences, query.intended_audience),
            in_response_to=None if recipient is None else query.id,
            recipient=recipient,
        )

    def _kvk(self, kvk: KvkNumber, recipients: Sequence[Recipient]) -> EncryptedId:
        return self._encrypt(IdentifierType.KVKNR, kvk.reveal(), recipients)

    def _encrypt(self, kind: IdentifierType, value: str, recipients: Sequence[Recipient]) -> EncryptedId:
        return encrypt_identifier(kind.value, value, recipients, self._own.new_id)

    def _sign(self, assertion: AuthorizationAssertion, query: DecisionQuery) -> bytes:
        return make_assertion(write_authorization(assertion, asked_by=query.issuer), self._own.key)


class _Restrictions(TypedDict):
    vestiging: str | None
    subdossier: str | None


def _restrictions(proof: Proof) -> _Restrictions:
    return {
        "vestiging": proof.vestiging.reveal() if proof.vestiging else None,
        "subdossier": proof.subdossier.reveal() if proof.subdossier else None,
    }


def in_clear(
    query: DecisionQuery, service: Service, organisation: Organisation, proof: Proof
) -> Mapping[IdentifierType, CompanyNumber]:
    """The numbers of a company to say in clear: those that go encrypted too, when the makelaar asks; else none."""
    if not query.wants_plain:
        return {}
    chosen = choose_identifiers(service, organisation, with_kvk_number=proof.is_restricted)
    return {kind: COMPANY_NUMBERS[kind](value) for kind, value in chosen if kind in COMPANY_NUMBERS}


class _Services(TypedDict):
    service_id: str
    other_services: tuple[str, ...]


def _services(query: DecisionQuery, proof: Proof) -> _Services:
    """At a portal the services behind it that the proof is for, else the one that was asked."""
    first, *others = [service.service_id for service in proof.services] or [query.service_id]
    return {"service_id": first, "other_services": tuple(others)}


def _granted_level(proof: Proof) -> LevelOfAssurance:
    if proof.level is None:
        raise ValueError("the proof was not granted")
    return proof.level
