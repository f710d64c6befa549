"""eIDAS inbound: people from other member states, whom the eIDAS-berichtenservice (EB) logs in.

Interface specifications HM-EB. The EB is authenticatiedienst and register in one: one Response holds an assertion like
that of an authenticatiedienst, and with representation one like that of a register. There is no list to choose from.
"""

from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Final

from broker.domain.attributes import AttributeOwner
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Reason
from broker.domain.services import Service
from broker.journey.attributes import LACKING
from broker.journey.attributes import lacks_attributes
from broker.journey.authentication import authentication_request
from broker.journey.authentication import require_answers
from broker.journey.authentication import require_recent
from broker.journey.record import Journey
from broker.journey.refusals import Kind
from broker.journey.refusals import known
from broker.journey.table import Event
from broker.journey.table import State
from broker.saml.assertion import require_confirmed
from broker.saml.assertion import require_in_force
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import is_authorization
from broker.saml.authorization import read_authorization
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encryption import EncryptedId
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import STATUS_NO_BSN
from broker.saml.names import STATUS_REQUESTER
from broker.saml.partner import Partner
from broker.saml.reading import any_level
from broker.saml.response import OpenedResponse
from broker.saml.signature import Verified
from broker.saml.status import Status

MOST_ASSERTIONS: Final = 2
"""In one Response of an EB: who it is, and for which company.

Past it: `antwoord-ongeldig`, thrown away."""

CANCELLED: Final = "geannuleerd"

_OF_THE_REQUEST: Final = frozenset({"bsn-niet-toegestaan", "eidas-geen-portaal"})
"""Reasons of an EB that say what about the dienstverlener's request cannot be."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What an EB declared and is believed: each assertion as it was read, and as it was received."""

    authentication: AuthenticationAssertion
    authorization: AuthorizationAssertion | None
    assertions: tuple[Verified, ...]

    @property
    def acting_subject(self) -> tuple[EncryptedId, ...]:
        """The person: as the assertion about the company calls them, if there is one and it does."""
        return (
            self.authorization and self.authorization.acting_subject
        ) or self.authentication.acting_subject

    @property
    def legal_subject(self) -> tuple[EncryptedId, ...]:
        """The company; empty without representation."""
        return self.authorization.legal_subject if self.authorization else ()

    @property
    def attributes(self) -> tuple[EncryptedAttribute, ...]:
        """What was asked of the person and of the company: an EB may give both (Attribuutcatalogus)."""
        of_company = self.authorization.attributes if self.authorization else ()
        return (*self.authentication.attributes, *of_company)

    @property
    def level(self) -> LevelOfAssurance:
        """The effective level: the lowest of login and representation (snippet LoA rule HM)."""
        if self.authorization is None:
            return self.authentication.level
        return min(self.authentication.level, self.authorization.level_used)


@dataclass(frozen=True, slots=True)
class Declared:
    """An answer that is believed: the event it means, a refusal code when it is a refusal, and what it proves."""

    event: Event
    code: str | None = None
    proven: Proven | None = None


def objection(service: Service, wanted: Collection[str], berichtenservices: Collection[str]) -> str | None:
    """Why this service cannot be used as it is asked, when that is about eIDAS: the code of a refusal.

    ``wanted`` is whom the dienstverlener has chosen beforehand. An EB serves no portal, and no service that is not
    classified for it (Interface specifications HM-EB).
    """
    to_eb = bool(wanted) and set(wanted) <= set(berichtenservices)
    if not service.is_eidas_inbound and not to_eb:
        return None
    if service.is_portal:
        return "eidas-geen-portaal"
    return None if service.is_eidas_inbound else "eidas-niet-mogelijk"


def first_state(service: Service) -> State:
    """Where a login for this service begins: at the list, or on the way to the EB (Dialoogbeschrijving HM)."""
    return State.FORWARDING if service.is_eidas_inbound else State.CHOOSING


def choose_eb(
    berichtenservices: Iterable[Partner], level: LevelOfAssurance, wanted: Collection[str]
) -> Partner | None:
    """The EB to ask: the one the dienstverlener chose, else the first that can deliver the level; None without."""
    able = [
        each
        for each in berichtenservices
        if each.level is not None and each.level >= level and each.can_be_asked
    ]
    return next((each for each in able if each.entity_id in wanted), next(iter(able), None))


def eidas_request(
    journey: Journey,
    service: Service,
    *,
    request_id: str,
    makelaar: str,
    destination: str,
    acs_index: int,
    now: datetime,
    catalogue: str | None = None,
) -> AuthnRequest:
    """The question to the EB: that to an authenticatiedienst, about the instance of the service.

    An eHerkenning service and an eIDAS service may share a definition; only the instance is classified. Attributes of
    the company are asked along: there is nobody else to ask them of.
    """
    request = authentication_request(
        journey,
        service,
        request_id=request_id,
        makelaar=makelaar,
        destination=destination,
        acs_index=acs_index,
        now=now,
        catalogue=catalogue,
    )
    return replace(request, service_uuid=service.instance_uuid, requested_attributes=journey.attributes)


