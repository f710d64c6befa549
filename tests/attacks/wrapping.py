"""Signature wrapping, the eight classic variants (Somorovsky et al., "On Breaking SAML", 2012).

Each takes an element with a valid Signature and gives back what an attacker makes of it: the original, still signed,
somewhere it is not looked for, and a forged copy where it is.
"""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from tests.attacks.case import FORGED
from tests.attacks.forging import SIGNATURE

Variant = Callable[[etree._Element], etree._Element]


def forged_copy(original: etree._Element, *, keep_id: bool = False) -> etree._Element:
    """A copy without Signature, under another ID, that says something else."""
    copy = deepcopy(original)
    for signature in list(copy.iter(SIGNATURE)):
        holder = signature.getparent()
        assert holder is not None
        holder.remove(signature)
    for node in copy.iter():
        if not keep_id:
            for name in ("ID", "Id"):
                if node.get(name) is not None:
                    node.set(name, f"_evil{node.get(name)}")
        if node.tag in {tag(SAML, "NameID"), tag(SAML, "Audience")}:
            node.text = FORGED
    if copy.tag == tag(SAMLP, "AuthnRequest"):
        copy.set("ProviderName", FORGED)
    if copy.get("InResponseTo") is not None:
        copy.set("InResponseTo", FORGED)
    return copy


def without_signature(original: etree._Element) -> tuple[etree._Element, etree._Element]:
    """A copy of the element without its Signature, and that Signature."""
    copy = deepcopy(original)
    signature = copy.find(SIGNATURE)
    assert signature is not None
    copy.remove(signature)
    return copy, signature


def _after_issuer(element: etree._Element, *nodes: etree._Element) -> None:
    for offset, node in enumerate(nodes, start=1):
        element.insert(offset, node)


def _xsw1(signed: etree._Element) -> etree._Element:
    """The forged element carries the Signature, which holds the original."""
    evil, (original, signature) = forged_copy(signed), without_signature(signed)
    signature.append(original)
    _after_issuer(evil, signature)
    return evil


def _xsw2(signed: etree._Element) -> etree._Element:
    """Original and Signature stand side by side in the forged element."""
    evil, (original, signature) = forged_copy(signed), without_signature(signed)
    _after_issuer(evil, original, signature)
    return evil


def _xsw3(signed: etree._Element) -> etree._Element:
    """The forged element stands in front of the original, both in the forged parent."""
    evil = forged_copy(signed)
    evil.insert(1, deepcopy(signed))
    return evil


def _xsw4(signed: etree._Element) -> etree._Element:
    """The original, with its Signature, is the last child of the forged element."""
    evil = forged_copy(signed)
    evil.append(deepcopy(signed))
    return evil


def _xsw5(signed: etree._Element) -> etree._Element:
    """The forged element carries the Signature; the original without it comes last."""
    evil, (original, signature) = forged_copy(signed), without_signature(signed)
    _after_issuer(evil, signature)
    evil.append(original)
    return evil


def _xsw6(signed: etree._Element) -> etree._Element:
    """The forged element carries the Signature, whose KeyInfo holds the original."""
    evil, (original, signature) = forged_copy(signed), without_signature(signed)
    key_info = signature.find(tag(DS, "KeyInfo"))
    assert key_info is not None
    key_info.append(original)
    _after_issuer(evil, signature)
    return evil


def _xsw7(signed: etree._Element) -> etree._Element:
    """The original, with its Signature, hides in Extensions of the forged element."""
    evil = forged_copy(signed)
    extensions = etree.Element(tag(SAMLP, "Extensions"))
    extensions.append(deepcopy(signed))
    _after_issuer(evil, extensions)
    return evil


def _xsw8(signed: etree._Element) -> etree._Element:
    """The forged element carries the Signature, whose Object holds the original."""
    evil, (original, signature) = forged_copy(signed), without_signature(signed)
    etree.SubElement(signature, tag(DS, "Object")).append(original)
    _after_issuer(evil, signature)
    return evil


VARIANTS: dict[str, Variant] = {
    f"xsw{number}": variant
    for number, variant in enumerate((_xsw1, _xsw2, _xsw3, _xsw4, _xsw5, _xsw6, _xsw7, _xsw8), start=1)
}
