"""What can be done to a signed Response. Each takes the message and gives another one; None when it cannot be done.

What is changed is signed again wherever a real party could have signed it: not the signature is then what gives it
away, but the rule that it breaks.
"""

from collections.abc import Callable
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from broker.domain.levels import LevelOfAssurance
from broker.network.nasty.hands import Hands
from broker.saml.assertion import SIGNED_PREFIXES
from broker.saml.build import instant
from broker.saml.keys import SigningKey
from broker.saml.names import DS
from broker.saml.names import LEVEL_OF_ASSURANCE_USED
from broker.saml.names import LINKED_SIGNATURE_VALUE
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_POLICY
from broker.saml.names import tag
from broker.saml.parsing import Element
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.signature import sign

Change = Callable[[bytes, Hands], bytes | None]

_ASSERTION: Final = tag(SAML, "Assertion")
_SIGNATURE: Final = tag(DS, "Signature")
_SIGNATURE_VALUE: Final = f"{_SIGNATURE}/{tag(DS, 'SignatureValue')}"
_ISSUER: Final = tag(SAML, "Issuer")
_LONG_AGO: Final = timedelta(hours=1)


def is_response(message: bytes) -> bool:
    """Whether this is a Response: the other messages of a party are left alone."""
    return parse(message).tag == tag(SAMLP, "Response")


def holds_assertion(message: bytes) -> bool:
    """Whether the Response declares anything."""
    return parse(message).find(_ASSERTION) is not None


def is_half_a_chain(message: bytes) -> bool:
    """Whether the Response asks for a second register."""
    return next(parse(message).iter(tag(XACML_POLICY, "Obligations")), None) is not None


def unsigned_response(message: bytes, _hands: Hands) -> bytes:
    """Only the Assertion is signed."""
    response = parse(message)
    _unsign(response)
    return serialise(response)


def unsigned_assertion(message: bytes, hands: Hands) -> bytes:
    """Only the Response is signed."""
    response = parse(message)
    for assertion in response.findall(_ASSERTION):
        _unsign(assertion)
    return _signed_whole(response, hands.own.key)


def wrong_key(message: bytes, hands: Hands) -> bytes:
    """Everything is signed, by a key of nobody."""
    return _signed(parse(message), hands.wrong)


def replayed(_message: bytes, hands: Hands) -> bytes | None:
    """What was said in an earlier login."""
    return hands.said[0] if hands.said else None


def reordered(message: bytes, hands: Hands) -> bytes | None:
    """What is said in another login at this moment."""
    return hands.swap.change(message)


def other_party(message: bytes, hands: Hands) -> bytes:
    """Another party says it."""
    response = parse(message)
    for element in (response, *response.findall(_ASSERTION)):
        for issuer in element.findall(_ISSUER):
            issuer.text = hands.other.entity_id
    return _signed(response, hands.other.key)


def lower_level(message: bytes, hands: Hands) -> bytes | None:
    """The lowest level there is, which was withdrawn: lower than whatever was asked."""
    response = parse(message)
    classes = [*response.iter(tag(SAML, "AuthnContextClassRef")), *_values(response, LEVEL_OF_ASSURANCE_USED)]
    if not classes:
        return None
    for each in classes:
        each.text = LevelOfAssurance.LOA1.urn
    return _signed(response, hands.own.key)


def swapped_pseudonym(message: bytes, hands: Hands) -> bytes | None:
    """The Assertion of an earlier login, as it was signed then, in the Response of now."""
    response, earlier = parse(message), _earlier(hands)
    ours, theirs = response.find(_ASSERTION), None if earlier is None else earlier.find(_ASSERTION)
    if ours is None or theirs is None:
        return None
    response.replace(ours, theirs)
    return _signed_whole(response, hands.own.key)


def swapped_company(message: bytes, hands: Hands) -> bytes | None:
    """An identifier of an earlier login in the Assertion of now, whose signature is left as it was."""
    response, earlier = parse(message), _earlier(hands)
    ours = next(response.iter(tag(SAML, "EncryptedID")), None)
    theirs = None if earlier is None else next(earlier.iter(tag(SAML, "EncryptedID")), None)
    parent = None if ours is None else ours.getparent()
    if ours is None or theirs is None or parent is None:
        return None
    parent.replace(ours, theirs)
    return _signed_whole(response, hands.own.key)


def obligation_dropped(message: bytes, hands: Hands) -> bytes | None:
    """The first half of a chain, as if it were the whole."""
    response = parse(message)
    obligations = next(response.iter(tag(XACML_POLICY, "Obligations")), None)
    parent = None if obligations is None else obligations.getparent()
    if obligations is None or parent is None:
        return None
    parent.remove(obligations)
    return _signed(response, hands.own.key)


def expired(message: bytes, hands: Hands) -> bytes | None:
    """An Assertion that was in force an hour ago."""
    response = parse(message)
    then = hands.own.clock() - _LONG_AGO
    found = [*response.iter(tag(SAML, "Conditions"))]
    if not found:
        return None
    for conditions in found:
        conditions.set("NotBefore", instant(then - _LONG_AGO))
        conditions.set("NotOnOrAfter", instant(then))
    return _signed(response, hands.own.key)


def no_assertion(message: bytes, hands: Hands) -> bytes | None:
    """Success, and nothing that was declared."""
    response = parse(message)
    found = response.findall(_ASSERTION)
    for assertion in found:
        response.remove(assertion)
    return _signed_whole(response, hands.own.key) if found else None


CHANGES: Final[Mapping[str, Change]] = {
    "unsigned-response": unsigned_response,
    "unsigned-assertion": unsigned_assertion,
    "wrong-key": wrong_key,
    "replayed": replayed,
    "reordered": reordered,
    "other-party": other_party,
    "lower-level": lower_level,
    "swapped-pseudonym": swapped_pseudonym,
    "swapped-company": swapped_company,
    "obligation-dropped": obligation_dropped,
    "expired": expired,
    "no-assertion": no_assertion,
}
"""What is done to an answer, by the name of the misbehaviour."""


def _values(element: Element, name: str) -> list[Element]:
    """The values of an attribute of XACML, wherever it stands."""
    attributes = element.iter(tag(XACML_CONTEXT, "Attribute"))
    named = [each for each in attributes if each.get("AttributeId") == name]
    return [value for each in named for value in each.findall(tag(XACML_CONTEXT, "AttributeValue"))]


def _earlier(hands: Hands) -> Element | None:
    """The oldest Response that declared something, which is as likely as any to be about somebody else."""
    return next((parsed for said in hands.said if (parsed := parse(said)).find(_ASSERTION) is not None), None)


def _unsign(element: Element) -> None:
    for signature in element.findall(_SIGNATURE):
        element.remove(signature)


def _signed(response: Element, key: SigningKey) -> bytes:
    """Sign everything anew; what is linked to another Assertion of this Response by its signature stays so."""
    anew: dict[str, str] = {}
    for assertion in response.findall(_ASSERTION):
        for link in _values(assertion, LINKED_SIGNATURE_VALUE):
            link.text = anew.get("".join((link.text or "").split()), link.text)
        before = "".join(assertion.findtext(_SIGNATURE_VALUE, "").split())
        _unsign(assertion)
        sign(assertion, key, prefixes=SIGNED_PREFIXES)
        anew[before] = assertion.findtext(_SIGNATURE_VALUE, "")
    return _signed_whole(response, key)


def _signed_whole(response: Element, key: SigningKey) -> bytes:
    _unsign(response)
    sign(response, key)
    return serialise(response)
