"""The machtigingenregister: what it is asked, and whether its answer is believed, for one register and for a chain.

Interface specifications HM-MR and HM-MR chain authorization. The obligation of a chain must be discharged by a second
register before anything is told to the dienstverlener; an obligation we do not know means no (XACML 2.0, 7.14).
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from typing import Final

from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import asked_of
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.levels import effective_level
from broker.domain.machtigingen import Reason
from broker.domain.personal import PersonalData
from broker.domain.portals import services_in_answer
from broker.domain.services import Service
from broker.journey.attributes import LACKING
from broker.journey.attributes import lacks_attributes
from broker.journey.authentication import require_answers
from broker.journey.record import Journey
from broker.journey.refusals import Kind
from broker.journey.refusals import known
from broker.journey.table import Event
from broker.saml.assertion import require_in_force
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import read_authorization
from broker.saml.decision_query import DecisionQuery
from broker.saml.encryption import EncryptedId
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.response import OpenedResponse
from broker.saml.status import Status

_SAID_OF_THE_CHAIN: Final[Mapping[str, Reason]] = {
    Reason.NO_MACHTIGING: Reason.CHAIN_NO_MACHTIGING,
    Reason.LEVEL_TOO_LOW: Reason.CHAIN_LEVEL_TOO_LOW,
}

Limits = tuple[str | None, str | None]
"""The vestiging and the subdossier to which a machtiging is limited, None for the whole company."""
UNLIMITED: Final[Limits] = (None, None)


@dataclass(frozen=True, slots=True)
class Authorized:
    """An answer that is believed: the event it means, a refusal code when it is a refusal, and the assertion."""

    event: Event
    code: str | None = None
    assertion: AuthorizationAssertion | None = None


@dataclass(frozen=True, slots=True)
class Believed:
    """An assertion we rest on: its ID, its signature value, and itself as it was received."""

    id: str
    signature_value: str
    raw: bytes = field(repr=False)


def decision_query(
    journey: Journey,
    service: Service,
    authentication: AuthenticationAssertion,
    evidence: tuple[bytes, ...],
    *,
    query_id: str,
    makelaar: str,
    destination: str,
    acs_index: int | None,
    now: datetime,
    wants_plain: bool = False,
    catalogue: str | None = None,
) -> DecisionQuery:
    """The question to a register; ``acs_index`` None asks for an answer on the same line.

    On that line nobody can be asked for consent, so attributes are asked of a register that shows a screen only.
    ``wants_plain`` is for a dienstverlener that cannot take its identifiers as ciphertext; ``catalogue`` is, in a test
    login, the one that knows the service.
    """
    return DecisionQuery(
        id=query_id,
        issue_instant=now,
        issuer=makelaar,
        destination=destination,
        subject_id=authentication.frame.name_id,
        service_id=service.service_id,
        service_uuid=service.service_uuid,
        level=journey.required_level,
        intended_audience=journey.recipient,
        assertions=evidence,
        acs_index=acs_index,
        wants_plain=wants_plain,
        catalogue=catalogue,
        requested_attributes=() if acs_index is None else asked_of(AttributeOwner.MR, journey.attributes),
    )


def judge_authorization(
    journey: Journey,
    opened: OpenedResponse,
    *,
    link: Believed,
    makelaar: str,
    service: Service,
    acs: str,
    now: datetime,
    behind: Sequence[Service] = (),
) -> Authorized:
    """What the verified answer of the (first) register means. Raises a ``SamlError`` for one not to be believed.

    ``behind`` are, at a portal, the services that it stands for and the login is strong enough for.
    """
    require_answers(opened, journey.mr_request, acs)
    if opened.assertion is None:
        return _refused(opened.response.status, Event.CANCELLED_AT_MR, "machtigingenregister-fout")
    assertion = read_authorization(opened.assertion.element)
    # HM-MR asks for no bearer confirmation; one that is there must be about this question all the same.
    if (assertion.frame.in_response_to, assertion.frame.recipient) not in (
        (None, None),
        (journey.mr_request, acs),
    ):
        raise UnexpectedAnswer("the assertion answers another request")
    about = _services(assertion, service, behind)
    if denied := _judge_common(journey, assertion, link, makelaar, service, about, now):
        return denied
    in_chain = assertion.confirm_at is not None
    if lacks_attributes(journey, AttributeOwner.MR, assertion.attributes, in_chain=in_chain):
        return Authorized(Event.NOT_AUTHORISED, LACKING)
    if assertion.confirm_at is not None:
        return _judge_first_link(journey, assertion, about)
    if assertion.obligations:
        raise UnexpectedAnswer("an obligation that we do not know")
    if assertion.intermediate_subject:
        raise UnexpectedAnswer("an intermediary whom no second register confirms")
    _require_for(journey.recipient, assertion.legal_subject, "LegalSubjectID")
    _require_for(journey.recipient, assertion.acting_subject, "ActingSubjectID")
    return Authorized(Event.AUTHORISED, None, assertion)


def _judge_first_link(
    journey: Journey, assertion: AuthorizationAssertion, about: Sequence[Service]
) -> Authorized:
    second = assertion.confirm_at or ""
    if assertion.obligations != (REQUIRE_CONFIRMATION,):
        raise UnexpectedAnswer("an obligation that we do not know, or one that stands twice")
    if not all(each.accepts_ketenmachtiging for each in about):
        return Authorized(Event.NOT_AUTHORISED, Reason.CHAIN_NOT_ACCEPTED)
    _require_for(second, assertion.legal_subject, "LegalSubjectID")
    _require_for(journey.recipient, assertion.acting_subject, "ActingSubjectID")
    _require_for(journey.recipient, assertion.intermediate_subject, "IntermediateSubjectID")
    return Authorized(Event.CHAIN_FOUND, None, assertion)


def judge_confirmation(
    journey: Journey,
    opened: OpenedResponse,
    *,
    query_id: str,
    link: Believed,
    makelaar: str,
    service: Service,
    now: datetime,
    behind: Sequence[Service] = (),
    offered: Collection[str] = (),
    limits: Limits = UNLIMITED,
) -> Authorized:
    """What the verified answer of the second register means. Raises a ``SamlError`` for one not to be believed.

    ``behind`` are, at a portal, the services that it stands for and the login is strong enough for; ``offered`` the
    ServiceIDs that the first register named, and ``limits`` the part of the company that it named, if any. What only
    one of the two registers allows is not allowed.
    """
    require_answers(opened, query_id, None)
    if opened.assertion is None:
        return _refused(opened.response.status, Event.NOT_AUTHORISED, "keten-niet-bevestigd")
    assertion = read_authorization(opened.assertion.element)
    about = _services(assertion, service, behind)
    both = tuple(each for each in about if each.service_id in offered) if service.is_portal else about
    if denied := _judge_common(journey, assertion, link, makelaar, service, both, now):
        if assertion.is_permit and about and not both:
            return Authorized(Event.NOT_AUTHORISED, Reason.CHAIN_OTHER_SERVICE)
        # It is what the client granted that falls short here, not what the person was granted.
        return replace(denied, code=_SAID_OF_THE_CHAIN.get(denied.code or "", denied.code))
    if assertion.obligations:
        raise UnexpectedAnswer("only one intermediary is allowed")
    if assertion.attributes:
        raise UnexpectedAnswer("attributes that were not asked for")
    # The answer has the limits of the second register; one that only the first set would be lost.
    if any(first not in (None, second) for first, second in zip(limits, limits_of(assertion), strict=True)):
        raise UnexpectedAnswer(
            "the first register limited the machtiging, and the second does not confirm that"
        )
    _require_for(journey.recipient, assertion.legal_subject, "LegalSubjectID")
    return Authorized(Event.CONFIRMED, None, assertion)


def limits_of(assertion: AuthorizationAssertion) -> Limits:
    """To which part of the company the assertion limits the person."""
    return assertion.vestiging, assertion.subdossier


def named_by_both(first: AuthorizationAssertion, second: AuthorizationAssertion | None) -> tuple[str, ...]:
    """The ServiceIDs in the answer of the first register that the second one, in a chain, names too."""
    if second is None:
        return first.service_ids
    return tuple(service_id for service_id in first.service_ids if service_id in second.service_ids)


def used_level(authentication: LevelOfAssurance, *registers: AuthorizationAssertion) -> LevelOfAssurance:
    """The effective level: the lowest of middel and every LevelOfAssuranceUsed (snippet LoA rule HM)."""
    return effective_level(authentication, *(register.level_used for register in registers))


def _judge_common(
    journey: Journey,
    assertion: AuthorizationAssertion,
    link: Believed,
    makelaar: str,
    service: Service,
    about: Sequence[Service],
    now: datetime,
) -> Authorized | None:
    """The checks every register's assertion must pass; a refusal when it says no, None when all is well.

    ``about`` are the services it names: ``service`` itself, or at a portal those behind it that may be used.
    """
    require_in_force(assertion.frame, now)
    audiences = assertion.frame.audiences
    # Real registers leave them out (Interface specifications HM-MR, examples); those that are there must be about us.
    if audiences and makelaar not in audiences and journey.recipient not in audiences:
        raise UnexpectedAnswer("the assertion is for another audience")
    if assertion.assertion_id_ref != link.id or assertion.linked_signature_value != link.signature_value:
        raise UnexpectedAnswer("the assertion is not linked to the one it must rest on")
    if assertion.service_uuid != service.service_uuid:
        raise UnexpectedAnswer("the decision is about another service")
    _require_number(assertion.vestiging, Vestigingsnummer)
    _require_number(assertion.subdossier, Subdossiernummer)
    if not assertion.is_permit or not about:
        return Authorized(Event.NOT_AUTHORISED, Reason.NO_MACHTIGING)
    if assertion.level_used < journey.required_level:
        return Authorized(Event.LEVEL_TOO_LOW, Reason.LEVEL_TOO_LOW)
    if assertion.vestiging is not None and not all(each.accepts_vestiging for each in about):
        return Authorized(Event.NOT_AUTHORISED, Reason.VESTIGING_NOT_ACCEPTED)
    if assertion.subdossier is not None and not all(each.accepts_subdossier for each in about):
        return Authorized(Event.NOT_AUTHORISED, Reason.SUBDOSSIER_NOT_ACCEPTED)
    return None


def _services(
    assertion: AuthorizationAssertion, service: Service, behind: Sequence[Service]
) -> tuple[Service, ...]:
    about = services_in_answer(service, behind, assertion.service_ids)
    # A register that says no may leave the services of a portal out, or repeat what it was asked.
    if about is None and not assertion.is_permit and assertion.service_ids == (service.service_id,):
        return ()
    if about is None:
        raise UnexpectedAnswer("the decision is about another service")
    return about


def _require_number(text: str | None, kind: type[PersonalData]) -> None:
    if text is None:
        return
    try:
        kind(text)
    except ValueError:
        raise UnexpectedAnswer(f"a restriction that is no {kind.__name__}") from None


def _require_for(recipient: str, identifiers: tuple[EncryptedId, ...], name: str) -> None:
    if not identifiers or any(recipient not in identifier.recipients for identifier in identifiers):
        raise UnexpectedAnswer(f"{name} is not there, or not encrypted for whom it must be")


def _refused(status: Status, cancelled: Event, technical: str) -> Authorized:
    if status.is_undeliverable:
        code = known(status.reason, "identificatie-niet-leverbaar", Kind.RESPONDER_UNSUPPORTED)
        return Authorized(Event.NOT_AUTHORISED, code)
    if not status.is_authn_failed:
        return Authorized(Event.MR_FAILED, technical)
    if status.reason in (None, "geannuleerd") and cancelled is Event.CANCELLED_AT_MR:
        return Authorized(cancelled)
    in_chain = cancelled is not Event.CANCELLED_AT_MR
    code = known(status.reason, Reason.CHAIN_NO_MACHTIGING if in_chain else Reason.NO_MACHTIGING)
    return Authorized(Event.NOT_AUTHORISED, code)
