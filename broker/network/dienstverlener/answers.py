"""Believing the answer of the makelaar, or not (Interface specifications DV-HM response; SAML profiles 4.1.4.3).

These are the checks that any dienstverlener has to make; none of them trusts that the makelaar made them.
"""

from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.domain.levels import LevelOfAssurance
from broker.saml.assertion import require_confirmed
from broker.saml.assertion import require_in_force
from broker.saml.declaration import Declaration
from broker.saml.declaration import read_declaration
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import OpenedAttribute
from broker.saml.encrypted_attribute import decrypt_attribute
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import OpenedId
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import UnexpectedAnswer
from broker.saml.errors import WrongDestination
from broker.saml.keys import DecryptionKey
from broker.saml.policy import LIFETIMES
from broker.saml.response import OpenedResponse

_SUBJECTS = ("LegalSubjectID", "IntermediateSubjectID", "ActingSubjectID")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What we asked, of whom, and where the answer should arrive.

    ``services`` are the ServiceIDs it may name; ``allows_nobody`` tells that people may log in who act for nobody but
    themselves.
    """

    request_id: str
    makelaar: str
    us: str
    acs: str
    services: frozenset[str]
    level: LevelOfAssurance
    allows_nobody: bool = False


def believe(opened: OpenedResponse, expected: Expectation, now: datetime) -> Declaration | None:
    """The declaration in a verified Response; None when the makelaar says that there is none.

    Raises a ``SamlError`` when the answer is not the one to our question, is late, or gives less than was asked.
    """
    response = opened.response
    if response.issuer != expected.makelaar or response.in_response_to != expected.request_id:
        raise UnexpectedAnswer("InResponseTo: the Response answers another request")
    if response.destination != expected.acs:
        raise WrongDestination("Destination: the Response is meant for another address")
    if abs(now - response.issue_instant) > LIFETIMES.request_window:
        raise OutsideTimeWindow("IssueInstant: the Response is not of this moment")
    if opened.assertion is None:
        return None
    declaration = read_declaration(opened.assertion.element)
    require_in_force(declaration.frame, now)
    require_confirmed(
        declaration.frame,
        in_response_to=expected.request_id,
        recipient=expected.acs,
        audience=expected.us,
    )
    if not expected.services.issuperset(declaration.service_ids):
        raise UnexpectedAnswer("ServiceID: the Assertion is for another service")
    if declaration.level < expected.level:
        raise UnexpectedAnswer("AuthnContextClassRef: the level is lower than was asked")
    nobody = expected.allows_nobody and declaration.representation is False
    if not declaration.acting_subject or not (nobody or declaration.legal_subject):
        raise UnexpectedAnswer("LegalSubjectID or ActingSubjectID is missing")
    if declaration.representation is False and declaration.legal_subject:
        raise UnexpectedAnswer("LegalSubjectID is there without Representation")
    return declaration


def keep(declaration: Declaration) -> dict[str, Any]:
    """The declaration as it can wait in the state store: identifiers and attributes stay encrypted."""
    subjects = (declaration.legal_subject, declaration.intermediate_subject, declaration.acting_subject)
    return {
        "name_id": declaration.frame.name_id,
        "name_qualifier": declaration.frame.name_qualifier,
        "session_index": declaration.session_index,
        "level": declaration.level.short,
        "service_ids": declaration.service_ids,
        "service_uuid": declaration.service_uuid,
        "vestiging": declaration.vestiging,
        "subdossier": declaration.subdossier,
        "attributes": [b64encode(value.raw).decode() for value in declaration.attributes],
        "representation": declaration.representation,
        "subjects": {
            name: [b64encode(value.raw).decode() for value in values]
            for name, values in zip(_SUBJECTS, subjects, strict=True)
        },
    }


def open_subjects(
    kept: Mapping[str, Any], key: DecryptionKey, entity_id: str
) -> Iterator[tuple[str, OpenedId]]:
    """(attribute, identifier) for everything that was encrypted for us. Raises ``DecryptionFailed``."""
    for name in _SUBJECTS:
        for value in kept["subjects"][name]:
            yield name, decrypt_identifier(EncryptedId(b64decode(value), (entity_id,)), key, entity_id)


def open_attributes(
    kept: Mapping[str, Any], key: DecryptionKey, entity_id: str
) -> tuple[OpenedAttribute, ...]:
    """The attributes that were passed on to us, in their order. Raises ``DecryptionFailed``."""
    return tuple(
        decrypt_attribute(EncryptedAttribute(b64decode(value), (entity_id,)), key, entity_id)
        for value in kept.get("attributes", ())
    )
