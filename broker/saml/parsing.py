"""One parser, one policy: every byte that becomes a tree comes through here.

Limits come first, then well-formedness, then a walk over the tree. Document type declarations are refused
outright, which ends entity expansion, external entities and parameter entities in one rule.
"""

import re
from collections.abc import Callable
from threading import Thread

from lxml import etree

from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.policy import LIMITS
from broker.saml.policy import Limits

Element = etree._Element
"""A node of a parsed message, for annotations in packages that must not touch XML themselves."""

_DECLARATION = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_ID_ATTRIBUTES = ("ID", "Id", "id")
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def _parser() -> etree.XMLParser:
    # Comments are dropped while reading, so that no value can be cut short at one (CVE-2017-11427 and family);
    # exclusive c14n without comments leaves them out of digests as well.
    # The encoding is fixed here, so that no declaration can make libxml2 read other characters than were checked.
    return etree.XMLParser(
        encoding="UTF-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=False,
        strip_cdata=True,
        remove_blank_text=False,
    )


def parse(data: bytes, *, limits: Limits = LIMITS, maximum: int | None = None) -> etree._Element:
    """The root element of ``data``, UTF-8 XML of at most ``maximum`` bytes (default: a message).

    Raises ``MessageTooLarge`` over a limit and ``MalformedMessage`` for anything that is not plain, well-formed,
    DTD-free UTF-8 XML with unique IDs.
    """
    require_readable(data, limits=limits, maximum=maximum)
    attributes = limits.attributes if maximum is None else maximum // limits.bytes_per_node
    return _read(data, _read_apart, limits, attributes)


def parse_opened(data: bytes) -> etree._Element:
    """As ``parse``, for plaintext of a proven sender that passed ``require_readable``: in this very thread."""
    return _read(data, reparse, LIMITS, LIMITS.attributes)


def _read(
    data: bytes, reader: Callable[[bytes], etree._Element], limits: Limits, attributes: int
) -> etree._Element:
    try:
        root = reader(data)
    except etree.XMLSyntaxError as error:
        raise MalformedMessage(f"not well-formed XML at line {error.lineno}") from None
    if root.getroottree().docinfo.xml_version != "1.0":
        raise MalformedMessage("only XML 1.0 is accepted")
    _walk(root, limits, attributes)
    return root


def _read_apart(data: bytes) -> etree._Element:
    """Parse in a thread of its own, and raise what is raised there.

    libxml2 remembers every name it reads in a dictionary that lxml keeps for each thread: names that a stranger made up
    would stay for as long as the process lives, half a megabyte for each message of our limit. Here the dictionary goes
    when the tree goes.
    """
    trees: list[etree._Element] = []
    errors: list[Exception] = []

    def read() -> None:
        try:
            trees.append(etree.fromstring(data, _parser()))
        except Exception as error:  # raised again below, where it was asked
            errors.append(error)

    thread = Thread(target=read, name="parse")
    thread.start()
    thread.join()
    for error in errors:
        raise error
    return trees[0]


def require_readable(data: bytes, *, limits: Limits = LIMITS, maximum: int | None = None) -> None:
    """The part of ``parse`` that comes before any parsing. Raises as it does."""
    allowed = limits.message_bytes if maximum is None else maximum
    if len(data) > allowed:
        raise MessageTooLarge(f"message of {len(data)} bytes, at most {allowed} allowed")
    _refuse_other_encodings(data)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise MalformedMessage("document type declarations are not allowed")
    nodes, namespaces = limits.nodes, limits.namespace_declarations
    if maximum is not None:
        nodes, namespaces = maximum // limits.bytes_per_node, maximum // limits.bytes_per_namespace
    # Counted in the bytes, these can only be more than there are: nothing is parsed to find out that it is too much.
    if data.count(b"<") - data.count(b"</") > nodes:
        raise MessageTooLarge(f"more than {nodes} elements")
    if data.count(b"xmlns") > namespaces:
        raise MessageTooLarge(f"more than {namespaces} namespace declarations")


def reparse(data: bytes) -> etree._Element:
    """Parse bytes that this process has just produced by canonicalisation or serialisation."""
    return etree.fromstring(data, _parser())


def _refuse_other_encodings(data: bytes) -> None:
    body = data.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARATION.match(body)
    if declared and declared.group(1).lower() not in {b"utf-8", b"us-ascii"}:
        raise MalformedMessage("only UTF-8 is accepted")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedMessage("not valid UTF-8") from None
    if b"\x00" in body:
        raise MalformedMessage("NUL in the document")


def _walk(root: etree._Element, limits: Limits, attributes: int) -> None:
    """Bound depth and attributes, refuse processing instructions, and refuse an ID that occurs twice."""
    seen: set[str] = set()
    count = depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "pi")):
        if event == "pi":
            raise MalformedMessage("processing instructions are not allowed")
        if event == "end":
            depth -= 1
            continue
        depth += 1
        if depth > limits.depth:
            raise MessageTooLarge(f"nested deeper than {limits.depth} elements")
        own = len(node.attrib)
        if not own:
            continue
        count += own
        if own > limits.attributes_per_element or count > attributes:
            raise MessageTooLarge("too many attributes")
        if _XML_ID in node.attrib:
            raise MalformedMessage("xml:id is not allowed")
        for name in _ID_ATTRIBUTES:
            value = node.get(name)
            if value is None:
                continue
            if value in seen:
                raise MalformedMessage("an ID occurs twice")
            seen.add(value)


def serialise(element: etree._Element) -> bytes:
    """The element as bytes on its own, with every namespace that is in scope declared, prefixes as they were."""
    return etree.tostring(element, encoding="UTF-8", with_tail=False, xml_declaration=False)
