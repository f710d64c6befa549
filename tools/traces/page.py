"""A login as a page: a drawing of who speaks to whom, then each message as it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from broker.saml.encryption import EncryptedId
from broker.saml.encryption import OpenedId
from broker.saml.encryption import decrypt_identifier
from broker.saml.keys import DecryptionKey
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.pretty import lay_out
from tools.traces.flows import Flow
from tools.traces.tap import Passing
from tools.traces.tap import issuer

_SHOWN = 32
_CUT = {
    "{http://www.w3.org/2000/09/xmldsig#}SignatureValue",
    "{http://www.w3.org/2000/09/xmldsig#}X509Certificate",
    "{http://www.w3.org/2001/04/xmlenc#}CipherValue",
    "{urn:oasis:names:tc:xacml:2.0:context:schema:os}AttributeValue",
}
_ATTRIBUTES = f".//{{{SAMLP}}}Response/{{{SAML}}}Assertion/{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"
_REMARK = (
    "Messages are laid out for reading, and values of keys, signatures and ciphertext are cut short, so that no "
    "signature verifies here."
)
_SOAP_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of the drawing, with the message it carries, if any."""

    sender: str
    receiver: str
    label: str
    message: bytes | None = None


def steps(passed: Sequence[Passing], names: dict[str, str]) -> list[Step]:
    """The arrows of what passed; ``names`` maps entityIDs and names of doors to those in the drawing."""
    found: list[Step] = []
    for passing in passed:
        receiver = names[passing.door]
        if passing.message is None:
            found.append(Step("Browser", receiver, "artifact"))
        elif passing.way != "SOAP":
            label = f"{_kind(passing.message)} ({passing.way})"
            found.append(Step("Browser", receiver, label, passing.message))
        else:
            sender = names.get(issuer(passing.message), "Dienstverlener")
            found.append(Step(sender, receiver, f"{_kind(passing.message)} (SOAP)", passing.message))
            if passing.answer:
                found.append(Step(receiver, sender, f"{_kind(passing.answer)} (SOAP)", passing.answer))
    return found


def page(flow: Flow, found: Sequence[Step], identifiers: Sequence[tuple[str, OpenedId]]) -> str:
    """The page in Markdown; ``identifiers`` is what the dienstverlener opened in the end."""
    lines = [
        f"# {flow.title}",
        "",
        "Made by `make traces`; do not edit.",
        "",
        flow.look_at,
        "",
        "```mermaid",
        "sequenceDiagram",
        *(
            f"    {step.sender}->>{step.receiver}: {number}. {step.label}"
            for number, step in _numbered(found)
        ),
        "```",
        "",
        _REMARK,
    ]
    for number, step in _numbered(found):
        if step.message is not None:
            heading = f"## {number}. {step.label}: {step.sender} to {step.receiver}"
            lines += ["", heading, "", "```xml", readable(step.message).rstrip(), "```"]
    if identifiers:
        lines += ["", "## What the dienstverlener reads, once it is decrypted", ""]
        lines += ["| attribute | NameQualifier | value |", "|---|---|---|"]
        lines += [f"| {name} | {each.qualifier} | {each.value} |" for name, each in identifiers]
    return "\n".join(lines) + "\n"


def opened(message: bytes, key: DecryptionKey, entity_id: str) -> list[tuple[str, OpenedId]]:
    """(attribute, identifier) for what this dienstverlener can open of the declaration in an answer."""
    found: list[tuple[str, OpenedId]] = []
    for attribute in etree.fromstring(message).iterfind(_ATTRIBUTES):
        for value in attribute.iter(f"{{{SAML}}}EncryptedID"):
            identifier = EncryptedId(etree.tostring(value, with_tail=False), (entity_id,))
            name = attribute.get("Name", "").rpartition(":")[2]
            found.append((name, decrypt_identifier(identifier, key, entity_id)))
    return found


def readable(message: bytes) -> str:
    """A message laid out, with long values cut: the beginning of base64 is base64, so the schema still holds."""
    root = etree.fromstring(message)
    for element in root.iter(*_CUT):
        text = "".join((element.text or "").split())
        if not len(element) and len(text) > 4 * _SHOWN:
            element.text = text[:_SHOWN]
    return lay_out(etree.tostring(root))


def _numbered(found: Sequence[Step]) -> list[tuple[int, Step]]:
    return list(enumerate(found, start=1))


def _kind(message: bytes) -> str:
    root = etree.fromstring(message)
    body = root.find(_SOAP_BODY)
    inner = root if body is None else body[0]
    return str(etree.QName(inner).localname)
