"""The question of a makelaar: for whom may this person act at this service? (Interface specifications HM-MR)"""

from dataclasses import dataclass
from datetime import datetime

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.domain.identifiers import InternalPseudonym
from broker.domain.personal import RawMessage
from broker.domain.portals import services_behind
from broker.domain.portals import within_reach
from broker.domain.services import Service
from broker.exchange.incoming import Incoming
from broker.exchange.receiving import require_destination
from broker.exchange.sending import PREFERRED
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.machtigingenregister.evidence import ProvenLogin
from broker.network.machtigingenregister.evidence import open_subject
from broker.network.machtigingenregister.evidence import prove_login
from broker.network.machtigingenregister.evidence import require_about
from broker.ports import Role
from broker.saml.decision_query import DecisionQuery
from broker.saml.decision_query import read_decision_query
from broker.saml.encryption import Recipient
from broker.saml.errors import MalformedMessage
from broker.saml.errors import UnknownAssertionConsumerService
from broker.saml.parsing import reparse
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.signature import Verified


@dataclass(frozen=True, slots=True)
class Question:
    """A question that can be answered: about a proven login, a known service, and for whom to encrypt.

    ``behind`` are, at a portal, the services that it stands for and the login is strong enough for.
    """

    query: DecisionQuery
    login: ProvenLogin
    subject: InternalPseudonym
    service: Service
    dienstverlener: Recipient
    behind: tuple[Service, ...] = ()


def receive(assembled: Assembled, incoming: Incoming) -> tuple[Partner, bytes, DecisionQuery]:
    """A question that is proven to be the makelaar's, for us, and new; also as it arrived. Raises a ``SamlError``."""
    receiver = assembled.station.receiver
    partner, verified = receiver.request(incoming, Role.HM)
    query = read_decision_query(verified)
    require_destination(query.destination, {assembled.public_url + paths.MR_DECISION})
    receiver.require_fresh(query.id, query.issue_instant, query.issuer)
    consumer(partner, query)
    return partner, verified.raw.reveal_bytes(), query


def read_again(makelaar: Partner, raw: bytes) -> DecisionQuery:
    """The question in bytes that ``receive`` gave before, and that we kept ourselves."""
    return read_decision_query(Verified(reparse(raw), makelaar.entity_id, "", "", RawMessage(raw)))


def consumer(makelaar: Partner, query: DecisionQuery) -> Endpoint:
    """Where the answer goes. Raises ``UnknownAssertionConsumerService``."""
    if query.acs_index is None:
        raise UnknownAssertionConsumerService("an answer by browser needs an AssertionConsumerServiceIndex")
    return makelaar.consumer(index=query.acs_index, url=None, bindings=PREFERRED)


def understand(
    assembled: Assembled, dienstencatalogus: Dienstencatalogus, makelaar: Partner, query: DecisionQuery
) -> Question:
    """Prove what a received question rests on, and look up the service.

    May be done again for a later page of the same login, since it does not ask whether the login is still of this
    moment. Raises a ``SamlError`` or ``PartnerUnavailable``.
    """
    if len(query.assertions) != 1:
        raise MalformedMessage("the question needs the assertion of the authenticatiedienst, and no other")
    login = prove_login(assembled, query.assertions[0])
    require_about(login.said, query)
    subject = open_subject(assembled, login.said)
    now = assembled.station.own.clock()
    service, dienstverlener, behind = find_service(dienstencatalogus, makelaar, query, now)
    return Question(query, login, subject, service, dienstverlener, within_reach(behind, login.said.level))


def find_service(
    dienstencatalogus: Dienstencatalogus, makelaar: Partner, query: DecisionQuery, now: datetime
) -> tuple[Service, Recipient, tuple[Service, ...]]:
    """The service that is asked for, its dienstverlener to encrypt for, and of a portal the services behind it.

    Raises ``MalformedMessage`` when the dienstencatalogus does not have it so, ``NobodyToEncryptFor`` when it has
    nothing to encrypt with that is in force, ``PartnerUnavailable`` without catalogue.
    """
    catalogue = dienstencatalogus.of(makelaar, query.service_id, query.service_uuid, query.catalogue)
    service = catalogue.services.get(query.service_id)
    if service is None or service.service_uuid != query.service_uuid:
        raise MalformedMessage("the dienstencatalogus has no such service")
    recipient = catalogue.recipient(query.service_id, query.intended_audience, now)
    behind = services_behind(service, catalogue.services.values())
    return service, recipient, behind
