"""Signatures made by python-xmlsec, which shares no code with broker/saml: messages as other software signs them."""

import xmlsec
from lxml import etree
from xmlsec import constants

from broker.attacks.forging import Shape
from broker.attacks.forging import make_signature
from broker.attacks.forging import place
from broker.attacks.forging import unsigned
from tests.keys import private_pem


def template(target: str, *, transforms: str | None = None) -> etree._Element:
    """A Signature over the element with this ID, without values, for a library to fill; by the profile by default."""
    return make_signature(Shape(transforms=transforms), target)


def fill(signature: etree._Element, name: str, key: "xmlsec.Key | None" = None) -> None:
    """Let python-xmlsec digest and sign a Signature that stands in its document."""
    xmlsec.tree.add_ids(signature.getroottree().getroot(), ["ID"])
    context = xmlsec.SignatureContext()
    context.key = key or xmlsec.Key.from_memory(private_pem(name), constants.KeyDataFormatPem)
    context.sign(signature)


def forge(message: bytes, name: str, signature: etree._Element, key: "xmlsec.Key | None" = None) -> bytes:
    """The message with this signature in the place of its own."""
    root = unsigned(etree.fromstring(message))
    place(root, signature)
    fill(signature, name, key)
    return etree.tostring(root)


def identifier(message: bytes) -> str:
    """The ID of the root."""
    return etree.fromstring(message).get("ID", "")
