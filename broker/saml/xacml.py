"""The XACML request context: attributes by id, in Subject and Resource (XACML 2.0 core, chapter 6)."""

from collections.abc import Iterable

from lxml import etree

from broker.saml.build import Embedding
from broker.saml.build import child
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import read_encrypted_id
from broker.saml.errors import MalformedMessage
from broker.saml.names import SAML
from broker.saml.names import TYPE_ENCRYPTED_ID
from broker.saml.names import TYPE_STRING
from broker.saml.names import XACML_ACCESS_SUBJECT
from broker.saml.names import XACML_ACTION_AUTHENTICATE
from broker.saml.names import XACML_ACTION_ID
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import tag
from broker.saml.reading import only


def write_request(parent: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Append a Request for the action Authenticate; its Subject and Resource, to be filled."""
    request = child(parent, XACML_CONTEXT, "Request")
    subject = child(request, XACML_CONTEXT, "Subject", None, {"SubjectCategory": XACML_ACCESS_SUBJECT})
    resource = child(request, XACML_CONTEXT, "Resource")
    write_value(child(request, XACML_CONTEXT, "Action"), XACML_ACTION_ID, XACML_ACTION_AUTHENTICATE)
    child(request, XACML_CONTEXT, "Environment")
    return subject, resource


def write_value(
    parent: etree._Element,
    attribute_id: str,
    value: str | None,
    issuer: str | None = None,
    data_type: str = TYPE_STRING,
) -> None:
    """Append an Attribute with one plain value; nothing when the value is None."""
    if value is not None:
        write_values(parent, attribute_id, [value], issuer, data_type)


def write_values(
    parent: etree._Element,
    attribute_id: str,
    values: Iterable[str],
    issuer: str | None = None,
    data_type: str = TYPE_STRING,
) -> None:
    """Append an Attribute with these plain values, of which there is at least one."""
    attributes = {"AttributeId": attribute_id, "DataType": data_type, "Issuer": issuer}
    attribute = child(parent, XACML_CONTEXT, "Attribute", None, attributes)
    for value in values:
        child(attribute, XACML_CONTEXT, "AttributeValue", value)


def write_encrypted(
    parent: etree._Element,
    embedding: Embedding,
    attribute_id: str,
    values: Iterable[EncryptedId],
    issuer: str,
) -> None:
    """Append an Attribute with one value per EncryptedID; nothing when there is none."""
    values = tuple(values)
    if not values:
        return
    attributes = {"AttributeId": attribute_id, "DataType": TYPE_ENCRYPTED_ID, "Issuer": issuer}
    attribute = child(parent, XACML_CONTEXT, "Attribute", None, attributes)
    for value in values:
        embedding.put(child(attribute, XACML_CONTEXT, "AttributeValue"), value.raw)


class Context:
    """The attributes of a Request, Subject and Resource together. An id that occurs twice is refused."""

    def __init__(self, request: etree._Element) -> None:
        """Index a verified Request. Raises ``MalformedMessage``."""
        self._values: dict[str, list[etree._Element]] = {}
        for part in ("Subject", "Resource"):
            for attribute in only(request, tag(XACML_CONTEXT, part)):
                attribute_id = attribute.get("AttributeId", "")
                if attribute_id in self._values:
                    raise MalformedMessage("an XACML attribute occurs twice")
                self._values[attribute_id] = list(attribute)

    def text(self, attribute_id: str) -> str | None:
        """The single plain value, None when absent."""
        values = self.texts(attribute_id)
        if not values:
            return None
        if len(values) != 1:
            raise MalformedMessage("an XACML attribute has several values")
        return values[0]

    def texts(self, attribute_id: str) -> tuple[str, ...]:
        """The plain values, in order; empty when absent."""
        values = self._values.get(attribute_id)
        if values is None:
            return ()
        if not values or any(len(value) for value in values):
            raise MalformedMessage("an XACML attribute does not have plain values")
        return tuple((value.text or "").strip() for value in values)

    def lone(self, attribute_id: str) -> str | None:
        """The plain value, None when there is none, several, or one that is no text."""
        values = self._values.get(attribute_id, [])
        return (values[0].text or "").strip() if len(values) == 1 and not len(values[0]) else None

    def encrypted(self, attribute_id: str) -> tuple[EncryptedId, ...]:
        """The EncryptedIDs in the values, in order; empty when absent."""
        values = self._values.get(attribute_id, [])
        return tuple(read_encrypted_id(only(value, tag(SAML, "EncryptedID"))) for value in values)
