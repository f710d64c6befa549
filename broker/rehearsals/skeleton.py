"""A message as it can be shown to anybody: its elements, and only those values that say nothing about a person."""

from typing import Final

from lxml import etree

from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse

_LEFT_OUT: Final = "…"
_SHOWN_TEXTS: Final = frozenset(
    {
        *(
            tag(SAML, name)
            for name in ("Issuer", "Audience", "AuthnContextClassRef", "AuthenticatingAuthority")
        ),
        *(tag(SAMLP, name) for name in ("StatusMessage",)),
        tag(DS, "KeyName"),
    }
)
_SHOWN_ATTRIBUTES: Final = frozenset(
    {
        *("Version", "IssueInstant", "NotBefore", "NotOnOrAfter", "AuthnInstant", "Destination", "Recipient"),
        *("Format", "NameQualifier", "SPNameQualifier", "Method", "Algorithm", "Value", "Code"),
        *("Name", "NameFormat", "Type", "PrefixList", "{http://www.w3.org/2001/XMLSchema-instance}type"),
    }
)
_CLOSED: Final = frozenset(
    {tag(SAML, "Advice"), tag(DS, "Signature"), tag(XENC, "EncryptedData"), tag(XENC, "EncryptedKey")}
)
"""Elements of which only the name is shown: what others said, and what is ciphertext anyway."""


def skeleton(message: bytes) -> str:
    """The message, indented, with ``…`` for every value that could be about somebody."""
    element = parse(message)
    _strip(element)
    etree.indent(element)
    text: str = etree.tostring(element, encoding="unicode")
    return text


def _strip(element: etree._Element) -> None:
    if element.tag in _CLOSED:
        for each in list(element):
            element.remove(each)
        element.text = _LEFT_OUT
        element.attrib.clear()
        return
    for name in element.attrib:
        if name not in _SHOWN_ATTRIBUTES:
            element.set(name, _LEFT_OUT)
    if len(element) == 0 and (element.text or "").strip() and element.tag not in _SHOWN_TEXTS:
        element.text = _LEFT_OUT
    for each in list(element):
        _strip(each)
