"""Documents about many taken apart, one at a time: what is in memory is one of them, however many there are.

An EntitiesDescriptor (SAML metadata 2.3.1) becomes documents with one EntityDescriptor, whose own signatures still
hold; a ServiceCatalogue with many ServiceProviders becomes catalogues of one, without the Signature over all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from typing import Final

from lxml import etree

from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.policy import LIMITS

_ENTITIES: Final = tag(MD, "EntitiesDescriptor")
_ENTITY: Final = tag(MD, "EntityDescriptor")
_CATALOGUE: Final = tag(CATALOGUE, "ServiceCatalogue")
_PROVIDER: Final = tag(CATALOGUE, "ServiceProvider")
_PROVIDER_ID: Final = tag(CATALOGUE, "ServiceProviderID")
_SIGNATURE: Final = tag(DS, "Signature")
_FORBIDDEN: Final = (b"<!DOCTYPE", b"<!ENTITY", b"\0")
_OVERLAP: Final = max(map(len, _FORBIDDEN))


@dataclass(frozen=True, slots=True)
class Part:
    """One of many: its entityID or OIN as it stands there, the line it begins at, and its document."""

    name: str
    line: int
    document: bytes


def holds_many(head: bytes) -> bool:
    """Whether a file that begins so is an EntitiesDescriptor."""
    parser = etree.XMLPullParser(("start",), resolve_entities=False, no_network=True, load_dtd=False)
    if any(each in head for each in _FORBIDDEN):
        return False
    try:
        parser.feed(head)
        return next((element.tag == _ENTITIES for _, element in parser.read_events()), False)
    except etree.XMLSyntaxError:
        return False


def entities(file: BinaryIO) -> Iterator[Part]:
    """Each EntityDescriptor, at whatever depth of groups. Raises ``SamlError`` where the file is no longer XML."""
    for element in _elements(file, _ENTITY):
        name = element.get("entityID", "")
        yield Part(name, element.sourceline or 0, etree.tostring(element, encoding="UTF-8", with_tail=False))


def providers(file: BinaryIO) -> Iterator[Part]:
    """Each ServiceProvider as a catalogue of its own. Raises ``SamlError`` where the file is no longer XML."""
    for element in _elements(file, _PROVIDER):
        root = element.getparent()
        if root is None or root.tag != _CATALOGUE:
            raise MalformedMessage("a ServiceProvider outside of a ServiceCatalogue")
        catalogue = etree.Element(_CATALOGUE, dict(root.attrib), nsmap=root.nsmap)
        line, name = element.sourceline or 0, (element.findtext(_PROVIDER_ID) or "").strip()
        catalogue.append(element)
        yield Part(name, line, etree.tostring(catalogue, encoding="UTF-8"))


def _elements(file: BinaryIO, wanted: str) -> Iterator[etree._Element]:
    """Each element of a kind once it is whole; what was read before is forgotten. Nothing else is kept."""
    reader = _Reader(file)
    # The same rules as those of every other parser here: see ``parsing``.
    events = etree.iterparse(  # type: ignore[call-overload]  # the stubs know encoding of HTML only
        reader,
        events=("end",),
        tag=(wanted, _SIGNATURE),
        encoding="UTF-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        attribute_defaults=False,
        collect_ids=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        for _, element in events:
            parent = element.getparent()
            if element.tag == wanted:
                reader.since = 0
                yield element
            elif parent is None or parent.tag not in {_ENTITIES, _CATALOGUE}:
                continue
            _forget(element, parent)
    except etree.XMLSyntaxError as error:
        raise MalformedMessage(f"not well-formed XML at line {error.lineno}") from None


def _forget(element: etree._Element, parent: etree._Element | None) -> None:
    if parent is None:
        return
    if element.getparent() is parent:
        parent.remove(element)
    parent.text = None


class _Reader:
    """What the parser reads from: it refuses a DTD, and more than one document may be without one ending."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._last = b""
        self.since = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.since += len(data)
        if self.since > LIMITS.metadata_bytes + size:
            raise MessageTooLarge(f"more than {LIMITS.metadata_bytes} bytes for one of many")
        seen = self._last + data
        if any(each in seen for each in _FORBIDDEN):
            raise MalformedMessage("document type declarations are not allowed")
        self._last = seen[-_OVERLAP:]
        return data
