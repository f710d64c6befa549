"""Mutations that know what an element is: each changes a tree in place, and says what root there is afterwards.

``step.where`` chooses the node, ``step.what`` what is written or from where, ``step.amount`` how much.
"""

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from broker.attacks.draft import CannotBeMade
from broker.attacks.steps.wrapping import VARIANTS
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import XSI
from broker.saml.names import tag
from broker.saml.policy import EXC_C14N
from tests.fuzz.program import Step
from tests.fuzz.vocabulary import ATTRIBUTES
from tests.fuzz.vocabulary import CANARY
from tests.fuzz.vocabulary import LOCAL_NAMES
from tests.fuzz.vocabulary import NAMESPACES
from tests.fuzz.vocabulary import VALUES

Root = etree._Element
Mutation = Callable[[Root, Step, Root], Root]
"""(root, step, the root of another message to take parts from) to the new root."""

_MOST_COPIES = 400
_SIGNATURE = tag(DS, "Signature")
_ELSEWHERE = 7919
"""Any prime: a second place is found from ``what`` without being tied to the first."""


def _nodes(root: Root) -> list[Root]:
    return list(root.iter("*"))


def _node(root: Root, number: int) -> Root:
    nodes = _nodes(root)
    return nodes[number % len(nodes)]


def _inner(root: Root, number: int) -> Root:
    """A node that has a parent; the root where there is no other."""
    nodes = _nodes(root)[1:] or [root]
    return nodes[number % len(nodes)]


def _signature(root: Root, number: int) -> Root | None:
    found = list(root.iter(_SIGNATURE))
    return found[number % len(found)] if found else None


def _value(step: Step) -> str:
    return VALUES[step.what % len(VALUES)]


def _set_text(node: Root, text: str) -> None:
    try:
        node.text = text
    except ValueError:
        node.text = CANARY  # what XML cannot hold comes in by mutations of bytes


def _remove(node: Root) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def drop(root: Root, step: Step, _: Root) -> Root:
    """An element is gone, with what it held."""
    _remove(_inner(root, step.where))
    return root


def duplicate(root: Root, step: Step, _: Root) -> Root:
    """An element is there twice; by ``amount`` before or behind itself, and the copy says something else."""
    node = _inner(root, step.where)
    copy = deepcopy(node)
    if step.amount & 1:
        _set_text(_node(copy, step.what), _value(step))
    if step.amount & 2:
        for each in copy.iter("*"):
            for name in ("ID", "Id"):
                if each.get(name) is not None:
                    each.set(name, f"_copy{each.get(name)}")
    if node.getparent() is not None:
        (node.addprevious if step.amount & 4 else node.addnext)(copy)
    return root


def move(root: Root, step: Step, _: Root) -> Root:
    """An element stands elsewhere, though never inside itself."""
    node, place = _inner(root, step.where), _node(root, step.what * _ELSEWHERE)
    if node is root or place in set(node.iter("*")):
        return root
    place.insert(step.amount % (len(place) + 1), node)
    return root


def swap(root: Root, step: Step, _: Root) -> Root:
    """Two brothers change places."""
    node = _inner(root, step.where)
    other = node.getnext()
    if other is not None:
        other.addnext(node)
    return root


def rename(root: Root, step: Step, _: Root) -> Root:
    """An element has another name, in its own namespace."""
    node = _node(root, step.where)
    namespace = etree.QName(node).namespace or ""
    local = LOCAL_NAMES[step.what % len(LOCAL_NAMES)]
    node.tag = tag(namespace, local) if namespace else local
    return root


def change_namespace(root: Root, step: Step, _: Root) -> Root:
    """An element is in another namespace, or in none."""
    node = _node(root, step.where)
    local = etree.QName(node).localname
    namespace = ("", *NAMESPACES)[step.what % (len(NAMESPACES) + 1)]
    node.tag = tag(namespace, local) if namespace else local
    return root


def change_text(root: Root, step: Step, _: Root) -> Root:
    """A text is another one; by ``amount`` instead, in front or behind."""
    node, text = _node(root, step.where), _value(step)
    old = node.text or ""
    _set_text(node, (text, text + old, old + text)[step.amount % 3])
    return root


def take_text(root: Root, step: Step, donor: Root) -> Root:
    """A text is that of some other element."""
    _set_text(_node(root, step.where), _node(donor if step.amount & 1 else root, step.what).text or "")
    return root


def stray_text(root: Root, step: Step, _: Root) -> Root:
    """Text stands where elements are expected: behind an element."""
    _inner(root, step.where).tail = VALUES[step.what % len(VALUES)] or "\n"
    return root


def change_attribute(root: Root, step: Step, _: Root) -> Root:
    """One of the attributes that are there has another value."""
    holders = [node for node in root.iter("*") if node.attrib]
    if holders:
        node = holders[step.where % len(holders)]
        names = sorted(node.attrib)
        node.set(names[step.amount % len(names)], _value(step))
    return root


