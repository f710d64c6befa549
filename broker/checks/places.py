"""Pointing at a place in a document."""

from typing import Final

from lxml import etree

from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import XENC
from broker.saml.names import XML

PREFIXES: Final = {
    MD: "md",
    DS: "ds",
    CATALOGUE: "esc",
    SAML: "saml",
    SAMLP: "samlp",
    XENC: "xenc",
    XML: "xml",
}
"""The prefixes that an XPath of a report uses, whatever the document itself writes."""


def xpath_of(element: etree._Element, attribute: str | None = None) -> str:
    """The XPath of an element from its root, or of one of its attributes (Clark notation)."""
    steps = [_step(element)]
    steps += [_step(each) for each in element.iterancestors()]
    path = "/" + "/".join(reversed(steps))
    return path if attribute is None else f"{path}/@{_name(attribute)}"


def _step(element: etree._Element) -> str:
    name, parent = _name(str(element.tag)), element.getparent()
    if parent is None:
        return name
    same = parent.findall(str(element.tag))
    return name if len(same) == 1 else f"{name}[{same.index(element) + 1}]"


def _name(text: str) -> str:
    qualified = etree.QName(text)
    if qualified.namespace is None:
        return str(qualified.localname)
    prefix = PREFIXES.get(qualified.namespace)
    return f"{prefix}:{qualified.localname}" if prefix else f"*[local-name()='{qualified.localname}']"
