"""The second half of a chain: confirming, on the back channel, that a client lets an intermediary act for it.

Interface specifications HM-MR chain authorization. The makelaar passes on what the first register declared; only we
can read which client and which intermediary that is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Proof
from broker.domain.machtigingen import choose_widest
from broker.domain.machtigingen import decide_chain
from broker.domain.machtigingen import decide_each
from broker.domain.machtigingen import explain_refusal
from broker.domain.portals import services_in_answer
from broker.domain.portals import within_reach
from broker.domain.services import Service
from broker.exchange.receiving import require_destination
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.machtigingenregister.declarations import Declarer
from broker.network.machtigingenregister.declarations import in_clear
from broker.network.machtigingenregister.evidence import prove_link
from broker.network.machtigingenregister.evidence import prove_login
from broker.network.machtigingenregister.evidence import require_about
from broker.network.machtigingenregister.evidence import require_link
from broker.network.machtigingenregister.options import known_organisation
from broker.network.machtigingenregister.questions import find_service
from broker.network.responses import NOT_DELIVERABLE
from broker.network.responses import refused
from broker.network.responses import sign_response
from broker.ports import MachtigingenStore
from broker.ports import Role
from broker.saml.assertion import require_in_force
from broker.saml.decision_query import read_decision_query
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import UnexpectedAnswer
from broker.saml.policy import LIFETIMES
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from broker.saml.status import Status

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChainDesk:
    """Answers the questions of makelaars about ketenmachtigingen."""

    assembled: Assembled
    store: MachtigingenStore
    dienstencatalogus: Dienstencatalogus
    declarer: Declarer

    def answer(self, envelope: bytes) -> bytes:
        """The envelope with the signed Response. Raises a ``SamlError`` or ``PartnerUnavailable``."""
        station, us = self.assembled.station, self.assembled.party.entity_id
        makelaar, verified = station.receiver.back_channel_request(unwrap(envelope), Role.HM)
        query = read_decision_query(verified)
        require_destination(query.destination, {self.assembled.public_url + paths.MR_CHAIN})
        station.receiver.require_fresh(query.id, query.issue_instant, query.issuer)
        if len(query.assertions) != 2:
            raise MalformedMessage("the question needs the assertions of login and first register")
        login = prove_login(self.assembled, query.assertions[0])
        link = prove_link(self.assembled, query.assertions[1])
        now = station.own.clock()
        require_about(login.said, query)
        require_link(link.said, login, query, us)
        require_in_force(link.said.frame, now)
        # The login itself may have lapsed while the person was choosing at the first register, which took it in time.
        if now - login.said.frame.issue_instant > LIFETIMES.journey:
            raise OutsideTimeWindow("the login is too long ago")
        service, dienstverlener, behind = find_service(self.dienstencatalogus, makelaar, query, now)
        named = services_in_answer(service, within_reach(behind, login.said.level), link.said.service_ids)
        if not named:
            raise UnexpectedAnswer("the first register decided about another service")
        client, intermediary = self._kvk(link.said.legal_subject), self._kvk(link.said.intermediate_subject)
        if client == intermediary:
            raise MalformedMessage("client and intermediary are the same company")
        proof = self._decide(service, named, client, intermediary, query.level, now)
        outcome: bytes | Status
        if not proof.granted:
            reason = explain_refusal([proof]).value
            log.info(
                "chain_refused", partner=makelaar.entity_id, service_id=service.service_id, reason=reason
            )
            outcome = refused(reason)
        else:
            organisation = known_organisation(self.store, client)
            subject = self.declarer.legal_subject(service, dienstverlener, organisation, proof)
            log.info("chain_confirmed", partner=makelaar.entity_id, service_id=service.service_id)
            concerned = in_clear(query, service, organisation, proof)
            outcome = (
                self.declarer.second_half(query, link, subject, proof, concerned)
                if subject
                else NOT_DELIVERABLE
            )
        return wrap(sign_response(self.assembled, query.id, None, outcome))

    def _decide(
        self,
        service: Service,
        named: Sequence[Service],
        client: KvkNumber,
        intermediary: KvkNumber,
        required: LevelOfAssurance,
        now: datetime,
    ) -> Proof:
        """Whether the client lets the intermediary act; at a portal at which of the services the first register named.

        What the client limited to a part of itself goes with other services in one answer only if all are so limited:
        no person is there to choose.
        """
        granted = self.store.ketenmachtigingen_between(client, intermediary)

        def decide_one(one: Service, level: LevelOfAssurance) -> Proof:
            return decide_chain(
                granted, client=client, intermediary=intermediary, service=one, required=level, now=now
            )

        if not service.is_portal:
            return decide_one(service, required)
        return choose_widest(decide_each(named, required, lambda one, level: (decide_one(one, level),)))

    def _kvk(self, values: tuple[EncryptedId, ...]) -> KvkNumber:
        """The one KvK-nummer that was encrypted for us."""
        if len(values) != 1:
            raise MalformedMessage("exactly one identifier of each company is needed")
        opened = decrypt_identifier(values[0], self.assembled.signer, self.assembled.party.entity_id)
        if opened.qualifier != IdentifierType.KVKNR.value:
            raise DecryptionFailed("the identifier is not a KvK-nummer")
        try:
            return KvkNumber(opened.value)
        except ValueError:
            raise DecryptionFailed("the identifier is not a KvK-nummer") from None