def judge_eidas(
    journey: Journey,
    opened: OpenedResponse,
    *,
    certified: LevelOfAssurance | None,
    makelaar: str,
    service: Service,
    acs: str,
    now: datetime,
) -> Declared:
    """What the verified answer of the EB means for this login.

    ``certified`` is the highest level of the EB in its metadata. Raises a ``SamlError`` for an answer that is not to be
    believed: to another request, for another audience, outside its time, of two assertions that do not belong
    together, or with identifiers that are not for the dienstverlener.
    """
    require_answers(opened, journey.ad_request, acs)
    if opened.assertion is None:
        return _refused(opened.response.status)
    person, company = _told_apart((opened.assertion, *opened.further))
    authentication = read_authentication(person.element, any_level)
    require_in_force(authentication.frame, now)
    require_confirmed(
        authentication.frame, in_response_to=journey.ad_request or "", recipient=acs, audience=makelaar
    )
    require_recent(journey, authentication, now)
    if authentication.service_uuid not in (None, service.service_uuid, service.instance_uuid):
        raise UnexpectedAnswer("the assertion is about another service")
    if authentication.registry not in (None, authentication.frame.issuer):
        raise UnexpectedAnswer("the assertion names a machtigingenregister")
    if authentication.representation != (company is not None):
        raise UnexpectedAnswer("Representation does not fit the number of assertions")
    if certified is None or authentication.level > certified:
        raise UnexpectedAnswer("the level is higher than the eIDAS-berichtenservice is certified for")
    authorization = None
    if company is not None:
        authorization = read_authorization(company.element, any_level)
        _require_bound(journey, authorization, authentication, person, makelaar, service, acs, now)
        _require_for(journey.dienstverlener, authorization.legal_subject, "LegalSubjectID")
    lacking = lacks_attributes(journey, AttributeOwner.AD, authentication.attributes)
    of_company = authorization.attributes if authorization else ()
    lacking = lacks_attributes(journey, AttributeOwner.MR, of_company) or lacking
    proven = Proven(authentication, authorization, (person,) if company is None else (person, company))
    _require_for(journey.dienstverlener, proven.acting_subject, "ActingSubjectID")
    if authorization is not None and not authorization.is_permit:
        return Declared(Event.EB_REFUSED, Reason.NO_MACHTIGING)
    if authentication.level < journey.required_level:
        return Declared(Event.LEVEL_TOO_LOW, "niveau-te-laag")
    if proven.level < journey.required_level:
        return Declared(Event.LEVEL_TOO_LOW, Reason.LEVEL_TOO_LOW)
    if lacking:
        return Declared(Event.EB_REFUSED, LACKING)
    return Declared(Event.DECLARED_BY_EB, None, proven)


def _told_apart(assertions: tuple[Verified, ...]) -> tuple[Verified, Verified | None]:
    """The assertion about the person and the one about the company, None without. No order is prescribed."""
    companies = [each for each in assertions if is_authorization(each.element)]
    persons = [each for each in assertions if not is_authorization(each.element)]
    if len(persons) != 1 or len(companies) > 1:
        raise UnexpectedAnswer("one assertion about the person is needed, and at most one about the company")
    return persons[0], next(iter(companies), None)


def _require_bound(
    journey: Journey,
    authorization: AuthorizationAssertion,
    authentication: AuthenticationAssertion,
    person: Verified,
    makelaar: str,
    service: Service,
    acs: str,
    now: datetime,
) -> None:
    """Raise unless the assertion about the company rests on the one about the person, for this service and now."""
    frame = authorization.frame
    require_in_force(frame, now)
    if (frame.in_response_to, frame.recipient) not in ((None, None), (journey.ad_request, acs)):
        raise UnexpectedAnswer("the assertion answers another request")
    if frame.audiences and makelaar not in frame.audiences and journey.dienstverlener not in frame.audiences:
        raise UnexpectedAnswer("the assertion is for another audience")
    if authorization.assertion_id_ref != authentication.frame.id:
        raise UnexpectedAnswer("the assertion refers to another login")
    if authorization.linked_signature_value != person.signature_value:
        raise UnexpectedAnswer("the assertion is linked to another login")
    if authorization.service_id != service.service_id or authorization.service_uuid not in (
        service.service_uuid,
        service.instance_uuid,
    ):
        raise UnexpectedAnswer("the decision is about another service")
    if authorization.obligations or authorization.intermediate_subject:
        raise UnexpectedAnswer("at eIDAS there is no chain")
    # Left out of the answer they would make a machtiging for a part one for the whole company.
    if authorization.vestiging is not None or authorization.subdossier is not None:
        raise UnexpectedAnswer("at eIDAS there is no vestiging and no subdossier")


def _require_for(recipient: str, identifiers: tuple[EncryptedId, ...], name: str) -> None:
    if not identifiers or any(recipient not in identifier.recipients for identifier in identifiers):
        raise UnexpectedAnswer(f"{name} is not there, or not encrypted for the dienstverlener")


def _refused(status: Status) -> Declared:
    if status.second == STATUS_NO_BSN:
        return Declared(Event.EB_REFUSED, "geen-bsn")
    if status.is_authn_failed:
        code = known(status.reason, CANCELLED)
        if code == CANCELLED:
            return Declared(Event.CANCELLED_AT_EB)
        return Declared(Event.LEVEL_TOO_LOW if code == "niveau-te-laag" else Event.EB_REFUSED, code)
    if status.is_undeliverable:
        code = known(status.reason, "identificatie-niet-leverbaar", Kind.RESPONDER_UNSUPPORTED)
        return Declared(Event.EB_REFUSED, code)
    if status.top == STATUS_REQUESTER:
        code = status.reason if status.reason in _OF_THE_REQUEST else "eidas-niet-mogelijk"
        return Declared(Event.EB_REFUSED, code)
    return Declared(Event.EB_FAILED, "berichtenservice-fout")
