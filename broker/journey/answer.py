"""The answer to the dienstverlener: a signed Response, with our declaration or with the reason of a refusal.

Interface specifications DV-HM response. Identifiers are copied as ciphertext; the assertions of authenticatiedienst and
register go into Advice as they were received. In a chain the registers are not disclosed to the dienstverlener. The
profile of the dienstverlener gives all this its shape, from the same decision.
"""

from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.identifiers import IdentifierType
from broker.domain.plain_identity import PlainSubject
from broker.domain.plain_identity import choose_numbers
from broker.journey.authorization import used_level
from broker.journey.eidas import Proven
from broker.journey.record import Journey
from broker.journey.refusals import Refusal
from broker.saml.assertion import PLAIN_PREFIXES
from broker.saml.assertion import Frame
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.contexts import answered_class
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_declaration
from broker.saml.declaration_1_11 import write_declaration_1_11
from broker.saml.encrypted_assertion import Sealing
from broker.saml.encrypted_assertion import seal_assertion
from broker.saml.keys import SigningKey
from broker.saml.plain_assertion import write_plain_assertion
from broker.saml.policy import LIFETIMES
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.status import SUCCESS
from broker.saml.status import Status

IN_CLEAR: Final = frozenset({Profile.V1_11, Profile.SAML})
"""Profiles whose answers hold identifiers in clear, which registers then have to be asked for."""


def plain_subject(
    first: AuthorizationAssertion,
    second: AuthorizationAssertion | None,
    sets: Sequence[Sequence[IdentifierType]],
) -> PlainSubject | None:
    """Who acts for whom, as the registers said in clear; None when a part is lacking.

    Pseudonym and intermediary come from the first register, the company from the one that knows it. ``sets`` are the
    identifier sets of the service.
    """
    pseudonym = first.plain.pseudonym
    intermediary = None if second is None else first.plain.intermediary
    company = second or first
    restricted = company.vestiging is not None or company.subdossier is not None
    concerned = choose_numbers(sets, company.plain.concerned, with_kvk_number=restricted)
    if pseudonym is None or not concerned or (second is not None and intermediary is None):
        return None
    return PlainSubject(pseudonym, first.frame.issuer, concerned, intermediary)


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
    connection: Connection = STANDARD,
    sealing: Sealing | None = None,
    subject: PlainSubject | None = None,
    service_ids: tuple[str, ...] = (),
) -> bytes:
    """The Response of a login that succeeded. ``second`` is the confirmation of a chain, else None.

    ``session_index`` is what the dienstverlener may name when it logs the person out.
    ``connection`` is that of the dienstverlener, ``sealing`` how it wants the assertion encrypted; ``subject`` goes
    with a profile that is in clear, and raises ValueError by its absence. ``service_ids`` are the services of a portal
    that the person may use.
    """
    service_id, *others = service_ids or (journey.service_id,)
    company = second or first
    registers = (first,) if second is None else (first, second)
    declaration = Declaration(
        frame=_frame(journey, authentication, makelaar, now, new_id),
        authn_instant=authentication.authn_instant,
        session_index=session_index,
        level=used_level(authentication.level, *registers),
        authority=authentication.frame.issuer,
        service_id=service_id,
        other_services=tuple(others),
        service_uuid=service_uuid,
        acting_subject=first.acting_subject,
        legal_subject=company.legal_subject,
        intermediate_subject=first.intermediate_subject if second else (),
        vestiging=company.vestiging,
        subdossier=company.subdossier,
        advice=advice,
        attributes=(*authentication.attributes, *first.attributes),
    )
    assertion = _shape(journey, declaration, subject, connection, key, new_id)
    if sealing is not None:
        assertion = seal_assertion(assertion, sealing, new_id)
    return make_response(_envelope(journey, makelaar, now, new_id, SUCCESS), assertion, key)


def _shape(
    journey: Journey,
    declaration: Declaration,
    subject: PlainSubject | None,
    connection: Connection,
    key: SigningKey,
    new_id: Callable[[], str],
) -> bytes:
    """The signed assertion, in the shape of the profile."""
    if connection.profile not in IN_CLEAR:
        return make_assertion(write_declaration(declaration, journey.recipient, new_id), key)
    if subject is None:
        raise ValueError("this profile needs a subject in clear")
    if connection.profile is Profile.V1_11:
        older = write_declaration_1_11(declaration, subject, journey.dienstverlener, new_id)
        return make_assertion(older, key)
    element = write_plain_assertion(
        declaration,
        subject,
        class_ref=answered_class(declaration.level, journey.contexts, connection.contexts),
        names=connection.attribute_names,
    )
    return make_assertion(element, key, PLAIN_PREFIXES)


def declare_eidas(
    journey: Journey,
    proven: Proven,
    *,
    service_uuid: str,
    makelaar: str,
    key: SigningKey,
    now: datetime,
    new_id: Callable[[], str],
) -> bytes:
    """The Response of a login through the eIDAS-berichtenservice that succeeded; without representation no company."""
    authentication = proven.authentication
    declaration = Declaration(
        frame=_frame(journey, authentication, makelaar, now, new_id),
        authn_instant=authentication.authn_instant,
        session_index=new_id(),
        level=proven.level,
        authority=authentication.frame.issuer,
        service_id=journey.service_id,
        service_uuid=service_uuid,
        acting_subject=proven.acting_subject,
        legal_subject=proven.legal_subject,
        advice=tuple(each.raw.reveal_bytes() for each in proven.assertions),
        attributes=proven.attributes,
        representation=authentication.representation,
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


def _frame(
    journey: Journey,
    authentication: AuthenticationAssertion,
    makelaar: str,
    now: datetime,
    new_id: Callable[[], str],
) -> Frame:
    return Frame(
        id=new_id(),
        issue_instant=now,
        issuer=makelaar,
        name_id=authentication.frame.name_id,
        name_qualifier=authentication.frame.issuer,
        not_before=now - LIFETIMES.assertion_backdate,
        not_on_or_after=now + LIFETIMES.assertion,
        # A dienstbemiddelaar passes the declaration on to the dienstaanbieder, who must be able to rely on it too.
        audiences=tuple(dict.fromkeys((journey.dienstverlener, journey.recipient))),
        in_response_to=journey.request_id,
        recipient=journey.acs,
    )


def _envelope(
    journey: Journey, makelaar: str, now: datetime, new_id: Callable[[], str], status: Status
) -> Response:
    return Response(new_id(), journey.request_id, now, makelaar, journey.acs, status)
