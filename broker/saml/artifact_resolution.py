"""ArtifactResolve and ArtifactResponse (SAML core 3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from broker.saml.build import Embedding
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.build import root
from broker.saml.errors import MalformedMessage
from broker.saml.errors import UnexpectedAnswer
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import serialise
from broker.saml.reading import issuer
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import require_version
from broker.saml.reading import text_of
from broker.saml.signature import sign
from broker.saml.signature import verify
from broker.saml.status import SUCCESS
from broker.saml.status import Status
from broker.saml.status import read_status
from broker.saml.status import write_status


@dataclass(frozen=True, slots=True)
class ArtifactResolve:
    """Give me the message behind this artifact."""

    id: str
    issue_instant: datetime
    issuer: str
    artifact: str
    destination: str | None = None


def make_artifact_resolve(resolve: ArtifactResolve, key: SigningKey) -> bytes:
    """The signed request as bytes."""
    element = write_artifact_resolve(resolve)
    sign(element, key)
    return serialise(element)


def write_artifact_resolve(resolve: ArtifactResolve) -> etree._Element:
    """The unsigned request."""
    element = root(
        SAMLP,
        "ArtifactResolve",
        {
            "ID": resolve.id,
            "Version": "2.0",
            "IssueInstant": instant(resolve.issue_instant),
            "Destination": resolve.destination,
        },
    )
    child(element, SAML, "Issuer", resolve.issuer)
    child(element, SAMLP, "Artifact", resolve.artifact)
    return element


def read_artifact_resolve(element: etree._Element) -> ArtifactResolve:
    """Read a verified request. Raises ``MalformedMessage``."""
    if element.tag != tag(SAMLP, "ArtifactResolve"):
        raise MalformedMessage("not an ArtifactResolve")
    require_version(element)
    return ArtifactResolve(
        id=message_id(element),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        artifact=text_of(element, tag(SAMLP, "Artifact")),
        destination=element.get("Destination"),
    )


def make_artifact_response(
    *,
    response_id: str,
    in_response_to: str,
    now: datetime,
    issuer: str,
    message: bytes | None,
    key: SigningKey,
    status: Status = SUCCESS,
) -> bytes:
    """The signed answer as bytes; without a message when the artifact led to none (SAML bindings 3.6.5.2)."""
    whole = write_artifact_response(
        response_id=response_id,
        in_response_to=in_response_to,
        now=now,
        issuer=issuer,
        message=message,
        status=status,
    )
    sign(whole, key)
    return serialise(whole)


def write_artifact_response(
    *,
    response_id: str,
    in_response_to: str,
    now: datetime,
    issuer: str,
    message: bytes | None,
    status: Status = SUCCESS,
) -> etree._Element:
    """The unsigned answer."""
    element = root(
        SAMLP,
        "ArtifactResponse",
        {"ID": response_id, "InResponseTo": in_response_to, "Version": "2.0", "IssueInstant": instant(now)},
    )
    child(element, SAML, "Issuer", issuer)
    write_status(element, status)
    embedding = Embedding()
    if message is not None:
        embedding.put(element, message)
    return embedding.compose(element)


def open_artifact_response(
    element: etree._Element, certificates: Sequence[Certificate], signer: str, in_response_to: str
) -> etree._Element | None:
    """Verify an ArtifactResponse; the message inside, with its own signature still to be verified, or None.

    The message is taken from the tree that was digested. That transport and envelope are proven says nothing
    about the message: its Issuer and signature are checked again by whoever opens it (CVE-2026-49283).
    """
    if element.tag != tag(SAMLP, "ArtifactResponse"):
        raise MalformedMessage("not an ArtifactResponse")
    verified = verify(element, certificates, signer).element
    require_version(verified)
    moment(verified.get("IssueInstant"))
    if issuer(verified) != signer or verified.get("InResponseTo") != in_response_to:
        raise UnexpectedAnswer("the ArtifactResponse answers another request")
    if not read_status(verified).is_success:
        raise UnexpectedAnswer("the partner could not resolve the artifact")
    inside = [
        node
        for node in element
        if node.tag not in {tag(SAML, "Issuer"), tag(SAMLP, "Extensions"), tag(SAMLP, "Status")}
    ]
    if len(inside) > 1:
        raise MalformedMessage("an ArtifactResponse holds at most one message")
    return inside[0] if inside else None
