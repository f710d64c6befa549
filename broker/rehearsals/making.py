"""Wrong answers, each made from the true one by a small change, and signed again wherever an attacker could not have.

What gives an answer away is then the rule that it breaks, and not a signature that does not hold.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from functools import cache
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.rehearsals import wrapping
from broker.rehearsals.kinds import Kind
from broker.rehearsals.parts import ASSERTION
from broker.rehearsals.parts import prefixes_of
from broker.rehearsals.parts import the_assertion
from broker.rehearsals.parts import unsign
from broker.saml.build import instant
from broker.saml.encrypted_assertion import Sealing
from broker.saml.encrypted_assertion import seal_assertion
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.keys import SigningKey
from broker.saml.names import INTERMEDIATE_SUBJECT_ID
from broker.saml.names import SAML
from broker.saml.names import XSI
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.response import Response
from broker.saml.response import make_response
from broker.saml.response import read_response
from broker.saml.signature import sign
from broker.saml.status import Status

ELSEWHERE: Final = "https://elsewhere.invalid/"
"""An address that nobody has (RFC 2606)."""
NOBODY: Final = "urn:etoegang:HM:00000099000000000000:entities:9999"
"""An EntityID of nobody."""
MADE_UP_KVK: Final = "99999999"
"""The KvK-nummer of an intermediary that is made up: the last that eight digits can write."""
MADE_UP_VESTIGING: Final = "999999999999"
"""A vestigingsnummer of the same kind."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Making:
    """What an answer is made with.

    ``own`` is our key, ``following`` the one that our metadata announces, None when there is none. ``lower_class`` is
    the class of AuthnContext for ``lower``, which is less than was asked. ``recipient`` is for whom identifiers are,
    None for somebody who gets them in clear; ``sealing`` as the dienstverlener wants it, for an answer that comes in
    unsealed. ``status`` is that of a kind that refuses; ``names`` maps our names of plain attributes to theirs.
    """

    own: SigningKey
    now: datetime
    new_id: Callable[[], str]
    lower: LevelOfAssurance
    lower_class: str
    following: SigningKey | None = None
    recipient: Recipient | None = None
    sealing: Sealing | None = None
    status: Status | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to the dienstverlener."""

    message: bytes = field(repr=False)
    relay_state: str | None


class CannotBeMade(Exception):
    """This answer cannot be made here; the text says why."""


class _Stranger:
    """A key of nobody, under the name of ours."""

    def __init__(self, own: SigningKey) -> None:
        self.key_name = own.key_name
        self.certificate_der = own.certificate_der

    def sign(self, data: bytes) -> bytes:
        return _strange_key().sign(data, padding.PKCS1v15(), hashes.SHA256())


@cache
def _strange_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(slots=True)
class _Draft:
    """A Response being changed: the keys that sign it at the end, None to leave it as it stands."""

    response: etree._Element
    making: Making
    assertion_key: SigningKey | None
    response_key: SigningKey | None


Change = Callable[[_Draft], None]


def remake(kind: Kind, true: bytes, relay_state: str | None, making: Making) -> Answer:
    """The answer of this kind, made from the true one, a signed Response with one assertion in clear.

    Raises ``CannotBeMade``.
    """
    if kind.refusal is not None:
        return Answer(_refusing(true, making), relay_state)
    if kind.id == "relay-state-elsewhere":
        relay_state = ELSEWHERE
    elif kind.id == "relay-state-absent":
        relay_state = None
    draft = _Draft(parse(true), making, making.own, making.own)
    change = _CHANGES.get(kind.id)
    if change is not None:
        change(draft)
    return Answer(_finish(draft), relay_state)


def _finish(draft: _Draft) -> bytes:
    response, making = draft.response, draft.making
    for assertion in response.findall(ASSERTION):
        if draft.assertion_key is not None:
            prefixes = prefixes_of(assertion)
            unsign(assertion)
            sign(assertion, draft.assertion_key, prefixes=prefixes)
        if making.sealing is not None:
            sealed = reparse(seal_assertion(serialise(assertion), making.sealing, making.new_id))
            response.replace(assertion, sealed)
    unsign(response)
    if draft.response_key is not None:
        sign(response, draft.response_key)
    return serialise(response)


def _refusing(true: bytes, making: Making) -> bytes:
    if making.status is None:
        raise CannotBeMade("a refusal needs a status")
    envelope = read_response(parse(true))
    refused = Response(
        making.new_id(),
        envelope.in_response_to,
        making.now,
        envelope.issuer,
        envelope.destination,
        making.status,
    )
    return make_response(refused, None, making.own)


def _expired(draft: _Draft) -> None:
    _in_force(draft, draft.making.now - 2 * _HOUR, draft.making.now - _HOUR)


def _not_yet_valid(draft: _Draft) -> None:
    _in_force(draft, draft.making.now + _HOUR, draft.making.now + 2 * _HOUR)


def _in_force(draft: _Draft, start: datetime, end: datetime) -> None:
    assertion = the_assertion(draft.response)
    for conditions in assertion.findall(tag(SAML, "Conditions")):
        conditions.set("NotBefore", instant(start))
        conditions.set("NotOnOrAfter", instant(end))
    for data in _confirmations(assertion):
        data.set("NotOnOrAfter", instant(end))


def _confirmations(assertion: etree._Element) -> list[etree._Element]:
    path = "/".join(tag(SAML, name) for name in ("Subject", "SubjectConfirmation", "SubjectConfirmationData"))
    return assertion.findall(path)


def _wrong_audience(draft: _Draft) -> None:
    path = "/".join(tag(SAML, name) for name in ("Conditions", "AudienceRestriction", "Audience"))
    first, *others = the_assertion(draft.response).findall(path)
    first.text = NOBODY
    for other in others:
        parent = other.getparent()
        if parent is not None:
            parent.remove(other)


def _wrong_recipient(draft: _Draft) -> None:
    for data in _confirmations(the_assertion(draft.response)):
        data.set("Recipient", ELSEWHERE)


def _wrong_destination(draft: _Draft) -> None:
    draft.response.set("Destination", ELSEWHERE)


def _wrong_issuer(draft: _Draft) -> None:
    for element in (draft.response, the_assertion(draft.response)):
        for issuer in element.findall(tag(SAML, "Issuer")):
            issuer.text = NOBODY


def _wrong_in_response_to(draft: _Draft) -> None:
    other = draft.making.new_id()
    draft.response.set("InResponseTo", other)
    for data in _confirmations(the_assertion(draft.response)):
        data.set("InResponseTo", other)


def _unsigned(draft: _Draft) -> None:
    unsign(the_assertion(draft.response))
    draft.assertion_key = draft.response_key = None


def _wrong_key(draft: _Draft) -> None:
    draft.assertion_key = draft.response_key = _Stranger(draft.making.own)


def _changed_after_signing(draft: _Draft) -> None:
    wrapping.forge(the_assertion(draft.response))
    draft.assertion_key = draft.response_key = None


def _level_lowered(draft: _Draft) -> None:
    assertion = the_assertion(draft.response)
    statement = assertion.findall(tag(SAML, "AuthnStatement"))
    for each in statement:
        for class_ref in each.iter(tag(SAML, "AuthnContextClassRef")):
            class_ref.text = draft.making.lower_class
    for attribute in assertion.findall(f"{tag(SAML, 'AttributeStatement')}/{tag(SAML, 'Attribute')}"):
        if attribute.get("Name") == draft.making.names.get("LoA", "LoA"):
            attribute[0].text = draft.making.lower.urn


def _no_assertion(draft: _Draft) -> None:
    draft.response.remove(the_assertion(draft.response))


def _chain(draft: _Draft) -> None:
    making = draft.making
    if making.recipient is None:
        _plain(draft, "IntermediateKvKnr", MADE_UP_KVK)
        return
    encrypted = encrypt_identifier(IdentifierType.KVKNR, MADE_UP_KVK, [making.recipient], making.new_id)
    _attribute(draft, INTERMEDIATE_SUBJECT_ID).append(reparse(encrypted.raw))


def _vestiging(draft: _Draft) -> None:
    _plain(draft, "Vestigingsnr", MADE_UP_VESTIGING)


def _extra_attribute(draft: _Draft) -> None:
    _plain(draft, "urn:openmakelaar:1.0:rehearsal:Unknown", "rehearsal")


def _plain(draft: _Draft, name: str, text: str) -> None:
    value = _attribute(draft, draft.making.names.get(name, name))
    value.text = text
    # The AttributeStatement binds both prefixes, as that of every assertion of ours does.
    value.set(tag(XSI, "type"), "xs:string")


def _attribute(draft: _Draft, name: str) -> etree._Element:
    """The value of a new Attribute, of the format that the others have; one that was there goes."""
    (statement,) = the_assertion(draft.response).findall(tag(SAML, "AttributeStatement"))
    name_format = None
    for each in statement.findall(tag(SAML, "Attribute")):
        name_format = each.get("NameFormat")
        if each.get("Name") == name:
            statement.remove(each)
    attribute = etree.SubElement(statement, tag(SAML, "Attribute"), Name=name)
    if name_format is not None:
        attribute.set("NameFormat", name_format)
    return etree.SubElement(attribute, tag(SAML, "AttributeValue"))


def _comment_inside(draft: _Draft) -> None:
    """A comment in the middle of the NameID and of every plain value."""
    assertion = the_assertion(draft.response)
    names = assertion.findall("/".join(tag(SAML, name) for name in ("Subject", "NameID")))
    path = "/".join(tag(SAML, name) for name in ("AttributeStatement", "Attribute", "AttributeValue"))
    for element in (*names, *assertion.findall(path)):
        text = element.text or ""
        if len(element) or not text.strip():
            continue
        middle = len(text) // 2
        comment = etree.Comment(" ")
        element.text, comment.tail = text[:middle], text[middle:]
        element.append(comment)


def _next_key(draft: _Draft) -> None:
    if draft.making.following is None:
        raise CannotBeMade("no next key was announced")
    draft.assertion_key = draft.response_key = draft.making.following


def _wrapped(wrap: Callable[[etree._Element, Callable[[], str]], None]) -> Change:
    def change(draft: _Draft) -> None:
        # What was signed stays as it was signed; the Response, whose signature covers all, loses its own.
        wrap(draft.response, draft.making.new_id)
        draft.assertion_key = draft.response_key = None

    return change


_CHANGES: Final[Mapping[str, Change]] = {
    "expired": _expired,
    "not-yet-valid": _not_yet_valid,
    "wrong-audience": _wrong_audience,
    "wrong-recipient": _wrong_recipient,
    "wrong-destination": _wrong_destination,
    "wrong-issuer": _wrong_issuer,
    "wrong-in-response-to": _wrong_in_response_to,
    "unsigned": _unsigned,
    "wrong-key": _wrong_key,
    "changed-after-signing": _changed_after_signing,
    "wrapped-beside": _wrapped(wrapping.beside),
    "wrapped-inside": _wrapped(wrapping.inside),
    "wrapped-extensions": _wrapped(wrapping.extensions),
    "wrapped-object": _wrapped(wrapping.in_object),
    "level-lowered": _level_lowered,
    "no-assertion": _no_assertion,
    "chain": _chain,
    "vestiging": _vestiging,
    "comment-inside": _comment_inside,
    "extra-attribute": _extra_attribute,
    "next-key": _next_key,
}
