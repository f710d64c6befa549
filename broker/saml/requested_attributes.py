"""esp:RequestedAttributes: which attributes a message asks for, in its Extensions.

Interface specifications HM-AD and HM-MR; a dienstverlener may send it as well. In metadata the same elements stand in
an AttributeConsumingService (SAML metadata 2.4.4.2).
"""

from collections.abc import Iterable

from lxml import etree

from broker.domain.attributes import AskedAttribute
from broker.saml.build import boolean
from broker.saml.build import child
from broker.saml.errors import MalformedMessage
from broker.saml.names import MD
from broker.saml.names import SAMLP
from broker.saml.names import SAMLP_EXTENSION
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from broker.saml.reading import flag

_PATH = f"{tag(SAMLP, 'Extensions')}/{tag(SAMLP_EXTENSION, 'RequestedAttributes')}/{tag(MD, 'RequestedAttribute')}"


def write_requested_attributes(extensions: etree._Element, attributes: Iterable[AskedAttribute]) -> None:
    """Append RequestedAttributes to Extensions; nothing when there are none, for the schema wants at least one."""
    attributes = tuple(attributes)
    if not attributes:
        return
    prefixes: dict[str | None, str] = {"esp": SAMLP_EXTENSION, "md": MD}
    holder = child(extensions, SAMLP_EXTENSION, "RequestedAttributes", prefixes=prefixes)
    for attribute in attributes:
        required = None if attribute.is_required is None else boolean(attribute.is_required)
        child(holder, MD, "RequestedAttribute", None, {"Name": attribute.name, "isRequired": required})


def read_requested_attributes(message: etree._Element) -> tuple[AskedAttribute, ...]:
    """The attributes that a verified message asks for, in its order; empty when it asks for none.

    Raises ``MalformedMessage`` for more than there can be.
    """
    found = message.findall(_PATH)
    if len(found) > LIMITS.requested_attributes:
        raise MalformedMessage("more attributes are asked than there are")
    return tuple(map(read_requested_attribute, found))


def read_requested_attribute(element: etree._Element) -> AskedAttribute:
    """One md:RequestedAttribute."""
    required = element.get("isRequired")
    return AskedAttribute(element.get("Name", ""), None if required is None else flag(required))