def set_attribute(root: Root, step: Step, _: Root) -> Root:
    """An attribute, known or not, is set."""
    _node(root, step.where).set(ATTRIBUTES[step.amount % len(ATTRIBUTES)], _value(step))
    return root


def drop_attribute(root: Root, step: Step, _: Root) -> Root:
    """An attribute is gone."""
    holders = [node for node in root.iter("*") if node.attrib]
    if holders:
        node = holders[step.where % len(holders)]
        del node.attrib[sorted(node.attrib)[step.what % len(node.attrib)]]
    return root


def take_attributes(root: Root, step: Step, donor: Root) -> Root:
    """An element has the attributes of another one too: IDs twice, for one."""
    for name, value in _node(donor if step.amount & 1 else root, step.what).attrib.items():
        _node(root, step.where).set(name, value)
    return root


def wrap(root: Root, step: Step, _: Root) -> Root:
    """An element stands inside a new one; the root too."""
    node = _node(root, step.where)
    namespace = NAMESPACES[step.what % len(NAMESPACES)]
    holder = etree.Element(tag(namespace, LOCAL_NAMES[step.amount % len(LOCAL_NAMES)]))
    parent = node.getparent()
    if parent is None:
        holder.append(node)
        return holder
    parent.replace(node, holder)
    holder.append(node)
    return root


def unwrap(root: Root, step: Step, _: Root) -> Root:
    """What an element held stands in its place."""
    node = _inner(root, step.where)
    parent = node.getparent()
    if parent is None:
        return root
    place = parent.index(node)
    for child in reversed(node):
        parent.insert(place, child)
    parent.remove(node)
    return root


def splice(root: Root, step: Step, donor: Root) -> Root:
    """A part of another message stands in this one, in place of an element or beside it."""
    part = deepcopy(_node(donor, step.what))
    part.tail = None
    node = _node(root, step.where)
    parent = node.getparent()
    if parent is None or step.amount % 3 == 0:
        node.insert(step.amount % (len(node) + 1), part)
    elif step.amount % 3 == 1:
        parent.replace(node, part)
    else:
        node.addprevious(part)
    return root


def insert_comment(root: Root, step: Step, _: Root) -> Root:
    """A comment in the middle of a text, which would cut it short for who reads the first part only."""
    node = _node(root, step.where)
    text = node.text or ""
    cut = step.what % (len(text) + 1)
    comment = etree.Comment(CANARY)
    comment.tail = text[cut:]
    node.text = text[:cut]
    node.insert(0, comment)
    return root


def insert_instruction(root: Root, step: Step, _: Root) -> Root:
    """A processing instruction."""
    _node(root, step.where).insert(step.amount % 3, etree.ProcessingInstruction("xml-stylesheet", CANARY))
    return root


def as_cdata(root: Root, step: Step, _: Root) -> Root:
    """A text as CDATA, which says the same."""
    node = _node(root, step.where)
    if node.text and "]]>" not in node.text:
        node.text = etree.CDATA(node.text)
    return root


