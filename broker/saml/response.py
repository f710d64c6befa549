"""samlp:Response: an outcome, with one assertion on success and none otherwise (SAML core 3.2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from broker.saml.assertion import SIGNED_PREFIXES
from broker.saml.base64_text import unfold
from broker.saml.build import Embedding
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.build import root
from broker.saml.errors import MalformedMessage
from broker.saml.errors import UnexpectedAnswer
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.reading import issuer
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import require_version
from broker.saml.signature import Verified
from broker.saml.signature import sign
from broker.saml.signature import verify
from broker.saml.status import Status
from broker.saml.status import read_status
from broker.saml.status import write_status


@dataclass(frozen=True, slots=True)
class Response:
    """The envelope of an outcome; ``destination`` is None on a back channel."""

    id: str
    in_response_to: str
    issue_instant: datetime
    issuer: str
    destination: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class OpenedResponse:
    """A verified Response with the verified Assertion it holds, None when it tells of a failure.

    ``further`` are the assertions after the first, in a Response that may hold more than one.
    """

    response: Response
    assertion: Verified | None
    further: tuple[Verified, ...] = ()


def make_response(
    response: Response, assertion: bytes | None, key: SigningKey, further: Sequence[bytes] = ()
) -> bytes:
    """The signed Response as bytes, with an assertion that its issuer has signed already, and ``further`` ones."""
    whole = write_response(response, assertion, further)
    sign(whole, key)
    return serialise(whole)


def write_response(
    response: Response, assertion: bytes | None, further: Sequence[bytes] = ()
) -> etree._Element:
    """The unsigned Response."""
    element = root(
        SAMLP,
        "Response",
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
    embedding = Embedding()
    for each in () if assertion is None else (assertion, *further):
        embedding.put(element, each)
    return embedding.compose(element)


def make_assertion(
    element: etree._Element, key: SigningKey, prefixes: Sequence[str] = SIGNED_PREFIXES
) -> bytes:
    """An assertion, signed, as bytes on their own; ``prefixes`` are those that occur in values."""
    sign(element, key, prefixes=prefixes)
    return serialise(element)


def signature_value(assertion: bytes) -> str:
    """The SignatureValue of an assertion that ``make_assertion`` gave, for another one to be linked to it."""
    path = f"{tag(DS, 'Signature')}/{tag(DS, 'SignatureValue')}"
    return unfold(reparse(assertion).findtext(path, ""))


def open_response(
    element: etree._Element, certificates: Sequence[Certificate], signer: str, most: int = 1
) -> OpenedResponse:
    """Verify a Response and every Assertion it holds, all by ``signer``, and check that they fit together.

    Success comes with exactly one assertion, or up to ``most`` where the interface says so; anything else with none
    (SAML core 3.2.2, 3.4.1.4). Raises ``InvalidSignature``, ``MalformedMessage`` or ``UnexpectedAnswer``.
    """
    if element.tag != tag(SAMLP, "Response"):
        raise MalformedMessage("not a Response")
    verified = verify(element, certificates, signer)
    response = read_response(verified.element)
    if response.issuer != signer:
        raise UnexpectedAnswer("the Response has another Issuer")
    # `verify` digested these very nodes as part of the Response, so the direct children here are the signed ones.
    assertions = element.findall(tag(SAML, "Assertion"))
    if element.find(tag(SAML, "EncryptedAssertion")) is not None:
        raise MalformedMessage("an EncryptedAssertion is not part of this interface")
    if not (1 <= len(assertions) <= most if response.status.is_success else not assertions):
        raise MalformedMessage("the number of assertions does not fit the status")
    if not assertions:
        return OpenedResponse(response, None)
    first, *further = (verify(each, certificates, signer, keep=True) for each in assertions)
    if any(issuer(each.element) != signer for each in (first, *further)):
        raise UnexpectedAnswer("the Assertion has another Issuer")
    return OpenedResponse(response, first, tuple(further))


def read_response(element: etree._Element) -> Response:
    """Read the envelope of a verified Response. Raises ``MalformedMessage``."""
    require_version(element)
    return Response(
        id=message_id(element),
        in_response_to=element.get("InResponseTo", ""),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        destination=element.get("Destination"),
        status=read_status(element),
    )
