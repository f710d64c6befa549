"""The authenticatiedienst: who may be chosen, what it is asked, and whether its answer is believed."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import asked_of
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.journey.attributes import LACKING
from broker.journey.attributes import lacks_attributes
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.saml.assertion import require_confirmed
from broker.saml.assertion import require_in_force
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import STATUS_REQUESTER
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.response import OpenedResponse
from broker.saml.status import Status


def _continues_nothing(_instant: datetime) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Authenticated:
    """An answer that is believed: the event it means, a refusal code when it is a refusal, and the assertion."""

    event: Event
    code: str | None = None
    assertion: AuthenticationAssertion | None = None


def eligible(diensten: Iterable[Partner], level: LevelOfAssurance, lang: str) -> list[Partner]:
    """The authenticatiediensten that can deliver level and identifier, alphabetical by display name.

    Screen rule A8; the list that dienstverleners get (RequestADlist) is made by the same rule.
    """
    able = [
        dienst
        for dienst in diensten
        if dienst.level is not None
        and dienst.level >= level
        and dienst.identifies_persons
        and dienst.can_be_asked
    ]
    return sorted(able, key=lambda dienst: (dienst.display_name(lang).casefold(), dienst.entity_id))


def within_scope(able: list[Partner], scoped: Collection[str]) -> list[Partner]:
    """Those the dienstverlener limits the choice to, by entityID; all of them when none of those is able."""
    return [dienst for dienst in able if dienst.entity_id in scoped] or able


def authentication_request(
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
    """The question to the authenticatiedienst (Interface specifications HM-AD).

    It asks for a new login when the dienstverlener does, when the service has not joined single sign-on, and from the
    second question in one login on: who chooses again may want to be somebody else. ``catalogue`` is, in a test login,
    the one that knows the service.
    """
    return AuthnRequest(
        id=request_id,
        issue_instant=now,
        issuer=makelaar,
        destination=destination,
        acs_index=acs_index,
        force_authn=(
            journey.force_authn or not service.sso_support or journey.authenticatiedienst is not None
        ),
        provider_name=journey.provider_name or service.dienstverlener_name("nl"),
        level=journey.required_level,
        service_uuid=service.service_uuid,
        intended_audience=journey.recipient,
        requested_attributes=asked_of(AttributeOwner.AD, journey.attributes),
        catalogue=catalogue,
    )


def judge_authentication(
    journey: Journey,
    opened: OpenedResponse,
    *,
    certified: LevelOfAssurance | None,
    makelaar: str,
    service: Service,
    acs: str,
    now: datetime,
    continues: Callable[[datetime], bool] = _continues_nothing,
) -> Authenticated:
    """What the verified answer of the chosen authenticatiedienst means for this login.

    ``certified`` is the highest level of the authenticatiedienst in its metadata; ``continues`` tells whether this
    browser heard, less than two hours ago, of a login at this authenticatiedienst at that moment. Raises a
    ``SamlError`` for an answer that is not to be believed: to another request, for another audience, outside its time,
    resting on a login that may not be used, or with a level that does not exist or that this authenticatiedienst
    cannot deliver.
    """
    require_answers(opened, journey.ad_request, acs)
    if opened.assertion is None:
        return _refused(journey, opened.response.status)
    assertion = read_authentication(opened.assertion.element)
    require_in_force(assertion.frame, now)
    require_confirmed(
        assertion.frame, in_response_to=journey.ad_request or "", recipient=acs, audience=makelaar
    )
    require_recent(journey, assertion, now, continues)
    if assertion.service_uuid not in (None, service.service_uuid, service.instance_uuid):
        raise UnexpectedAnswer("the assertion is about another service")
    if not assertion.representation or not assertion.registry:
        raise UnexpectedAnswer("the assertion names no machtigingenregister")
    if not assertion.acting_subject or any(
        assertion.registry not in subject.recipients for subject in assertion.acting_subject
    ):
        raise UnexpectedAnswer("the acting subject is not encrypted for the machtigingenregister")
    if certified is None or assertion.level > certified:
        raise UnexpectedAnswer("the level is higher than the authenticatiedienst is certified for")
    lacking = lacks_attributes(journey, AttributeOwner.AD, assertion.attributes)
    if assertion.level < journey.required_level:
        return Authenticated(Event.LEVEL_TOO_LOW, "niveau-te-laag")
    if lacking:
        return Authenticated(Event.ATTRIBUTE_WITHHELD, LACKING)
    return Authenticated(Event.AUTHENTICATED, None, assertion)


def require_recent(
    journey: Journey,
    assertion: AuthenticationAssertion,
    now: datetime,
    continues: Callable[[datetime], bool] = _continues_nothing,
) -> None:
    """Raise ``UnexpectedAnswer`` when the person logged in too long ago for this answer (or has yet to)."""
    instant, skew = assertion.authn_instant, LIFETIMES.clock_skew
    if instant > now + skew:
        raise UnexpectedAnswer("the AuthnInstant lies in the future")
    if journey.ad_forced:
        if journey.ad_asked_at is None or instant < journey.ad_asked_at - skew:
            raise UnexpectedAnswer("a new login was asked, and the AuthnInstant is before that")
    elif instant < now - LIFETIMES.single_sign_on - skew and not continues(instant):
        raise UnexpectedAnswer("the session behind the AuthnInstant has ended")


def require_answers(opened: OpenedResponse, request_id: str | None, destination: str | None) -> None:
    """Raise ``UnexpectedAnswer`` unless the Response answers this request at this endpoint.

    ``destination`` None is for the back channel, where Destination may be absent.
    """
    # Nor does one that answers nothing answer a login that asked nothing.
    if not request_id or opened.response.in_response_to != request_id:
        raise UnexpectedAnswer("the Response answers another request")
    if destination is not None and opened.response.destination != destination:
        raise UnexpectedAnswer("the Response is for another endpoint")


def _refused(journey: Journey, status: Status) -> Authenticated:
    if status.is_authn_failed:
        if status.reason == "niveau-te-laag":
            return Authenticated(Event.LEVEL_TOO_LOW, "niveau-te-laag")
        if status.reason == "toestemming-geweigerd":
            return Authenticated(Event.ATTRIBUTE_WITHHELD, status.reason)
        return Authenticated(Event.CANCELLED_AT_AD)
    if status.is_undeliverable and asked_of(AttributeOwner.AD, journey.attributes):
        return Authenticated(Event.ATTRIBUTE_WITHHELD, LACKING)
    if status.top == STATUS_REQUESTER and status.reason == "niveau-te-laag":
        return Authenticated(Event.LEVEL_TOO_LOW, "niveau-te-laag")
    return Authenticated(Event.AD_FAILED, "authenticatiedienst-fout")
