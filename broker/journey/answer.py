"""The answer to the dienstverlener: a signed Response, with our declaration or with the reason of a refusal.

Interface specifications DV-HM response. Identifiers are copied as ciphertext; the assertions of authenticatiedienst and
register go into Advice as they were received. In a chain the registers are not disclosed to the dienstverlener.
"""

from collections.abc import Callable
from datetime import datetime

from broker.journey.authorization import used_level
from broker.journey.record import Journey
from broker.journey.refusals import Refusal
from broker.saml.assertion import Frame
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_declaration
from broker.saml.keys import SigningKey
from broker.saml.policy import LIFETIMES
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.status import SUCCESS
from broker.saml.status import Status


def declare(
    journey: Journey,
    authentication: AuthenticationAssertion,
    first: AuthorizationAssertion,
    second: AuthorizationAssertion | None,
    *,
    service_uuid: str,
    session_index: str,
    advice: tuple[bytes, ...],
    makelaar: str,
    key: SigningKey,
    now: datetime,
    new_id: Callable[[], str],
) -> bytes:
    """The Response of a login that succeeded. ``second`` is the confirmation of a chain, else None.

    ``session_index`` is what the dienstverlener may name when it logs the person out.
    """
    company = second or first
    registers = (first,) if second is None else (first, second)
    declaration = Declaration(
        frame=Frame(
            id=new_id(),
            issue_instant=now,
            issuer=makelaar,
            name_id=authentication.frame.name_id,
            name_qualifier=authentication.frame.issuer,
            not_before=now - LIFETIMES.assertion_backdate,
            not_on_or_after=now + LIFETIMES.assertion,
            audiences=(journey.dienstverlener,),
            in_response_to=journey.request_id,
            recipient=journey.acs,
        ),
        authn_instant=authentication.authn_instant,
        session_index=session_index,
        level=used_level(authentication.level, *registers),
        authority=authentication.frame.issuer,
        service_id=journey.service_id,
        service_uuid=service_uuid,
        acting_subject=first.acting_subject,
        legal_subject=company.legal_subject,
        intermediate_subject=first.intermediate_subject if second else (),
        vestiging=company.vestiging,
        subdossier=company.subdossier,
        advice=advice,
    )
    assertion = make_assertion(write_declaration(declaration, journey.dienstverlener, new_id), key)
    return make_response(_envelope(journey, makelaar, now, new_id, SUCCESS), assertion, key)


def refuse(
    journey: Journey,
    refusal: Refusal,
    *,
    makelaar: str,
    key: SigningKey,
    now: datetime,
    new_id: Callable[[], str],
) -> bytes:
    """The Response of a login that was refused or cancelled."""
    status = refusal.status(journey.reference, journey.detail)
    return make_response(_envelope(journey, makelaar, now, new_id, status), None, key)


def _envelope(
    journey: Journey, makelaar: str, now: datetime, new_id: Callable[[], str], status: Status
) -> Response:
    return Response(new_id(), journey.request_id, now, makelaar, journey.acs, status)