def repeat(root: Root, step: Step, _: Root) -> Root:
    """An element stands there very often, each time with IDs of its own."""
    node = _inner(root, step.where)
    parent = node.getparent()
    if parent is None or len(_nodes(node)) > 40:
        return root
    for number in range(step.amount * _MOST_COPIES // 255):
        copy = deepcopy(node)
        for each in copy.iter("*"):
            for name in ("ID", "Id"):
                if each.get(name) is not None:
                    each.set(name, f"_r{number}")
        parent.append(copy)
    return root


def nest(root: Root, step: Step, _: Root) -> Root:
    """Elements deep inside each other."""
    node = place = _node(root, step.where)
    name = node.tag if step.what & 1 else f"{{urn:{CANARY}}}deep"
    for _depth in range(step.amount):
        place = etree.SubElement(place, name)
    return root


def many_attributes(root: Root, step: Step, _: Root) -> Root:
    """Hundreds of attributes on one element, by ``what`` each in a namespace of its own."""
    node = _node(root, step.where)
    for number in range(step.amount * 2):
        node.set(f"{{urn:n{number}}}a" if step.what & 1 else f"a{number}", CANARY)
    return root


def many_namespaces(root: Root, step: Step, _: Root) -> Root:
    """Hundreds of namespaces in scope of one new element, which uses the last."""
    names: dict[str | None, str] = {f"p{number}": f"urn:n{number}" for number in range(step.amount * 6)}
    child = etree.SubElement(_node(root, step.where), "x", nsmap=names)
    for number in range(step.what % 50):
        etree.SubElement(child, f"{{urn:n{number}}}y")
    return root


def rebind(root: Root, step: Step, _: Root) -> Root:
    """A prefix means something else within a new element around what an element held."""
    node = _inner(root, step.where)
    prefixes = sorted({each.prefix or "" for each in root.iter("*")})
    prefix = prefixes[step.what % len(prefixes)] or None
    parent = node.getparent()
    if parent is None:
        return root
    holder = etree.Element(tag(SAML, "Advice"), nsmap={prefix: NAMESPACES[step.amount % len(NAMESPACES)]})
    parent.replace(node, holder)
    holder.append(node)
    return root


def set_type(root: Root, step: Step, _: Root) -> Root:
    """An xsi:type, of a known or an unbound prefix."""
    _node(root, step.where).set(tag(XSI, "type"), _value(step))
    return root


def copy_id(root: Root, step: Step, _: Root) -> Root:
    """The ID of one element is that of another one."""
    holders = [node for node in root.iter("*") if node.get("ID") or node.get("Id")]
    if holders:
        value = (
            holders[step.what % len(holders)].get("ID") or holders[step.what % len(holders)].get("Id") or ""
        )
        _node(root, step.where).set(("ID", "Id", "id")[step.amount % 3], value)
    return root


def wrap_signature(root: Root, step: Step, _: Root) -> Root:
    """One of the eight classic ways to move what was signed out of sight."""
    holders = [found.getparent() for found in root.iter(_SIGNATURE)]
    holder = holders[step.where % len(holders)] if holders else None
    if holder is None:
        return root
    variant = VARIANTS[sorted(VARIANTS)[step.what % len(VARIANTS)]]
    try:
        evil = variant(holder, CANARY)
    except (CannotBeMade, ValueError):
        return root  # earlier steps took away what the variant needs
    parent = holder.getparent()
    if parent is None:
        return evil
    parent.replace(holder, evil)
    return root


def point_elsewhere(root: Root, step: Step, _: Root) -> Root:
    """The Reference of a signature points at another element."""
    references = list(root.iter(tag(DS, "Reference")))
    targets = ["", "#", *(f"#{node.get('ID')}" for node in root.iter("*") if node.get("ID"))]
    if references:
        references[step.where % len(references)].set("URI", targets[step.what % len(targets)])
    return root


def another_reference(root: Root, step: Step, _: Root) -> Root:
    """A second Reference, or Transform, or method: a copy of the first."""
    names = (
        "Reference",
        "Transform",
        "Transforms",
        "DigestMethod",
        "SignatureMethod",
        "SignedInfo",
        "KeyInfo",
    )
    found = list(root.iter(tag(DS, names[step.what % len(names)])))
    if found:
        node = found[step.where % len(found)]
        node.addnext(deepcopy(node))
    return root


def add_object(root: Root, step: Step, donor: Root) -> Root:
    """Something hidden in a signature: in an Object or in KeyInfo."""
    signature = _signature(root, step.where)
    if signature is None:
        return root
    inside = deepcopy(_node(donor if step.amount & 1 else root, step.what))
    inside.tail = None
    key_info = signature.find(tag(DS, "KeyInfo"))
    holder = (
        etree.SubElement(signature, tag(DS, "Object")) if key_info is None or step.amount & 2 else key_info
    )
    holder.append(inside)
    return root


def prefix_list(root: Root, step: Step, _: Root) -> Root:
    """A PrefixList on a transform or on the canonicalisation of SignedInfo."""
    methods = [*root.iter(tag(DS, "Transform")), *root.iter(tag(DS, "CanonicalizationMethod"))]
    if methods:
        method = methods[step.where % len(methods)]
        lists = (
            "xs",
            "saml samlp ds",
            "#default",
            "xml",
            " ".join(f"p{n}" for n in range(step.amount)),
            CANARY,
        )
        for old in list(method):
            method.remove(old)
        parameters = etree.SubElement(method, tag(EXC_C14N, "InclusiveNamespaces"))
        parameters.set("PrefixList", lists[step.what % len(lists)])
    return root


def fold(root: Root, step: Step, _: Root) -> Root:
    """White space where base64 allows it, and in front of texts where it may matter."""
    node = _node(root, step.where)
    text = node.text or ""
    cut = step.what % (len(text) + 1)
    node.text = text[:cut] + (" ", "\n", "\t", "\u00a0")[step.amount % 4] + text[cut:]
    return root


MUTATIONS: tuple[Mutation, ...] = (
    drop,
    duplicate,
    move,
    swap,
    rename,
    change_namespace,
    change_text,
    take_text,
    stray_text,
    change_attribute,
    set_attribute,
    drop_attribute,
    take_attributes,
    wrap,
    unwrap,
    splice,
    insert_comment,
    insert_instruction,
    as_cdata,
    repeat,
    nest,
    many_attributes,
    many_namespaces,
    rebind,
    set_type,
    copy_id,
    wrap_signature,
    point_elsewhere,
    another_reference,
    add_object,
    prefix_list,
    fold,
)
