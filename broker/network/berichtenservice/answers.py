"""What the eIDAS-berichtenservice declares: who logged in, and with representation for which company.

Interface specifications HM-EB. Everything that identifies is encrypted for the dienstverlener.
"""

import secrets
from dataclasses import dataclass
from dataclasses import replace

from broker.assembly.party import Assembled
from broker.domain.services import Service
from broker.network.authenticatiedienst.requests import consumer
from broker.network.berichtenservice.identifiers import Identified
from broker.network.berichtenservice.identifiers import Values
from broker.network.berichtenservice.requests import EidasFlow
from broker.network.foreigners import Foreigner
from broker.saml.assertion import Frame
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import write_authentication
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import write_authorization
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.response import make_assertion
from broker.saml.response import signature_value


@dataclass(frozen=True, slots=True)
class Given:
    """What is given of a person: identifiers, and the attributes of person and company that they let go."""

    person: Foreigner
    identified: Identified
    of_person: tuple[EncryptedAttribute, ...] = ()
    of_company: tuple[EncryptedAttribute, ...] = ()


def declare(
    assembled: Assembled,
    makelaar: Partner,
    flow: EidasFlow,
    service: Service,
    given: Given,
    dienstverlener: Recipient,
) -> tuple[bytes, ...]:
    """The signed assertions: one like that of an authenticatiedienst, and with representation one like a register's."""
    person, identified = given.person, given.identified
    own = assembled.station.own
    now = own.clock()
    frame = Frame(
        id=own.new_id(),
        issue_instant=now,
        issuer=own.entity_id,
        name_id=secrets.token_hex(20),
        name_qualifier=own.entity_id,
        not_before=now - LIFETIMES.assertion_backdate,
        not_on_or_after=now + LIFETIMES.assertion,
        audiences=(makelaar.entity_id, flow.intended_audience),
        in_response_to=flow.request_id,
        recipient=consumer(makelaar, flow.acs_index).location,
    )
    represents = person.company is not None
    acting = _encrypted(assembled, identified.acting, dienstverlener)
    authentication = AuthenticationAssertion(
        frame=frame,
        authn_instant=now,
        level=person.level,
        authority=assembled.party.oin,
        representation=represents,
        service_uuid=flow.service_uuid,
        registry=own.entity_id if represents else None,
        acting_subject=acting,
        attributes=given.of_person,
    )
    login = make_assertion(write_authentication(authentication, person.eidas_level), assembled.signer)
    if not represents:
        return (login,)
    authorization = AuthorizationAssertion(
        frame=replace(frame, id=own.new_id(), name_id=secrets.token_hex(20)),
        assertion_id_ref=frame.id,
        linked_signature_value=signature_value(login),
        service_id=service.service_id,
        service_uuid=service.service_uuid,
        level_asked=flow.required,
        level_used=person.level,
        acting_subject=_encrypted(assembled, identified.acting, dienstverlener),
        legal_subject=_encrypted(assembled, identified.legal, dienstverlener),
        attributes=given.of_company,
    )
    element = write_authorization(authorization, asked_by=makelaar.entity_id)
    return (login, make_assertion(element, assembled.signer))


def _encrypted(assembled: Assembled, values: Values, dienstverlener: Recipient) -> tuple[EncryptedId, ...]:
    return tuple(
        encrypt_identifier(kind.value, value.reveal(), [dienstverlener], assembled.station.own.new_id)
        for kind, value in values
    )
