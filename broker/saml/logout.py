"""samlp:LogoutRequest and samlp:LogoutResponse: ending a session (SAML core 3.7, profiles 4.4).

Afsprakenstelsel, Single log-out: dienstverlener to makelaar to authenticatiedienst, through the browser. Its table of
elements is not public; what is read here is what SAML requires.
"""

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from lxml import etree

from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.build import root
from broker.saml.errors import MalformedMessage
from broker.saml.errors import OutsideTimeWindow
from broker.saml.names import NAMEID_TRANSIENT
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.policy import LIFETIMES
from broker.saml.policy import LIMITS
from broker.saml.reading import issuer
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import only
from broker.saml.reading import require_version
from broker.saml.reading import text_of
from broker.saml.status import Status
from broker.saml.status import read_status
from broker.saml.status import write_status


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """End the session of this subject.

    ``name_id`` is the NameID of the assertion with which the session began, ``session_indexes`` those of its
    AuthnStatement, none meaning every session of the subject; ``not_on_or_after`` is when the request lapses.
    """

    id: str
    issue_instant: datetime
    issuer: str
    destination: str | None
    name_id: str = field(repr=False)
    name_qualifier: str | None = None
    session_indexes: tuple[str, ...] = ()
    not_on_or_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogoutResponse:
    """What came of a LogoutRequest."""

    id: str
    in_response_to: str
    issue_instant: datetime
    issuer: str
    destination: str | None
    status: Status


def write_logout_request(request: LogoutRequest) -> etree._Element:
    """The unsigned element; the NameID is transient."""
    lapses = request.not_on_or_after
    element = root(
        SAMLP,
        "LogoutRequest",
        {
            "ID": request.id,
            "Version": "2.0",
            "IssueInstant": instant(request.issue_instant),
            "Destination": request.destination,
            "NotOnOrAfter": None if lapses is None else instant(lapses),
        },
    )
    child(element, SAML, "Issuer", request.issuer)
    name = {"Format": NAMEID_TRANSIENT, "NameQualifier": request.name_qualifier}
    child(element, SAML, "NameID", request.name_id, name)
    for index in request.session_indexes:
        child(element, SAMLP, "SessionIndex", index)
    return element


def read_logout_request(element: etree._Element) -> LogoutRequest:
    """Read a verified LogoutRequest. Raises ``MalformedMessage``, also for a subject that is not a plain NameID."""
    if element.tag != tag(SAMLP, "LogoutRequest"):
        raise MalformedMessage("not a LogoutRequest")
    require_version(element)
    name_id = only(element, tag(SAML, "NameID"))
    indexes = tuple((found.text or "").strip() for found in element.iterfind(tag(SAMLP, "SessionIndex")))
    if len(indexes) > LIMITS.session_indexes or not all(indexes):
        raise MalformedMessage("a SessionIndex is empty, or there are too many")
    lapses = element.get("NotOnOrAfter")
    return LogoutRequest(
        id=message_id(element),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        destination=element.get("Destination"),
        name_id=text_of(element, tag(SAML, "NameID")),
        name_qualifier=name_id.get("NameQualifier"),
        session_indexes=indexes,
        not_on_or_after=None if lapses is None else moment(lapses),
    )


def require_not_lapsed(request: LogoutRequest, now: datetime) -> None:
    """Raise ``OutsideTimeWindow`` when the request is past its NotOnOrAfter, give or take the allowed skew."""
    if request.not_on_or_after is not None and now - LIFETIMES.clock_skew >= request.not_on_or_after:
        raise OutsideTimeWindow("the LogoutRequest has lapsed")


def write_logout_response(response: LogoutResponse) -> etree._Element:
    """The unsigned element."""
    element = root(
        SAMLP,
        "LogoutResponse",
        {
            "ID": response.id,
            "InResponseTo": response.in_response_to,
            "Version": "2.0",
            "IssueInstant": instant(response.issue_instant),
            "Destination": response.destination,
        },
    )
    child(element, SAML, "Issuer", response.issuer)
    write_status(element, response.status)
    return element


def read_logout_response(element: etree._Element) -> LogoutResponse:
    """Read a verified LogoutResponse. Raises ``MalformedMessage``."""
    if element.tag != tag(SAMLP, "LogoutResponse"):
        raise MalformedMessage("not a LogoutResponse")
    require_version(element)
    return LogoutResponse(
        id=message_id(element),
        in_response_to=element.get("InResponseTo", ""),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        destination=element.get("Destination"),
        status=read_status(element),
    )
