"""The assertion of the makelaar: what a dienstverlener gets.

Interface specifications DV-HM response. Identifiers are copied as ciphertext; what authenticatiedienst and register
declared stands in Advice as they signed it.
"""

from dataclasses import dataclass
from dataclasses import field
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
from broker.saml.build import child
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import read_encrypted_attributes
from broker.saml.encrypted_attribute import write_encrypted_attributes
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import NewId
from broker.saml.encryption import copy_encrypted
from broker.saml.names import ACTING_SUBJECT_ID
from broker.saml.names import INTERMEDIATE_SUBJECT_ID
from broker.saml.names import LEGAL_SUBJECT_ID
from broker.saml.names import REPRESENTATION
from broker.saml.names import RESTRICTION_SUBDOSSIER
from broker.saml.names import RESTRICTION_VESTIGING
from broker.saml.names import SAML
from broker.saml.names import SERVICE_ID
from broker.saml.names import SERVICE_UUID
from broker.saml.reading import flag
from broker.saml.reading import level


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the makelaar declares to a dienstverlener.

    ``level`` is the effective one; ``authority`` the entityID of the authenticatiedienst; ``advice`` the assertions
    it rests on, as bytes, empty when read back; ``attributes`` are those that were asked for and consented to.
    ``representation`` tells whether the person acts for somebody; None, which says nothing, where that cannot be
    otherwise.
    ``service_id`` is the service, or at a portal the first of those that the person may use, and ``other_services`` the
    rest; ``service_uuid`` is that of the portal then.
    """

    frame: Frame
    authn_instant: datetime
    session_index: str
    level: LevelOfAssurance
    authority: str
    service_id: str
    service_uuid: str
    acting_subject: tuple[EncryptedId, ...]
    legal_subject: tuple[EncryptedId, ...]
    intermediate_subject: tuple[EncryptedId, ...] = ()
    vestiging: str | None = field(default=None, repr=False)
    subdossier: str | None = field(default=None, repr=False)
    advice: tuple[bytes, ...] = field(default=(), repr=False)
    attributes: tuple[EncryptedAttribute, ...] = ()
    representation: bool | None = None
    other_services: tuple[str, ...] = ()

    @property
    def service_ids(self) -> tuple[str, ...]:
        """The ServiceIDs, all of them."""
        return (self.service_id, *self.other_services)


def write_declaration(declaration: Declaration, recipient: str, new_id: NewId) -> etree._Element:
    """The unsigned element; the copies of identifiers get new XML IDs from ``new_id``.

    ``recipient`` is the entityID of the dienstverlener, whose keys alone are kept in the copies.
    """
    embedding = Embedding()
    element, statement = write_the_beginning(declaration, embedding)
    if declaration.representation is not None:
        write_attribute(statement, REPRESENTATION, [boolean(declaration.representation)], "xs:boolean")
    for name, values in (
        (LEGAL_SUBJECT_ID, declaration.legal_subject),
        (ACTING_SUBJECT_ID, declaration.acting_subject),
        (INTERMEDIATE_SUBJECT_ID, declaration.intermediate_subject),
    ):
        if values:
            copies = [copy_encrypted(value, recipient, new_id) for value in values]
            write_encrypted_attribute(statement, embedding, name, copies)
    write_the_rest(statement, embedding, declaration, recipient, new_id)
    return embedding.compose(element)


def write_the_beginning(
    declaration: Declaration, embedding: Embedding
) -> tuple[etree._Element, etree._Element]:
    """The assertion as far as it is the same in every interface version, and its AttributeStatement to go on in."""
    element = write_frame(declaration.frame)
    if declaration.advice:
        advice = child(element, SAML, "Advice")
        for assertion in declaration.advice:
            embedding.put(advice, assertion)
    write_authn_statement(
        element,
        declaration.authn_instant,
        declaration.level.urn,
        declaration.authority,
        declaration.session_index,
    )
    statement = write_attribute_statement(element)
    write_attribute(statement, SERVICE_ID, declaration.service_ids)
    write_attribute(statement, SERVICE_UUID, [declaration.service_uuid])
    return element, statement


def write_the_rest(
    statement: etree._Element, embedding: Embedding, declaration: Declaration, recipient: str, new_id: NewId
) -> None:
    """Append what is the same in every interface version.

    To what the machtiging is limited, in clear; and the attributes that were asked, encrypted as they came.
    """
    for name, restriction in (
        (RESTRICTION_VESTIGING, declaration.vestiging),
        (RESTRICTION_SUBDOSSIER, declaration.subdossier),
    ):
        if restriction is not None:
            write_attribute(statement, name, [restriction])
    attributes = [copy_encrypted(value, recipient, new_id) for value in declaration.attributes]
    write_encrypted_attributes(statement, embedding, attributes)


def read_declaration(element: etree._Element) -> Declaration:
    """Read a verified declaration, as a dienstverlener does. Raises ``MalformedMessage``."""
    authn_instant, class_ref, authority = read_authn_statement(element)
    attributes = Attributes(element)
    services = attributes.texts(SERVICE_ID)
    representation = attributes.text(REPRESENTATION)
    return Declaration(
        frame=read_frame(element),
        authn_instant=authn_instant,
        session_index=read_session_index(element) or "",
        level=level(class_ref),
        authority=authority or "",
        service_id=services[0] if services else "",
        other_services=services[1:],
        service_uuid=attributes.text(SERVICE_UUID) or "",
        acting_subject=attributes.encrypted(ACTING_SUBJECT_ID),
        legal_subject=attributes.encrypted(LEGAL_SUBJECT_ID),
        intermediate_subject=attributes.encrypted(INTERMEDIATE_SUBJECT_ID),
        vestiging=attributes.text(RESTRICTION_VESTIGING),
        subdossier=attributes.text(RESTRICTION_SUBDOSSIER),
        attributes=read_encrypted_attributes(element),
        representation=None if representation is None else flag(representation),
    )
