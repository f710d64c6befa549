"""What an answer holds, without a single value of it: for the page of a test login."""

from dataclasses import dataclass

from lxml import etree

from broker.rehearsals.parts import ASSERTION
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.response import read_response
from broker.saml.status import Status


@dataclass(frozen=True, slots=True)
class Held:
    """An attribute: its name, how many values it has, and for which keys (KeyName, recipient) they are encrypted."""

    name: str
    values: int
    keys: tuple[str, ...]
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """An answer. ``level`` is the class of its AuthnContext, empty without an assertion; ``enclosed`` counts Advice."""

    status: Status
    level: str
    attributes: tuple[Held, ...]
    enclosed: int


def contents(message: bytes) -> Contents:
    """What a true answer, with its assertion in clear, holds."""
    response = parse(message)
    status = read_response(response).status
    assertion = response.find(ASSERTION)
    if assertion is None:
        return Contents(status, "", (), 0)
    statement = f"{tag(SAML, 'AuthnStatement')}/{tag(SAML, 'AuthnContext')}"
    return Contents(
        status=status,
        level=assertion.findtext(f"{statement}/{tag(SAML, 'AuthnContextClassRef')}", ""),
        attributes=tuple(
            _held(each)
            for each in assertion.iterfind(f"{tag(SAML, 'AttributeStatement')}/{tag(SAML, 'Attribute')}")
        ),
        enclosed=len(assertion.findall(f"{tag(SAML, 'Advice')}/{ASSERTION}")),
    )


def _held(attribute: etree._Element) -> Held:
    keys = [*attribute.iter(tag(XENC, "EncryptedKey"))]
    return Held(
        attribute.get("Name", ""),
        len(attribute.findall(tag(SAML, "AttributeValue"))),
        tuple(
            dict.fromkeys(
                name for key in keys for name in (key.findtext(f".//{tag(DS, 'KeyName')}"),) if name
            )
        ),
        tuple(dict.fromkeys(key.get("Recipient", "") for key in keys)),
    )
