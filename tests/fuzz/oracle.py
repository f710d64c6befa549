"""What may come of a mutant. The rules know nothing of how the product reads; ``docs/fuzzing.md`` has them in words.

A ``FaultFound`` is a fault of ours, until somebody shows that the rule is wrong.
"""

import re
import resource
import time
from dataclasses import fields
from dataclasses import is_dataclass
from functools import cache
from xml.etree import ElementTree

import xmlsec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree
from xmlsec import constants

from broker.domain.personal import PersonalData
from broker.domain.personal import RawMessage
from broker.saml import parsing
from broker.saml.errors import SamlError
from broker.saml.findings import DocumentRefused
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from tests.exchange.builders import ENTITY_IDS
from tests.fuzz.kinds import Bound
from tests.fuzz.kinds import Kind
from tests.fuzz.kinds import original
from tests.fuzz.mutants import Mutant
from tests.fuzz.program import Signing
from tests.fuzz.vocabulary import CANARY
from tests.keys import certificate

SECONDS = 2.0
"""Of processor time, for one message; the slowest valid one takes milliseconds."""
GROWTH = 128 * 1024
"""KiB that one message may raise the highest memory use of the process by, that of its mutation included."""
ACCEPTED = "accepted"

SHORT = 7
"""Characters of a value that may be a word of ours as well: ``transient``, ``Permit``."""

_FOREIGN_NAME = re.compile(rb"<[^<>\"']*[\x80-\xff]")
_PARTIES = {entity_id: name for name, entity_id in ENTITY_IDS.items()}


class FaultFound(AssertionError):
    """A rule that was broken."""


def judge(mutant: Mutant) -> str:
    """``ACCEPTED``, or the code of the refusal. Raises ``FaultFound``."""
    before, peak = time.process_time(), _peak()
    outcome, values, text = _receive(mutant)
    spent, grown = time.process_time() - before, _peak() - peak
    if spent > SECONDS:
        raise FaultFound(f"{spent:.1f} s of processor time for {len(mutant.wire)} bytes: {mutant}")
    if grown > GROWTH:
        raise FaultFound(f"{grown // 1024} MiB more memory for {len(mutant.wire)} bytes: {mutant}")
    if outcome == ACCEPTED:
        _judge_accepted(mutant, values)
    else:
        _judge_text(mutant, text)
    _judge_parser(mutant, is_accepted=outcome == ACCEPTED)
    return outcome


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _receive(mutant: Mutant) -> tuple[str, object, str]:
    """(outcome, values, text of the refusal); nothing but the documented errors may come out."""
    try:
        values = mutant.kind.receive(mutant.wire)
    except SamlError as error:
        return error.code, None, str(error)
    except DocumentRefused as error:
        if not error.findings:
            raise FaultFound(f"refused without a finding: {mutant}") from None
        # These quote: they are for the operator who handed the document over.
        return "document refused", None, ""
    except Exception as error:
        raise FaultFound(f"{type(error).__name__}: {error}: {mutant}") from error
    return ACCEPTED, plain(values), ""


def plain(value: object) -> object:
    """The same as nested tuples of text and numbers, documents in their canonical form, nothing left out."""
    if isinstance(value, RawMessage):
        return plain(value.reveal_bytes())
    if isinstance(value, PersonalData):
        return value.reveal()
    if isinstance(value, bytes):
        return _canonical(value) if value.lstrip()[:1] == b"<" else value
    if isinstance(value, RSAPublicKey):
        return value.public_numbers().n
    if is_dataclass(value) and not isinstance(value, type):
        inside = ((each.name, plain(getattr(value, each.name))) for each in fields(value))
        return type(value).__name__, tuple(inside)
    if isinstance(value, dict):
        return tuple((plain(key), plain(each)) for key, each in value.items())
    if isinstance(value, tuple | list):
        return tuple(plain(each) for each in value)
    if isinstance(value, frozenset):
        return tuple(sorted(map(str, value)))
    return value


def _canonical(document: bytes) -> str:
    # By the library of Python, which reads with expat: neither the parser nor the c14n of the product.
    return ElementTree.canonicalize(document.decode("utf-8"))


