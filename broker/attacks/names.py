"""The prefixes in which cases write XML."""

from typing import Final

from lxml import etree

from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import SOAP
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_POLICY
from broker.saml.names import XACML_PROTOCOL
from broker.saml.names import XENC
from broker.saml.names import XS
from broker.saml.names import XSI

PREFIXES: Final = {
    "saml": SAML,
    "samlp": SAMLP,
    "ds": DS,
    "xenc": XENC,
    "md": MD,
    "soap": SOAP,
    "xc": XACML_CONTEXT,
    "xp": XACML_POLICY,
    "xacml-samlp": XACML_PROTOCOL,
    "esc": CATALOGUE,
    "xs": XS,
    "xsi": XSI,
}


def fragment(xml: str) -> etree._Element:
    """An element, or an instruction, written with these prefixes."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
    holder = etree.fromstring(f"<holder {declared}>{xml}</holder>".encode())
    element = holder[0]
    element.tail = None
    holder.remove(element)
    if isinstance(element.tag, str):
        etree.cleanup_namespaces(element)
    return element
