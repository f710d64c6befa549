"""Small helpers to build messages with lxml's tree API, and to embed what others signed without touching it."""

import re
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime

from lxml import etree

from broker.saml.names import PREFIXES
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise

_SLOT = "urn:openmakelaar:slot"
_SLOT_BYTES = re.compile(rb'<slot:s xmlns:slot="urn:openmakelaar:slot" n="(\d+)"/>')


def root(
    namespace: str,
    local: str,
    attributes: Mapping[str, str | None],
    prefixes: Mapping[str | None, str] | None = None,
) -> etree._Element:
    """A new root element with the usual prefixes; attributes that are None are left out."""
    element = etree.Element(tag(namespace, local), nsmap={**PREFIXES, **(prefixes or {})})
    _set(element, attributes)
    return element


def child(
    parent: etree._Element,
    namespace: str,
    local: str,
    text: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
    prefixes: Mapping[str | None, str] | None = None,
) -> etree._Element:
    """A new last child; attributes that are None are left out. ``prefixes`` are bound on it."""
    element = etree.SubElement(parent, tag(namespace, local), nsmap=prefixes)
    element.text = text
    _set(element, attributes or {})
    return element


def _set(element: etree._Element, attributes: Mapping[str, str | None]) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)


class Embedding:
    """Bytes that others signed, put into a tree of ours unchanged.

    Moving a node with lxml rewrites namespace prefixes that the new parent binds otherwise, and so breaks the
    signature inside. The bytes therefore go in after serialisation, in place of marked slots, and the whole is
    parsed once; what comes out keeps every prefix and declaration as its signer wrote it.
    """

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def put(self, parent: etree._Element, part: bytes) -> None:
        """Reserve the place of ``part``, a self-contained element, as the last child of ``parent``."""
        etree.SubElement(parent, tag(_SLOT, "s"), nsmap={"slot": _SLOT}, n=str(len(self._parts)))
        self._parts.append(part)

    def compose(self, shell: etree._Element) -> etree._Element:
        """The tree with every slot filled, to be signed."""
        return reparse(self.serialise(shell)) if self._parts else shell

    def serialise(self, shell: etree._Element) -> bytes:
        """The bytes with every slot filled. Only the shell, whose text is ours and escaped, is searched."""
        return _SLOT_BYTES.sub(lambda slot: self._parts[int(slot.group(1))], serialise(shell))


def instant(moment: datetime) -> str:
    """xs:dateTime in UTC, whole seconds, with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def boolean(value: bool) -> str:
    """xs:boolean as words; some readers do not take 1 and 0."""
    return "true" if value else "false"
