"""Changing a message as a tree: attributes, text, elements.

Places are ElementPaths with the prefixes saml, samlp, ds, xenc, md; ``.`` is the root.
"""

from copy import deepcopy

from lxml import etree

from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Draft
from broker.attacks.draft import find
from broker.attacks.draft import parent_of
from broker.attacks.draft import put
from broker.attacks.names import fragment
from broker.attacks.steps import step


@step
def set_attribute(draft: Draft, name: str, value: str, at: str = ".") -> None:
    """Give an element an attribute, or another value of one; ``{namespace}name`` for one with a prefix."""
    draft.edit(lambda root: find(root, at).set(name.replace("[", "{").replace("]", "}"), value))


@step
def remove_attribute(draft: Draft, name: str, at: str = ".") -> None:
    """Take an attribute away."""

    def change(root: etree._Element) -> None:
        if find(root, at).attrib.pop(name, None) is None:
            raise CannotBeMade(f"{at} has no {name}")

    draft.edit(change)


@step
def set_text(draft: Draft, text: str, at: str = ".") -> None:
    """Replace the text in an element."""

    def change(root: etree._Element) -> None:
        find(root, at).text = text

    draft.edit(change)


@step
def insert(draft: Draft, xml: str, at: str = ".", position: int = -1) -> None:
    """Put another element, written as XML with our prefixes, into one; -1 is after the last child."""

    draft.edit(lambda root: put(find(root, at), fragment(xml), position))


@step
def remove(draft: Draft, at: str) -> None:
    """Take an element out."""

    def change(root: etree._Element) -> None:
        found = find(root, at)
        parent_of(found).remove(found)

    draft.edit(change)


@step
def duplicate(draft: Draft, at: str) -> None:
    """Put a copy of an element right after it."""

    def change(root: etree._Element) -> None:
        found = find(root, at)
        found.addnext(deepcopy(found))

    draft.edit(change)


@step
def move(draft: Draft, at: str, to: str, position: int = -1) -> None:
    """Put an element elsewhere, as it is."""

    draft.edit(lambda root: put(find(root, to), find(root, at), position))


@step
def rename(draft: Draft, at: str, to: str) -> None:
    """Give an element another name, ``{namespace}local`` written with square brackets."""

    def change(root: etree._Element) -> None:
        find(root, at).tag = to.replace("[", "{").replace("]", "}")

    draft.edit(change)


@step
def indent(draft: Draft, by: str = "  ") -> None:
    """Put white space between the elements, as software that writes for people does."""
    draft.edit(lambda root: etree.indent(root, by))


@step
def encode(draft: Draft, encoding: str, declared: str = "") -> None:
    """Write the message in another encoding, with a declaration that says so, or says otherwise."""
    text = etree.tostring(draft.tree(), encoding="unicode")
    head = f'<?xml version="1.0" encoding="{declared or encoding}"?>'
    draft.message = (head + text).encode(encoding)


@step
def replace_bytes(draft: Draft, old: str, new: str, times: int = 1) -> None:
    """Replace text in the message as it stands, escapes and all; ``old`` must be there at least ``times`` times."""
    if draft.message.count(old.encode()) < times:
        raise CannotBeMade(f"{old} is not there {times} times")
    draft.message = draft.message.replace(old.encode(), new.encode(), times)


@step
def replace_octets(draft: Draft, old: str, octets: str) -> None:
    """Put octets, in hexadecimal, behind text in the message: such as are no text."""
    if old.encode() not in draft.message:
        raise CannotBeMade(f"{old} is not there")
    draft.message = draft.message.replace(old.encode(), old.encode() + bytes.fromhex(octets), 1)


@step
def prepend(draft: Draft, text: str) -> None:
    """Put text in front of the message."""
    draft.message = text.encode() + draft.message


@step
def append(draft: Draft, text: str) -> None:
    """Put text behind the message."""
    draft.message += text.encode()
