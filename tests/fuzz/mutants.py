"""Running a program: from a valid message to what arrives at the door."""

import base64
import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import EXC_C14N
from tests.exchange.builders import ENTITY_IDS
from tests.fuzz import octets
from tests.fuzz import trees
from tests.fuzz.kinds import KINDS
from tests.fuzz.kinds import Kind
from tests.fuzz.kinds import original
from tests.fuzz.program import Program
from tests.fuzz.program import Signing
from tests.fuzz.program import Step
from tests.keys import signer

_SIGNATURE = tag(DS, "Signature")
_PARTIES = {entity_id: name for name, entity_id in ENTITY_IDS.items()}
_MOST_SIGNATURES = 6
"""That are made to fit; a message has at most four, and a step may have copied one hundreds of times."""
_DELIBERATE = {Signing.PARTNER: "dv2", Signing.STRANGER: "mallory"}
_TREES, _OCTETS = len(trees.MUTATIONS), len(octets.MUTATIONS)
NUMBER_OF_MUTATIONS = _TREES + 2 * _OCTETS
"""Of trees, of the bytes of the message, and of the bytes that travel."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """What arrives, and how it came about. ``is_signed_anew`` tells whether some signature was made after changes."""

    kind: Kind
    signing: Signing
    steps: tuple[str, ...]
    message: bytes
    wire: bytes
    is_signed_anew: bool

    def __str__(self) -> str:
        """In words, for who looks into a finding."""
        return f"{self.kind.name}; {', '.join(self.steps) or 'unchanged'}; signed by {self.signing.value}"


def mutate(data: bytes) -> Mutant:
    """The mutant that these bytes describe."""
    program = Program.read(data)
    kind = KINDS[program.message % len(KINDS)]
    return mutated(program, kind, original(kind))


def mutated(program: Program, kind: Kind, valid: bytes) -> Mutant:
    """What a program makes of a valid message of this kind."""
    donor = KINDS[(program.message + 1 + len(program.steps)) % len(KINDS)]
    message, signed = _changed_as_tree(program, kind, valid, original(donor))
    steps = [_mutation(step) for step in program.steps]
    for number, step in steps:
        if _TREES <= number < _TREES + _OCTETS:
            message = octets.MUTATIONS[number - _TREES](message, step)
    on_the_way = program.signing is not Signing.NOBODY and not kind.relied_on
    name = _DELIBERATE.get(program.signing, kind.sender) if on_the_way else None
    wire = kind.way.pack(message, valid, name)
    for number, step in steps:
        if number >= _TREES + _OCTETS:
            wire = octets.MUTATIONS[number - _TREES - _OCTETS](wire, step)
    names = tuple(_name(number) for number, _ in steps)
    return Mutant(kind, program.signing, names, message, wire, signed or on_the_way)


def _mutation(step: Step) -> tuple[int, Step]:
    return step.mutation % NUMBER_OF_MUTATIONS, step


def _name(number: int) -> str:
    every: tuple[Callable[..., object], ...] = (*trees.MUTATIONS, *octets.MUTATIONS, *octets.MUTATIONS)
    where = " on the way" if number >= _TREES + _OCTETS else ""
    return every[number].__name__ + where


def _changed_as_tree(program: Program, kind: Kind, valid: bytes, donor: bytes) -> tuple[bytes, bool]:
    """The message after the steps that know elements, signed again if the program says so; and whether it was."""
    steps = [(number, step) for number, step in map(_mutation, program.steps) if number < _TREES]
    signs = program.signing is not Signing.NOBODY and bool(kind.relied_on)
    if not steps and not signs:
        return valid, False
    root, other = _tree(valid), _tree(donor)
    for number, step in steps:
        root = trees.MUTATIONS[number](root, step, other)
    signed = signs and _sign_again(root, kind, _DELIBERATE.get(program.signing))
    return etree.tostring(root), signed


def _tree(message: bytes) -> etree._Element:
    return etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _sign_again(root: etree._Element, kind: Kind, everywhere: str | None) -> bool:
    """Make every Signature fit what it is over now, the innermost first; whether there was any."""
    signatures = sorted(root.iter(_SIGNATURE), key=lambda each: -sum(1 for _ in each.iterancestors()))
    filled = [_fill(root, each, everywhere or _sender(each, kind)) for each in signatures[-_MOST_SIGNATURES:]]
    return any(filled)


def _sender(signature: etree._Element, kind: Kind) -> str:
    holder = signature.getparent()
    issuer = None if holder is None else holder.findtext(tag(SAML, "Issuer"))
    return _PARTIES.get(issuer or "", kind.sender)


def _fill(root: etree._Element, signature: etree._Element, party: str) -> bool:
    """Give a Signature the digests and the value that fit, as far as its shape is near enough to the profile."""
    info, value = signature.find(tag(DS, "SignedInfo")), signature.find(tag(DS, "SignatureValue"))
    if info is None or value is None:
        return False
    try:
        for reference in info.iterfind(tag(DS, "Reference")):
            _digest(root, signature, reference)
        data = _canonical(info, info.find(tag(DS, "CanonicalizationMethod")))
    except etree.C14NError:
        return False  # nothing can sign what has no canonical form
    value.text = base64.b64encode(signer(party).sign(data)).decode("ascii")
    return True


def _digest(root: etree._Element, signature: etree._Element, reference: etree._Element) -> None:
    name, digest = reference.get("URI", "").removeprefix("#"), reference.find(tag(DS, "DigestValue"))
    target = next((each for each in root.iter("*") if each.get("ID") == name), root)
    if digest is None:
        return
    copy = deepcopy(target)
    if signature in target.iter(_SIGNATURE):
        # The enveloped-signature transform, on a copy.
        place = list(target.iter(_SIGNATURE)).index(signature)
        own = list(copy.iter(_SIGNATURE))[place]
        own.tag = "gone"
        etree.strip_elements(copy, "gone", with_tail=False)
    transforms = reference.findall(f"{tag(DS, 'Transforms')}/{tag(DS, 'Transform')}")
    data = _canonical(copy, transforms[-1] if transforms else None)
    digest.text = base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    """Exclusive canonical form, with the PrefixList of the method."""
    parameters = None if method is None else method.find(f"{{{EXC_C14N}}}InclusiveNamespaces")
    prefixes = [] if parameters is None else parameters.get("PrefixList", "").split()
    canonical: bytes = etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes or None
    )
    return canonical
