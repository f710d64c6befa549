"""What every assertion has in common: Issuer, Subject, Conditions, attributes (SAML core 2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from lxml import etree

from broker.saml.build import Embedding
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.build import root
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import read_encrypted_id
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import CM_BEARER
from broker.saml.names import NAMEID_TRANSIENT
from broker.saml.names import SAML
from broker.saml.names import XS
from broker.saml.names import XSI
from broker.saml.names import tag
from broker.saml.policy import LIFETIMES
from broker.saml.reading import issuer
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import only
from broker.saml.reading import require_version
from broker.saml.reading import text_of

SIGNED_PREFIXES = ("xs", "xacml-saml")
"""Prefixes that occur inside ``xsi:type`` values; their bindings are signed (xml-exc-c14n 4, PrefixList)."""
PLAIN_PREFIXES = ("xs",)
"""The same for an assertion in which nothing of XACML is embedded."""

_CONFIRMATION = f"{tag(SAML, 'Subject')}/{tag(SAML, 'SubjectConfirmation')}"


@dataclass(frozen=True, slots=True)
class Frame:
    """Who says it, about which session, to whom, until when.

    ``name_id`` is the identifier of this login, transient unless ``name_id_format`` says otherwise; ``in_response_to``
    and ``recipient`` stand in the bearer confirmation and are None in assertions that carry none.
    ``not_on_or_after`` is the earlier of the two that Conditions and the confirmation give.
    """

    id: str
    issue_instant: datetime
    issuer: str
    name_id: str = field(repr=False)
    name_qualifier: str | None
    not_before: datetime
    not_on_or_after: datetime
    audiences: tuple[str, ...] = ()
    in_response_to: str | None = None
    recipient: str | None = None
    name_id_format: str = NAMEID_TRANSIENT
    sp_name_qualifier: str | None = None


def write_frame(frame: Frame) -> etree._Element:
    """A new Assertion with Issuer, Subject and Conditions; statements follow."""
    element = root(
        SAML,
        "Assertion",
        {"ID": frame.id, "Version": "2.0", "IssueInstant": instant(frame.issue_instant)},
    )
    child(element, SAML, "Issuer", frame.issuer)
    subject = child(element, SAML, "Subject")
    name = {
        "Format": frame.name_id_format,
        "NameQualifier": frame.name_qualifier,
        "SPNameQualifier": frame.sp_name_qualifier,
    }
    child(subject, SAML, "NameID", frame.name_id, name)
    if frame.recipient is not None:
        confirmation = child(subject, SAML, "SubjectConfirmation", None, {"Method": CM_BEARER})
        data = {
            "InResponseTo": frame.in_response_to,
            "NotOnOrAfter": instant(frame.not_on_or_after),
            "Recipient": frame.recipient,
        }
        child(confirmation, SAML, "SubjectConfirmationData", None, data)
    times = {"NotBefore": instant(frame.not_before), "NotOnOrAfter": instant(frame.not_on_or_after)}
    conditions = child(element, SAML, "Conditions", None, times)
    if frame.audiences:
        restriction = child(conditions, SAML, "AudienceRestriction")
        for audience in frame.audiences:
            child(restriction, SAML, "Audience", audience)
    return element


def read_frame(element: etree._Element) -> Frame:
    """Read what is common of a verified assertion. Raises ``MalformedMessage``."""
    if element.tag != tag(SAML, "Assertion"):
        raise MalformedMessage("not an Assertion")
    require_version(element)
    conditions = only(element, tag(SAML, "Conditions"))
    restrictions = conditions.findall(tag(SAML, "AudienceRestriction"))
    if len(restrictions) > 1:
        raise MalformedMessage("more than one AudienceRestriction")
    audiences = [audience.text or "" for audience in restrictions[0]] if restrictions else []
    name_id = only(only(element, tag(SAML, "Subject")), tag(SAML, "NameID"))
    if not name_id.text:
        raise MalformedMessage("an empty NameID")
    in_response_to, recipient, confirmed_until = _read_confirmation(element)
    not_on_or_after = moment(conditions.get("NotOnOrAfter"))
    return Frame(
        id=message_id(element),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        name_id=name_id.text,
        name_qualifier=name_id.get("NameQualifier"),
        not_before=moment(conditions.get("NotBefore")),
        not_on_or_after=min(not_on_or_after, confirmed_until or not_on_or_after),
        audiences=tuple(audiences),
        in_response_to=in_response_to,
        recipient=recipient,
    )


def _read_confirmation(element: etree._Element) -> tuple[str | None, str | None, datetime | None]:
    """InResponseTo, Recipient and NotOnOrAfter of the bearer confirmation (SAML profiles 4.1.4.2)."""
    confirmations = element.findall(_CONFIRMATION)
    if not confirmations:
        return None, None, None
    if len(confirmations) > 1 or confirmations[0].get("Method") != CM_BEARER:
        raise MalformedMessage("only one bearer SubjectConfirmation is allowed")
    data = only(confirmations[0], tag(SAML, "SubjectConfirmationData"))
    if data.get("NotBefore") is not None:
        raise MalformedMessage("a bearer SubjectConfirmation has no NotBefore")
    return data.get("InResponseTo"), data.get("Recipient"), moment(data.get("NotOnOrAfter"))


def require_in_force(frame: Frame, now: datetime) -> None:
    """Raise ``OutsideTimeWindow`` unless ``now`` lies within Conditions, give or take the allowed skew."""
    skew = LIFETIMES.clock_skew
    # The skew is added to our own time: theirs may be the first or last moment that exists.
    if now + skew < frame.not_before or now - skew >= frame.not_on_or_after:
        raise OutsideTimeWindow("the assertion is not in force")


def require_confirmed(frame: Frame, *, in_response_to: str, recipient: str, audience: str) -> None:
    """Raise ``UnexpectedAnswer`` unless the assertion answers this request, here, for us."""
    if frame.in_response_to != in_response_to or frame.recipient != recipient:
        raise UnexpectedAnswer("the assertion answers another request")
    if audience not in frame.audiences:
        raise UnexpectedAnswer("the assertion is for another audience")


def write_attribute_statement(assertion: etree._Element) -> etree._Element:
    """Append an empty AttributeStatement, which binds the prefixes that the values of attributes use."""
    return child(assertion, SAML, "AttributeStatement", prefixes={"xs": XS, "xsi": XSI})


def write_attribute(
    statement: etree._Element,
    name: str,
    values: Iterable[str],
    kind: str = "xs:string",
    *,
    name_format: str | None = None,
) -> None:
    """Append an Attribute with one or more plain values."""
    attribute = child(statement, SAML, "Attribute", None, {"Name": name, "NameFormat": name_format})
    for value in values:
        child(attribute, SAML, "AttributeValue", value, {tag(XSI, "type"): kind})


def write_encrypted_attribute(
    statement: etree._Element, embedding: Embedding, name: str, values: Iterable[bytes]
) -> None:
    """Append an Attribute whose values are EncryptedIDs, one value each, in one Attribute."""
    attribute = child(statement, SAML, "Attribute", None, {"Name": name})
    for value in values:
        embedding.put(child(attribute, SAML, "AttributeValue"), value)


class Attributes:
    """The attributes of a verified assertion, by name. A name that occurs twice is refused."""

    def __init__(self, element: etree._Element) -> None:
        """Index the AttributeStatement, if there is one. Raises ``MalformedMessage``."""
        self._values: dict[str, list[etree._Element]] = {}
        path = f"{tag(SAML, 'AttributeStatement')}/{tag(SAML, 'Attribute')}"
        for attribute in element.iterfind(path):
            name = attribute.get("Name", "")
            if name in self._values:
                raise MalformedMessage("an Attribute occurs twice")
            self._values[name] = attribute.findall(tag(SAML, "AttributeValue"))

    def text(self, name: str) -> str | None:
        """The single plain value, None when absent. Raises ``MalformedMessage`` for several or for elements."""
        values = self._values.get(name)
        if values is None:
            return None
        if len(values) != 1 or len(values[0]):
            raise MalformedMessage("an Attribute does not have one plain value")
        return (values[0].text or "").strip()

    def encrypted(self, name: str) -> tuple[EncryptedId, ...]:
        """The EncryptedIDs in the values, in order; empty when the attribute is absent."""
        values = self._values.get(name, [])
        return tuple(read_encrypted_id(only(value, tag(SAML, "EncryptedID"))) for value in values)

    def texts(self, name: str) -> tuple[str, ...]:
        """All plain values, in order; empty when the attribute is absent. Raises ``MalformedMessage`` for elements."""
        values = self._values.get(name, [])
        if any(len(value) for value in values):
            raise MalformedMessage("an Attribute does not have plain values")
        return tuple((value.text or "").strip() for value in values)


def read_authn_statement(element: etree._Element) -> tuple[datetime, str, str | None]:
    """AuthnInstant, the class of the AuthnContext, and the AuthenticatingAuthority. Exactly one statement."""
    statement = only(element, tag(SAML, "AuthnStatement"))
    context = only(statement, tag(SAML, "AuthnContext"))
    authority = context.findtext(tag(SAML, "AuthenticatingAuthority"))
    instant_text = statement.get("AuthnInstant")
    return moment(instant_text), text_of(context, tag(SAML, "AuthnContextClassRef")), authority


def read_session_index(element: etree._Element) -> str | None:
    """The SessionIndex of the AuthnStatement: what the issuer calls the session, None when there is none to end."""
    return only(element, tag(SAML, "AuthnStatement")).get("SessionIndex") or None


def write_authn_statement(
    element: etree._Element,
    authn_instant: datetime,
    level_urn: str,
    authority: str,
    session: str | None = None,
) -> None:
    """Append the AuthnStatement."""
    attributes = {"AuthnInstant": instant(authn_instant), "SessionIndex": session}
    context = child(child(element, SAML, "AuthnStatement", None, attributes), SAML, "AuthnContext")
    child(context, SAML, "AuthnContextClassRef", level_urn)
    child(context, SAML, "AuthenticatingAuthority", authority)
