"""The assertion of an authenticatiedienst: who logged in, at which level, and where the machtigingen are.

Interface specifications HM-AD. The person is an internal pseudonym, encrypted for the machtigingenregister.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.saml.assertion import Attributes
from broker.saml.assertion import Frame
from broker.saml.assertion import read_authn_statement
from broker.saml.assertion import read_frame
from broker.saml.assertion import read_session_index
from broker.saml.assertion import write_attribute
from broker.saml.assertion import write_attribute_statement
from broker.saml.assertion import write_authn_statement
from broker.saml.assertion import write_encrypted_attribute
from broker.saml.assertion import write_frame
from broker.saml.build import Embedding
from broker.saml.build import boolean
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import read_encrypted_attributes
from broker.saml.encrypted_attribute import write_encrypted_attributes
from broker.saml.encryption import EncryptedId
from broker.saml.names import ACTING_SUBJECT_ID
from broker.saml.names import AUTHORIZATION_REGISTRY_ID
from broker.saml.names import REPRESENTATION
from broker.saml.names import SERVICE_UUID
from broker.saml.reading import flag
from broker.saml.reading import level


@dataclass(frozen=True, slots=True)
class AuthenticationAssertion:
    """What an authenticatiedienst declares.

    ``authority`` is the bare OIN of the authenticatiedienst; ``registry`` the entityID of the
    machtigingenregister, present with representation; ``acting_subject`` what only that register can open;
    ``attributes`` are those of the person, for the dienstverlener.
    ``authn_instant`` is when the person last proved who they are, which with single sign-on is before this assertion;
    ``session_index`` names the session that a logout can end, None when there is none.
    """

    frame: Frame
    authn_instant: datetime
    level: LevelOfAssurance
    authority: str | None
    representation: bool
    service_uuid: str | None
    registry: str | None
    acting_subject: tuple[EncryptedId, ...]
    session_index: str | None = None
    attributes: tuple[EncryptedAttribute, ...] = ()


def write_authentication(assertion: AuthenticationAssertion, class_ref: str | None = None) -> etree._Element:
    """The unsigned element. ``class_ref`` is the level in other words than those of the afsprakenstelsel."""
    element = write_frame(assertion.frame)
    write_authn_statement(
        element,
        assertion.authn_instant,
        class_ref or assertion.level.urn,
        assertion.authority or "",
        assertion.session_index,
    )
    statement = write_attribute_statement(element)
    write_attribute(statement, REPRESENTATION, [boolean(assertion.representation)], "xs:boolean")
    if assertion.service_uuid:
        write_attribute(statement, SERVICE_UUID, [assertion.service_uuid])
    if assertion.registry:
        write_attribute(statement, AUTHORIZATION_REGISTRY_ID, [assertion.registry])
    embedding = Embedding()
    values = [encrypted.raw for encrypted in assertion.acting_subject]
    write_encrypted_attribute(statement, embedding, ACTING_SUBJECT_ID, values)
    write_encrypted_attributes(statement, embedding, [each.raw for each in assertion.attributes])
    return embedding.compose(element)


def read_authentication(
    element: etree._Element, read_level: Callable[[str | None], LevelOfAssurance] = level
) -> AuthenticationAssertion:
    """Read a verified assertion, with ``read_level`` to understand its level.

    Raises ``MalformedMessage``; an unknown level is malformed, never guessed.
    """
    authn_instant, class_ref, authority = read_authn_statement(element)
    attributes = Attributes(element)
    return AuthenticationAssertion(
        frame=read_frame(element),
        authn_instant=authn_instant,
        level=read_level(class_ref),
        authority=authority,
        representation=flag(attributes.text(REPRESENTATION)),
        service_uuid=attributes.text(SERVICE_UUID),
        registry=attributes.text(AUTHORIZATION_REGISTRY_ID),
        acting_subject=attributes.encrypted(ACTING_SUBJECT_ID),
        session_index=read_session_index(element),
        attributes=read_encrypted_attributes(element),
    )
