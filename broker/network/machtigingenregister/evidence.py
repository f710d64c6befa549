"""The assertions that come along with a question: proven again here, whoever handed them over."""

from dataclasses import dataclass

from broker.assembly.party import Assembled
from broker.domain.identifiers import InternalPseudonym
from broker.network.subjects import subject_at
from broker.ports import Role
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import read_authorization
from broker.saml.decision_query import DecisionQuery
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import MalformedMessage
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.parsing import parse
from broker.saml.reading import issuer
from broker.saml.signature import Verified
from broker.saml.signature import verify


@dataclass(frozen=True, slots=True)
class ProvenLogin:
    """What the authenticatiedienst declared, with the signature value by which others refer to it."""

    said: AuthenticationAssertion
    signature_value: str


@dataclass(frozen=True, slots=True)
class ProvenLink:
    """What the first register of a chain declared, with the signature value by which others refer to it."""

    said: AuthorizationAssertion
    signature_value: str


def prove_login(assembled: Assembled, assertion: bytes) -> ProvenLogin:
    """The assertion of an authenticatiedienst that we know. Raises a ``SamlError``."""
    verified = _prove(assembled, assertion, Role.AD)
    return ProvenLogin(read_authentication(verified.element), verified.signature_value)


def prove_link(assembled: Assembled, assertion: bytes) -> ProvenLink:
    """The assertion of another register that we know. Raises a ``SamlError``."""
    verified = _prove(assembled, assertion, Role.MR)
    return ProvenLink(read_authorization(verified.element), verified.signature_value)


def _prove(assembled: Assembled, assertion: bytes, role: Role) -> Verified:
    element = parse(assertion)
    partner = assembled.station.partners.find(issuer(element), role)
    return verify(element, partner.signing, partner.entity_id)


def require_about(login: AuthenticationAssertion, query: DecisionQuery) -> None:
    """Raise ``UnexpectedAnswer`` unless the login is the one that the question is about, and strong enough."""
    if login.frame.name_id != query.subject_id:
        raise UnexpectedAnswer("the question is about another login")
    if login.service_uuid not in (None, query.service_uuid):
        raise UnexpectedAnswer("the login was for another service")
    if query.intended_audience not in login.frame.audiences:
        raise UnexpectedAnswer("the login was for another dienstverlener")
    if login.level < query.level:
        raise UnexpectedAnswer("the level asked is higher than that of the login")


def open_subject(assembled: Assembled, login: AuthenticationAssertion) -> InternalPseudonym:
    """The person, as this register knows them. Raises ``UnexpectedAnswer`` when the login is not meant for us."""
    us = assembled.party.entity_id
    if not login.representation or login.registry != us or us not in login.frame.audiences:
        raise UnexpectedAnswer("the login names another register")
    if len(login.acting_subject) != 1:
        raise MalformedMessage("exactly one ActingSubjectID is needed")
    opened = decrypt_identifier(login.acting_subject[0], assembled.signer, us)
    try:
        return subject_at(login.frame.issuer, opened.value)
    except ValueError:
        raise DecryptionFailed("the pseudonym of the authenticatiedienst is not well-formed") from None


def require_link(link: AuthorizationAssertion, login: ProvenLogin, query: DecisionQuery, us: str) -> None:
    """Raise ``UnexpectedAnswer`` unless the link asks us to confirm it, rests on this login, and fits the question."""
    if link.confirm_at != us or link.obligations != (REQUIRE_CONFIRMATION,) or not link.is_permit:
        raise UnexpectedAnswer("the first register does not ask us for confirmation")
    if link.frame.audiences and us not in link.frame.audiences:
        raise UnexpectedAnswer("the assertion of the first register is for others")
    if link.assertion_id_ref != login.said.frame.id or link.linked_signature_value != login.signature_value:
        raise UnexpectedAnswer("the first register rests on another login")
    if login.said.registry != link.frame.issuer:
        raise UnexpectedAnswer("the login names another first register")
    if link.service_uuid != query.service_uuid:
        raise UnexpectedAnswer("the first register decided about another service")
    if link.level_used < query.level:
        raise UnexpectedAnswer("the first register used a level lower than was asked")
