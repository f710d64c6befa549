"""samlp:Status: the outcome of a request, in the codes the afsprakenstelsel allows (Error handling)."""

from dataclasses import dataclass

from lxml import etree

from broker.saml.build import child
from broker.saml.errors import MalformedMessage
from broker.saml.names import REASON
from broker.saml.names import SAMLP
from broker.saml.names import STATUS_AUTHN_FAILED
from broker.saml.names import STATUS_REQUEST_UNSUPPORTED
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_RESPONDER
from broker.saml.names import STATUS_SUCCESS
from broker.saml.names import tag
from broker.saml.reading import only

_CODE = tag(SAMLP, "StatusCode")


@dataclass(frozen=True, slots=True)
class Status:
    """A status: top and second level code, a text for people, and our own machine-readable reason.

    ``reason`` travels in StatusDetail as ``<Reason Code="...">`` of our own namespace; parties that do not know
    it ignore it, and from parties that do not send it, it is None.
    """

    top: str
    second: str | None = None
    message: str | None = None
    reason: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the request succeeded."""
        return self.top == STATUS_SUCCESS

    @property
    def is_authn_failed(self) -> bool:
        """Whether this is the person's outcome (cancelled, not authorised) and no technical fault."""
        return self.top == STATUS_RESPONDER and self.second == STATUS_AUTHN_FAILED

    @property
    def is_undeliverable(self) -> bool:
        """Whether what was asked cannot be given: a kind of identifier, or an attribute."""
        return self.top == STATUS_RESPONDER and self.second == STATUS_REQUEST_UNSUPPORTED


SUCCESS = Status(STATUS_SUCCESS)


def authn_failed(message: str, reason: str) -> Status:
    """The person's outcome: cancelled, or not allowed."""
    return Status(STATUS_RESPONDER, STATUS_AUTHN_FAILED, message, reason)


def request_unsupported(message: str, reason: str) -> Status:
    """The requester asked what cannot be."""
    return Status(STATUS_REQUESTER, STATUS_REQUEST_UNSUPPORTED, message, reason)


def responder_unsupported(message: str, reason: str) -> Status:
    """What was asked is understood, and cannot be given (Afsprakenstelsel, Error handling)."""
    return Status(STATUS_RESPONDER, STATUS_REQUEST_UNSUPPORTED, message, reason)


def responder_failed(message: str, reason: str) -> Status:
    """A technical fault on our side of the requester."""
    return Status(STATUS_RESPONDER, None, message, reason)


def write_status(parent: etree._Element, status: Status) -> None:
    """Append the Status element."""
    element = child(parent, SAMLP, "Status")
    top = child(element, SAMLP, "StatusCode", None, {"Value": status.top})
    if status.second:
        child(top, SAMLP, "StatusCode", None, {"Value": status.second})
    if status.message:
        child(element, SAMLP, "StatusMessage", status.message)
    if status.reason:
        child(child(element, SAMLP, "StatusDetail"), REASON, "Reason", None, {"Code": status.reason})


def read_status(element: etree._Element) -> Status:
    """Read the Status of a verified response. Raises ``MalformedMessage``."""
    status = only(element, tag(SAMLP, "Status"))
    top = only(status, _CODE)
    value = top.get("Value")
    if not value:
        raise MalformedMessage("StatusCode without Value")
    second = top.find(_CODE)
    reason = status.find(f"{tag(SAMLP, 'StatusDetail')}/{tag(REASON, 'Reason')}")
    return Status(
        top=value,
        second=None if second is None else second.get("Value"),
        message=status.findtext(tag(SAMLP, "StatusMessage")),
        reason=None if reason is None else reason.get("Code"),
    )