@cache
def _said(kind: Kind) -> object:
    """What the message of this kind says, as it was made."""
    message = original(kind)
    return plain(kind.receive(kind.way.pack(message, message, None)))


def _judge_accepted(mutant: Mutant, values: object) -> None:
    kind = mutant.kind
    if mutant.is_signed_anew and mutant.signing in {Signing.PARTNER, Signing.STRANGER} and _is_bound(mutant):
        # A step may have put everything back as it was behind the new signature, so equal is well.
        if values != _said(kind):
            raise FaultFound(f"signed by somebody else, and accepted: {mutant}")
    elif not mutant.is_signed_anew and _is_bound(mutant) and values != _said(kind):
        raise FaultFound(f"accepted with other values than were signed: {mutant}\n{values}\n{_said(kind)}")
    if kind.bound is Bound.ALWAYS and kind.relied_on:
        _judge_signatures(mutant)


def _is_bound(mutant: Mutant) -> bool:
    if mutant.kind.bound is Bound.WHILE_SIGNED:
        return not mutant.is_signed_anew and _tree(mutant.message).find(tag(DS, "Signature")) is not None
    return mutant.kind.bound is Bound.ALWAYS


def _tree(message: bytes) -> etree._Element:
    return etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


@cache
def _key(name: str) -> xmlsec.Key:
    return xmlsec.Key.from_memory(certificate(name).der, constants.KeyDataFormatCertDer)


def _judge_signatures(mutant: Mutant) -> None:
    """What we accept, python-xmlsec accepts too."""
    root = _tree(mutant.kind.unpack(mutant.wire) or b"")
    xmlsec.tree.add_ids(root, ["ID"])
    for path in mutant.kind.relied_on:
        for holder in [root] if path == "." else root.findall(path):
            signature = holder.find(tag(DS, "Signature"))
            if signature is None:
                raise FaultFound(f"accepted without a signature at {path}: {mutant}")
            context = xmlsec.SignatureContext()
            context.key = _key(_PARTIES.get(holder.findtext(tag(SAML, "Issuer"), ""), mutant.kind.sender))
            try:
                context.verify(signature)
            except xmlsec.Error as error:
                raise FaultFound(f"accepted by us, not by python-xmlsec ({error}): {mutant}") from None


@cache
def _values_of(kind: Kind) -> frozenset[str]:
    """The values of the message, long enough not to be a word of ours."""
    found: set[str] = {CANARY}
    for node in _tree(original(kind)).iter("*"):
        found.update(value for value in (*node.attrib.values(), node.text or "") if len(value) > SHORT)
    return frozenset(found)


def _judge_text(mutant: Mutant, text: str) -> None:
    """A refusal quotes no value of the message: values may be personal data."""
    for value in _values_of(mutant.kind):
        if value in text:
            raise FaultFound(f"the refusal quotes the message ({value}): {mutant}")


def _judge_parser(mutant: Mutant, *, is_accepted: bool) -> None:
    """What we accept, expat takes too; and where both take a document, they see the same tree."""
    document = mutant.kind.unpack(mutant.wire)
    if document is None:
        return
    try:
        ours = parsing.parse(document, maximum=LIMITS.metadata_bytes)
    except SamlError:
        return
    try:
        theirs = ElementTree.fromstring(document)
    except ElementTree.ParseError as error:
        # Expat knows the names of XML 1.0 as they were before its fifth edition, which allows far more signs.
        if not is_accepted or _FOREIGN_NAME.search(document):
            return
        raise FaultFound(f"well-formed to us, not to expat ({error}): {mutant}") from None
    pairs: list[tuple[etree._Element, ElementTree.Element]] = [(ours, theirs)]
    while pairs:
        one, other = pairs.pop()
        same = (one.tag, dict(one.attrib), one.text or "", len(one)) == (
            other.tag,
            other.attrib,
            other.text or "",
            len(other),
        )
        if not same or (one is not ours and (one.tail or "") != (other.tail or "")):
            raise FaultFound(f"another tree to us than to expat, at {other.tag}: {mutant}")
        pairs += zip(one, other, strict=True)
