"""XSD validation with libxml2, on the same bytes that are verified and read.

The OASIS and W3C schemas are those that pysaml2 ships; the XACML profile and the dienstencatalogus have schemas of
our own in ``schemas/``. All are compiled into one validator, once per process.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from broker.saml.errors import MalformedMessage
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import SAMLP_EXTENSION
from broker.saml.names import SOAP
from broker.saml.names import XACML_ASSERTION
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_POLICY
from broker.saml.names import XACML_PROTOCOL
from broker.saml.names import XENC
from broker.saml.names import XML
from broker.saml.names import XS
from broker.saml.names import tag
from broker.saml.policy import EXC_C14N

_OURS = Path(__file__).parent / "schemas"

# Each file names the namespaces it builds on by remote addresses. libxml2 asks for a namespace once, so importing
# in this order answers every later import from what is already loaded, and nothing is ever fetched.
_SHIPPED = (
    (XML, "xml.xsd"),
    (DS, "xmldsig-core-schema.xsd"),
    (XENC, "xenc-schema.xsd"),
    (SAML, "saml-schema-assertion-2.0.xsd"),
    (SAMLP, "saml-schema-protocol-2.0.xsd"),
    (MD, "saml-schema-metadata-2.0.xsd"),
    (SOAP, "envelope.xsd"),
)
_OWN = (
    (EXC_C14N, "exc-c14n.xsd"),
    (XACML_POLICY, "xacml-policy.xsd"),
    (XACML_CONTEXT, "xacml-context.xsd"),
    (XACML_ASSERTION, "xacml-saml-assertion.xsd"),
    (XACML_PROTOCOL, "xacml-saml-protocol.xsd"),
    (CATALOGUE, "service-catalogue.xsd"),
    (SAMLP_EXTENSION, "samlp-extension.xsd"),
)


@cache
def _schema() -> etree.XMLSchema:
    root = etree.Element(tag(XS, "schema"), nsmap={"xs": XS})
    shipped = _shipped_folder()
    for folder, files in ((shipped, _SHIPPED), (_OURS, _OWN)):
        for namespace, name in files:
            etree.SubElement(
                root, tag(XS, "import"), namespace=namespace, schemaLocation=(folder / name).as_uri()
            )
    return etree.XMLSchema(root)


def _shipped_folder() -> Path:
    # find_spec does not run the package: importing saml2 costs a second and 25 MiB that serving has no use for.
    spec = find_spec("saml2")
    if spec is None or spec.origin is None:
        raise RuntimeError("pysaml2 is not installed; its schemas are needed")
    return Path(spec.origin).parent / "data" / "schemas"


def preload() -> None:
    """Compile the schemas now, so that workers share them after a fork."""
    _schema()


def is_valid(element: etree._Element) -> bool:
    """Whether the element, alone or inside a document, is valid against the schemas."""
    return bool(_schema().validate(element))


def validate(root: etree._Element) -> None:
    """Raise ``MalformedMessage`` with the line of the first fault when the document is not valid."""
    for line, _ in list_faults(root)[:1]:
        raise MalformedMessage(f"not valid against the schema at line {line}")


def list_faults(root: etree._Element) -> list[tuple[int, str]]:
    """(line, text) of each fault; the text quotes content, so it is for files of operators, not for messages."""
    schema = _schema()
    if schema.validate(root):
        return []
    # The log is the validator's, shared by all threads: another may have emptied it, the verdict stands.
    return [(entry.line, entry.message) for entry in schema.error_log] or [(0, "not valid")]
