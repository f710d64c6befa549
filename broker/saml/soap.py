"""The SOAP 1.1 envelope of the back channel (SAML bindings 3.2)."""

from lxml import etree

from broker.saml.build import Embedding
from broker.saml.errors import MalformedMessage
from broker.saml.names import SOAP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.schema import validate

CONTENT_TYPE = "text/xml; charset=utf-8"
"""What Dutch software has asked for since April 2022; ``application/soap+xml`` is accepted from others."""

ACCEPTED_TYPES = frozenset({"text/xml", "application/soap+xml"})


def wrap(message: bytes) -> bytes:
    """The message in a SOAP envelope."""
    envelope = etree.Element(tag(SOAP, "Envelope"), nsmap={"soap": SOAP})
    embedding = Embedding()
    embedding.put(etree.SubElement(envelope, tag(SOAP, "Body")), message)
    return embedding.serialise(envelope)


def fault(code: str, text: str) -> bytes:
    """A SOAP fault; ``code`` is Client or Server."""
    envelope = etree.Element(tag(SOAP, "Envelope"), nsmap={"soap": SOAP})
    element = etree.SubElement(etree.SubElement(envelope, tag(SOAP, "Body")), tag(SOAP, "Fault"))
    etree.SubElement(element, "faultcode").text = f"soap:{code}"
    etree.SubElement(element, "faultstring").text = text
    return serialise(envelope)


def unwrap(data: bytes) -> etree._Element:
    """The one schema-valid message in the Body. Raises ``MalformedMessage``, for a fault as well.

    Headers are refused when they must be understood; other headers are ignored. So is text between the parts of the
    envelope, of which SimpleSAMLphp 1.19 sends a backslash: nothing reads it, and no signature covers it.
    """
    envelope = parse(data)
    if envelope.tag != tag(SOAP, "Envelope"):
        raise MalformedMessage("not a SOAP envelope")
    if any(header.get(tag(SOAP, "mustUnderstand")) in {"1", "true"} for header in envelope.iterfind("./*/*")):
        raise MalformedMessage("a SOAP header that must be understood")
    bodies = envelope.findall(tag(SOAP, "Body"))
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise MalformedMessage("a SOAP message has one Body with one element")
    if bodies[0][0].tag == tag(SOAP, "Fault"):
        raise MalformedMessage("the partner answered with a SOAP fault")
    for part in envelope:
        part.tail = None
    envelope.text = None
    validate(envelope)
    message: etree._Element = bodies[0][0]
    return message
