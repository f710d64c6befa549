"""One message to us and to three independent judges, and their verdicts side by side.

Other tests hand over the messages they meet: ``assert_all_judges_agree(message, certificates)``.
"""

from collections.abc import Mapping
from collections.abc import Sequence

from lxml import etree

from broker.exchange.incoming import read_incoming
from broker.saml import schema
from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.authentication import read_authentication
from broker.saml.authn_request import read_authn_request
from broker.saml.authorization import read_authorization
from broker.saml.decision_query import read_decision_query
from broker.saml.declaration import read_declaration
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.keys import Certificate
from broker.saml.names import DS
from broker.saml.names import REPRESENTATION
from broker.saml.names import SAML
from broker.saml.names import SOAP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.reading import issuer
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import verify_redirect
from broker.saml.response import open_response
from broker.saml.signature import is_signed
from broker.saml.signature import verify
from broker.saml.soap import unwrap
from tests.judges import JUDGES
from tests.judges import signatures_in

_SIGNATURE = tag(DS, "Signature")


def read(message: bytes, certificates: Sequence[Certificate]) -> object:
    """What we read in a message, through every check of broker/saml. Raises a ``SamlError``.

    ``certificates`` are those of whoever the Issuer claims to be.
    """
    element = parse(message)
    if element.tag == tag(SOAP, "Envelope"):
        return _read(unwrap(message), certificates)
    return _read(element, certificates)


def read_query(query: str, certificates: Sequence[Certificate]) -> object:
    """What we read in a message that came by HTTP-Redirect. Raises a ``SamlError``."""
    message = decode_redirect(read_incoming(query, (), "SAMLRequest").query)
    element = parse(message.data)
    valid = schema.is_valid(element)
    if is_signed(element):
        raise InvalidSignature("signed both in the query string and in the message")
    verified = verify_redirect(message, element, certificates, issuer(element))
    if not valid:
        raise MalformedMessage("not valid against the schema")
    return read_authn_request(verified.element)


def _read(element: etree._Element, certificates: Sequence[Certificate]) -> object:
    valid = schema.is_valid(element)
    result = _open(element, certificates)
    if not valid:
        raise MalformedMessage("not valid against the schema")
    return result


def _open(element: etree._Element, certificates: Sequence[Certificate]) -> object:
    kind, signer = etree.QName(element).localname, issuer(element)
    if kind == "ArtifactResponse":
        inside = open_artifact_response(element, certificates, signer, element.get("InResponseTo", ""))
        return None if inside is None else _read(inside, certificates)
    if kind == "Response":
        opened = open_response(element, certificates, signer)
        return opened.response, None if opened.assertion is None else _read_assertion(
            opened.assertion.element
        )
    verified = verify(element, certificates, signer, keep=True)
    if kind == "XACMLAuthzDecisionQuery":
        return read_decision_query(verified)
    if kind == "Assertion":
        return _read_assertion(verified.element)
    return {"AuthnRequest": read_authn_request, "ArtifactResolve": read_artifact_resolve}[kind](
        verified.element
    )


def _read_assertion(element: etree._Element) -> object:
    if element.find(tag(SAML, "Statement")) is not None:
        return read_authorization(element)
    names = {attribute.get("Name") for attribute in element.iter(tag(SAML, "Attribute"))}
    return read_authentication(element) if REPRESENTATION in names else read_declaration(element)


def our_refusal(message: bytes, certificates: Sequence[Certificate]) -> SamlError | None:
    """The error with which we refuse a message, None when we accept it. Any other exception is a fault of ours."""
    try:
        read(message, certificates)
    except SamlError as error:
        return error
    return None


def verdicts(message: bytes, certificates: Sequence[Certificate]) -> Mapping[str, bool]:
    """Per judge, whether the document parses, holds a signature, and all its signatures hold."""
    try:
        positions = range(len(signatures_in(message)))
    except etree.XMLSyntaxError:
        positions = range(0)
    return {
        judge.name: bool(positions)
        and all(judge.accepts(message, position, certificates) for position in positions)
        for judge in JUDGES
    }


def assert_all_judges_agree(message: bytes, certificates: Sequence[Certificate]) -> None:
    """Assert that we and every judge accept every signature in a message, and that it is valid against the schemas.

    ``certificates`` are those of all who may have signed a part of it. The message may be a SOAP envelope.
    """
    element = parse(message)
    faults = schema.list_faults(element)
    assert not faults, f"not valid against the schemas: {faults}"
    holders = [signature.getparent() for signature in element.iter(_SIGNATURE)]
    assert holders, "there is no signature to judge"
    for holder in holders:
        assert holder is not None
        verify(holder, certificates, "anyone")
    refusals = [name for name, accepted in verdicts(message, certificates).items() if not accepted]
    assert not refusals, f"we accept every signature, refused by {refusals}"
