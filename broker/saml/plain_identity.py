"""The answer of a plain SAML identity provider, which knows nothing of the afsprakenstelsel (SAML profiles 4.1.4).

Products differ in what is harmless: only the Assertion signed or only the Response, a Signature in an unusual place,
several SubjectConfirmations of which one is for us. What would be unsafe is refused: anything unsigned, a confirmation
that is not for this request at this address, a NameID that is another one at each login.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from lxml import etree

from broker.saml import schema
from broker.saml.assertion import read_authn_statement
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import CM_BEARER
from broker.saml.names import NAMEID_TRANSIENT
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import XSI
from broker.saml.names import tag
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.reading import issuer
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import only
from broker.saml.signature import is_signed
from broker.saml.signature import verify
from broker.saml.status import read_status

_CONFIRMATION_DATA = (
    f"{tag(SAML, 'Subject')}/{tag(SAML, 'SubjectConfirmation')}[@Method='{CM_BEARER}']"
    f"/{tag(SAML, 'SubjectConfirmationData')}"
)


@dataclass(frozen=True, slots=True)
class PlainLogin:
    """Who logged in, as the identity provider calls them, and how: the class of the AuthnContext, by its URI."""

    assertion_id: str
    subject: str = field(repr=False)
    context: str
    authn_instant: datetime


def open_plain_response(
    element: etree._Element,
    provider: Partner,
    *,
    request_id: str,
    recipient: str,
    audience: str,
    now: datetime,
) -> PlainLogin | None:
    """The login in a Response to our request, None when the identity provider says that there is none.

    ``provider.connection.subject`` names the attribute that holds the person; without it the NameID does. Raises a
    ``SamlError`` for an answer that is not to be believed.
    """
    if element.tag != tag(SAMLP, "Response"):
        raise MalformedMessage("not a Response")
    if is_signed(element):
        element = verify(element, provider.signing, provider.entity_id).element
        proven = True
    else:
        proven = False
    if not read_status(element).is_success:
        return None
    assertion = _assertion(element, provider, proven=proven)
    if issuer(assertion) != provider.entity_id:
        raise UnexpectedAnswer("the Assertion has another Issuer")
    _require_conditions(assertion, audience, now)
    _require_confirmation(assertion, request_id, recipient, now)
    authn_instant, context, _ = read_authn_statement(assertion)
    return PlainLogin(
        message_id(assertion), _subject(assertion, provider.connection.subject), context, authn_instant
    )


def _assertion(response: etree._Element, provider: Partner, *, proven: bool) -> etree._Element:
    """The one assertion, from signed bytes; its schema is judged without its Signature, wherever that stood."""
    if response.find(tag(SAML, "EncryptedAssertion")) is not None:
        raise MalformedMessage("the Assertion is encrypted, and we publish no key for that")
    assertion = only(response, tag(SAML, "Assertion"))
    if is_signed(assertion):
        assertion = verify(assertion, provider.signing, provider.entity_id).element
    elif not proven:
        raise InvalidSignature("neither the Response nor the Assertion is signed")
    if not schema.is_valid(_untyped(assertion)):
        raise MalformedMessage("not valid against the schema")
    return assertion


def _untyped(assertion: etree._Element) -> etree._Element:
    """A copy to judge by the schema, without xsi:type on attribute values, which we read as text whatever it says.

    The prefix in ``xsi:type="xs:string"`` is not in use by any name, so exclusive canonicalisation leaves out what it
    stands for, unless the signer lists it. Most products do not.
    """
    bare = copy.deepcopy(assertion)
    for value in bare.iter(tag(SAML, "AttributeValue")):
        value.attrib.pop(tag(XSI, "type"), None)
    return bare


def _require_conditions(assertion: etree._Element, audience: str, now: datetime) -> None:
    conditions = only(assertion, tag(SAML, "Conditions"))
    skew = LIFETIMES.clock_skew
    not_before, until = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if (not_before and now + skew < moment(not_before)) or (until and now - skew >= moment(until)):
        raise OutsideTimeWindow("the assertion is not in force")
    restrictions = conditions.findall(tag(SAML, "AudienceRestriction"))
    if not restrictions or any(
        audience not in [each.text for each in restriction] for restriction in restrictions
    ):
        raise UnexpectedAnswer("the assertion is for another audience")


def _require_confirmation(assertion: etree._Element, request_id: str, recipient: str, now: datetime) -> None:
    """One bearer confirmation must be for this request, here and now; others need not be (SAML core 2.4.1)."""
    for data in assertion.iterfind(_CONFIRMATION_DATA):
        in_time = now - LIFETIMES.clock_skew < moment(data.get("NotOnOrAfter"))
        ours = (data.get("InResponseTo"), data.get("Recipient")) == (request_id, recipient)
        if ours and in_time and data.get("NotBefore") is None:
            return
    raise UnexpectedAnswer("no bearer confirmation is for this request, at this address, in force")


def _subject(assertion: etree._Element, attribute: str | None) -> str:
    if attribute is None:
        name_id = only(only(assertion, tag(SAML, "Subject")), tag(SAML, "NameID"))
        if name_id.get("Format") == NAMEID_TRANSIENT:
            raise UnexpectedAnswer("the NameID is transient: name the attribute that holds the person")
        values = [name_id.text or ""]
    else:
        values = list(_values(assertion, attribute))
    # White space of XML only: a person whose name ends in another kind is somebody else.
    names = [value.strip(" \t\r\n") for value in values]
    if len(names) != 1 or not names[0]:
        raise UnexpectedAnswer("the person is not named, or named more than once")
    return names[0]


def _values(assertion: etree._Element, name: str) -> Iterator[str]:
    for attribute in assertion.iterfind(f"{tag(SAML, 'AttributeStatement')}/{tag(SAML, 'Attribute')}"):
        if attribute.get("Name") == name:
            for value in attribute.iterfind(tag(SAML, "AttributeValue")):
                if len(value):
                    raise MalformedMessage("the attribute that holds the person has elements in it")
                yield value.text or ""
