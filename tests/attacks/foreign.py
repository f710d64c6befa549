"""Messages as other software writes and signs them: other prefixes, indentation, other tools."""

import subprocess
import tempfile
from pathlib import Path

from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner

from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from tests.attacks.forging import SIGNATURE
from tests.attacks.forging import fill
from tests.attacks.forging import place
from tests.attacks.forging import prefix_list
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.attacks.forging import transform
from tests.keys import certificate_pem
from tests.keys import key_stem
from tests.keys import private_pem
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import SERVICE_UUID
from tests.saml.builders import an_encrypted_id
from tests.saml.builders import new_id

REQUEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"
    AssertionConsumerServiceURL="https://dv.example.nl/acs" Destination="https://hm.example.nl/dv_hm/1.13"
    ForceAuthn="1" ID="_SAMLID" IssueInstant="2025-03-03T09:15:00.123Z"
    ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Version="2.0">
  <saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">{DV}</saml2:Issuer>
  <saml2p:NameIDPolicy AllowCreate="1"/>
</saml2p:AuthnRequest>
"""
"""As Shibboleth writes it, indented."""

DEFAULT_NAMESPACE_REQUEST = f"""<AuthnRequest xmlns="urn:oasis:names:tc:SAML:2.0:protocol" ID="_SAMLID"
    Version="2.0" IssueInstant="2025-03-03T09:15:00Z" Destination="https://hm.example.nl/dv_hm/1.13"
    AssertionConsumerServiceIndex="0" AttributeConsumingServiceIndex="7"><Issuer
    xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{DV}</Issuer></AuthnRequest>"""
"""Without prefixes, as .NET writes it."""


def _assertion_text() -> str:
    subject = an_encrypted_id("mr", MR, "anna").raw.decode("ascii")
    return f"""<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" ID="_SAMLID" IssueInstant="2025-03-03T09:16:00.5Z" Version="2.0">
  <saml2:Issuer>{AD}</saml2:Issuer>
  <saml2:Subject>
    <saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">t-1</saml2:NameID>
    <saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
      <saml2:SubjectConfirmationData InResponseTo="_hm2ad" NotOnOrAfter="2025-03-03T09:18:00Z"
          Recipient="https://hm.example.nl/acs"/>
    </saml2:SubjectConfirmation>
  </saml2:Subject>
  <saml2:Conditions NotBefore="2025-03-03T09:16:00Z" NotOnOrAfter="2025-03-03T09:18:00Z">
    <saml2:AudienceRestriction><saml2:Audience>{HM}</saml2:Audience></saml2:AudienceRestriction>
  </saml2:Conditions>
  <saml2:AuthnStatement AuthnInstant="2025-03-03T09:16:00Z"><saml2:AuthnContext>
    <saml2:AuthnContextClassRef>urn:etoegang:core:assurance-class:loa3</saml2:AuthnContextClassRef>
    <saml2:AuthenticatingAuthority>00000099000000002000</saml2:AuthenticatingAuthority>
  </saml2:AuthnContext></saml2:AuthnStatement>
  <saml2:AttributeStatement>
    <saml2:Attribute Name="urn:etoegang:core:Representation"><saml2:AttributeValue
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xsd:boolean">1</saml2:AttributeValue>
    </saml2:Attribute>
    <saml2:Attribute Name="urn:etoegang:core:ServiceUUID"><saml2:AttributeValue
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:type="xsd:string">{SERVICE_UUID}</saml2:AttributeValue>
    </saml2:Attribute>
    <saml2:Attribute Name="urn:etoegang:core:AuthorizationRegistryID"><saml2:AttributeValue>{MR}</saml2:AttributeValue>
    </saml2:Attribute>
    <saml2:Attribute Name="urn:etoegang:core:ActingSubjectID"><saml2:AttributeValue>{subject}</saml2:AttributeValue>
    </saml2:Attribute>
  </saml2:AttributeStatement>
</saml2:Assertion>"""


def _response_text(assertion: str) -> str:
    return f"""<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_SAMLID" Version="2.0"
    IssueInstant="2025-03-03T09:16:00Z" InResponseTo="_hm2ad" Destination="https://hm.example.nl/acs">
  <Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">{AD}</Issuer>
  <saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>
  {assertion}
</saml2p:Response>"""


def _with_template(text: str, prefixes: str) -> bytes:
    name = new_id()
    root = etree.fromstring(text.replace("_SAMLID", name).encode())
    c14n = transform(EXC_C14N, prefix_list(prefixes) if prefixes else "")
    place(root, template(reference(f"#{name}", transforms=transform(ENVELOPED) + c14n)))
    return etree.tostring(root)


def by_xmlsec1(text: str, party: str, prefixes: str = "") -> bytes:
    """Signed by the program xmlsec1."""
    document = _with_template(text, prefixes)
    kind = str(etree.fromstring(document).tag)[1:].replace("}", ":")
    key = key_stem(party).with_suffix(".key")
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        Path(file.name).write_bytes(document)
        first = "//*[local-name()='Signature'][not(.//*[local-name()='SignatureValue']/text())]"
        command = [
            "xmlsec1",
            "--sign",
            "--privkey-pem",
            str(key),
            "--id-attr:ID",
            kind,
            "--node-xpath",
            first,
        ]
        return subprocess.run([*command, file.name], capture_output=True, check=True).stdout


def by_python_xmlsec(text: str, party: str, prefixes: str = "") -> bytes:
    """Signed by python-xmlsec."""
    root = etree.fromstring(_with_template(text, prefixes))
    signature = root.find(SIGNATURE)
    assert signature is not None
    fill(signature, party)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def by_signxml(text: str, party: str, prefixes: str = "") -> bytes:
    """Signed by signxml, with its certificate in KeyInfo; it puts no PrefixList on the reference."""
    root = etree.fromstring(text.replace("_SAMLID", new_id()).encode())
    place(root, etree.Element(tag(DS, "Signature"), Id="placeholder"))
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(
        root,
        key=private_pem(party),
        cert=certificate_pem(party).decode("ascii"),
        reference_uri=root.get("ID"),
        id_attribute="ID",
    )
    return etree.tostring(signed)


TOOLS = {"xmlsec1": by_xmlsec1, "python-xmlsec": by_python_xmlsec, "signxml": by_signxml}


def foreign_request(tool: str, text: str = REQUEST) -> bytes:
    """An AuthnRequest of a dienstverlener with other software."""
    return TOOLS[tool](text, "dv")


def foreign_assertion(tool: str) -> bytes:
    """An assertion of an authenticatiedienst with other software: ``saml2:``, ``xsd:`` in values, indented."""
    return TOOLS[tool](_assertion_text(), "ad", "xsd")


def foreign_response(tool: str) -> bytes:
    """Such an assertion in a Response, both signed."""
    assertion = foreign_assertion(tool).decode("ascii")
    text = assertion.partition("?>")[2] if assertion.startswith("<?xml") else assertion
    return TOOLS[tool](_response_text(text.strip()), "ad")
