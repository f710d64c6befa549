"""EncryptedAttribute: a whole Attribute, name and value, that only the dienstverlener can read.

SAML core 2.7.3.2; the encryption profile is that of identifiers. Whoever passes one on sees neither its value nor its
name, so what arrives can be held against what was asked by number and recipient only.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from broker.saml.build import Embedding
from broker.saml.build import child
from broker.saml.encryption import Encrypted
from broker.saml.encryption import NewId
from broker.saml.encryption import Recipient
from broker.saml.encryption import decrypt_element
from broker.saml.encryption import encrypt_element
from broker.saml.encryption import not_what_belongs_here
from broker.saml.encryption import read_encrypted
from broker.saml.keys import DecryptionKey
from broker.saml.names import SAML
from broker.saml.names import XS
from broker.saml.names import XSI
from broker.saml.names import tag

_ELEMENT = "EncryptedAttribute"
_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"


@dataclass(frozen=True, slots=True)
class EncryptedAttribute(Encrypted):
    """An EncryptedAttribute."""


@dataclass(frozen=True, slots=True)
class OpenedAttribute:
    """What was inside: the attribute's name and its value, which is personal data."""

    name: str
    value: str

    def __repr__(self) -> str:
        """The name only."""
        return f"OpenedAttribute({self.name!r}, hidden)"


def encrypt_attribute(
    name: str, value: str, recipients: Sequence[Recipient], new_id: NewId
) -> EncryptedAttribute:
    """Encrypt an Attribute with one string for the recipients. Raises ValueError without recipients."""
    attribute = etree.Element(
        tag(SAML, "Attribute"), nsmap={"saml": SAML, "xs": XS, "xsi": XSI}, Name=name, NameFormat=_NAME_FORMAT
    )
    child(attribute, SAML, "AttributeValue", value, {tag(XSI, "type"): "xs:string"})
    return encrypt_element(EncryptedAttribute, _ELEMENT, attribute, recipients, new_id)


def decrypt_attribute(encrypted: EncryptedAttribute, key: DecryptionKey, entity_id: str) -> OpenedAttribute:
    """Open an attribute that was encrypted for ``entity_id``.

    Raises ``DecryptionFailed`` with one and the same text, whatever was wrong.
    """
    attribute = decrypt_element(encrypted, key, entity_id)
    values = attribute.findall(tag(SAML, "AttributeValue"))
    name = attribute.get("Name")
    if attribute.tag != tag(SAML, "Attribute") or not name or len(values) != 1 or len(values[0]):
        raise not_what_belongs_here()
    return OpenedAttribute(name, values[0].text or "")


def write_encrypted_attributes(
    statement: etree._Element, embedding: Embedding, values: Iterable[bytes]
) -> None:
    """Append EncryptedAttributes to an AttributeStatement."""
    for value in values:
        embedding.put(statement, value)


def read_encrypted_attributes(element: etree._Element) -> tuple[EncryptedAttribute, ...]:
    """Those of a verified assertion, in order, unopened. Raises ``DecryptionFailed``."""
    path = f"{tag(SAML, 'AttributeStatement')}/{tag(SAML, _ELEMENT)}"
    return tuple(read_encrypted(EncryptedAttribute, _ELEMENT, found) for found in element.iterfind(path))
