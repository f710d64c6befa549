"""Documents that are dangerous or dishonest before any signature is looked at."""

import re
from collections.abc import Callable
from functools import partial

from lxml import etree

from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.names import SAMLP
from broker.saml.names import tag
from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.changing import attribute_set
from tests.attacks.changing import inserted
from tests.attacks.changing import signed_with
from tests.saml.builders import signed_request

_XMLSEC = ("xmlsec1", "python-xmlsec")
_BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 50 + b'"><!ENTITY c "' + b"&b;" * 50 + b'">]>'
_OUTSIDE = "it stands outside the signed element, or the canonical form leaves it out"
_PROFILE = "the signature holds; the rest is no business of a verifier of signatures"


def _in_front(prefix: bytes) -> bytes:
    return prefix + signed_request()


def _replaced(old: bytes, new: bytes) -> bytes:
    message = signed_request()
    assert message.count(old) == 1
    return message.replace(old, new)


def _encoded(encoding: str, declared: str | None = None) -> bytes:
    text = signed_request().decode("utf-8")
    return f'<?xml version="1.0" encoding="{declared or encoding}"?>{text}'.encode(encoding)


def _utf7(padding: int) -> bytes:
    """A document type in UTF-7, behind a declaration too long for whoever looks at the first bytes only."""
    head = b'<?xml version="1.0"' + b" " * padding + b'encoding="UTF-7"?>'
    # The judges that decode UTF-7 refuse for a plus sign in base64, which is not itself there; few messages have none.
    message = next(filter(lambda message: b"+" in message, iter(signed_request, None)))
    return head + b'+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY e "FORGED"+AD4]+AD4-' + message


def _nested(depth: int) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        node = etree.SubElement(root, tag(SAMLP, "Extensions"))
        root.insert(1, node)
        for _ in range(depth):
            node = etree.SubElement(node, "{urn:x}n")

    return change


def _wide(count: int) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        node = etree.SubElement(root, tag(SAMLP, "Extensions"))
        root.insert(1, node)
        for _ in range(count):
            etree.SubElement(node, "{urn:x}n")

    return change


def _comment_in_issuer() -> bytes:
    message = signed_request()
    return message.replace(b"</saml:Issuer>", b"<!-- -->.evil</saml:Issuer>")


def _harmless_comment() -> bytes:
    return re.sub(rb"(<saml:Issuer>urn:etoegang)", rb"\1<!-- comment -->", signed_request())


def _dtd(name: str, title: str, source: str, prefix: bytes) -> Case:
    make = partial(_in_front, prefix)
    return Case(name, title, source, make, refused=MalformedMessage, unlike=unlike(_OUTSIDE))


CASES = [
    _dtd("billion-laughs", "Nested entities", "CVE-2003-1564", _BOMB),
    _dtd(
        "entity-file",
        "An external entity that is a file",
        "CVE-2016-10127",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    ),
    _dtd(
        "parameter-entity",
        "A parameter entity by URL",
        "CVE-2017-1000061",
        b'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x"> %e;]>',
    ),
    _dtd(
        "external-dtd",
        "An external document type",
        "CVE-2017-1000061",
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ),
    *(
        Case(
            f"encoding-{name}",
            f"A document in {name}",
            "XML 1.0, 4.3.3",
            make,
            refused=MalformedMessage,
            unlike=unlike(_PROFILE) if holds else {},
        )
        for name, make, holds in (
            ("utf-16", partial(_encoded, "utf-16"), True),
            ("latin-1", partial(_encoded, "iso-8859-1"), True),
            ("ebcdic", partial(_encoded, "cp037"), False),
        )
    ),
    Case(
        "encoding-declared-otherwise",
        "UTF-8 declared as ISO-8859-1",
        "XML 1.0, 4.3.3",
        partial(_encoded, "utf-8", "iso-8859-1"),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    *(
        Case(
            f"encoding-utf-7-{padding}",
            "A document type hidden in UTF-7",
            "Fox-IT; XML 1.0, 4.3.3",
            partial(_utf7, padding),
            refused=MalformedMessage,
        )
        for padding in (1, 500)
    ),
    Case(
        "xml-1.1",
        "An XML 1.1 declaration",
        "XML 1.1, 2.8",
        partial(_in_front, b'<?xml version="1.1"?>'),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "nul",
        "A NUL in a value",
        "XML 1.0, 2.2",
        partial(_replaced, b"/1.13", b"/1.13\x00"),
        refused=MalformedMessage,
    ),
    Case(
        "control-character",
        "A control character in a value",
        "XML 1.0, 2.2",
        partial(_replaced, b"/1.13", b"/1.13&#1;"),
        refused=MalformedMessage,
    ),
    Case(
        "lone-surrogate",
        "Half a surrogate pair",
        "XML 1.0, 2.2",
        partial(_replaced, b"/1.13", b"/1.13\xed\xa0\x80"),
        refused=MalformedMessage,
    ),
    Case(
        "two-roots",
        "A second root element",
        "XML 1.0, 2.1",
        lambda: signed_request() * 2,
        refused=MalformedMessage,
    ),
    Case(
        "comment-in-issuer",
        "Issuer lengthened behind a comment",
        "CVE-2017-11427",
        _comment_in_issuer,
        refused=InvalidSignature,
    ),
    Case(
        "comment-in-issuer-harmless",
        "A comment in Issuer, which is read whole",
        "CVE-2017-11427",
        _harmless_comment,
    ),
    Case(
        "instruction-inside",
        "A processing instruction in a signed element",
        "threat: instructions",
        partial(signed_with, lambda root: root.insert(1, etree.ProcessingInstruction("x", "y"))),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "instruction-outside",
        "A style sheet in front of the message",
        "xml-stylesheet",
        partial(_in_front, b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>'),
    ),
    Case(
        "xinclude",
        "An XInclude of a file",
        "XInclude 1.0",
        partial(
            signed_with,
            inserted(
                f'<p:Extensions xmlns:p="{SAMLP}"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
                'href="file:///etc/passwd" parse="text"/></p:Extensions>'
            ),
        ),
    ),
    Case(
        "schema-location",
        "A pointer to a schema elsewhere",
        "XML Schema 1, 4.3.2",
        partial(
            signed_with,
            attribute_set(
                "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "urn:x http://127.0.0.1:9/x"
            ),
        ),
    ),
    Case(
        "too-deep",
        "A thousand levels",
        "CVE-2021-21238",
        partial(signed_with, _nested(200)),
        refused=MessageTooLarge,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "too-wide",
        "More elements than a message has",
        "resource limits",
        partial(signed_with, _wide(21_000)),
        refused=MessageTooLarge,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "too-large",
        "More bytes than a message has",
        "resource limits",
        partial(_in_front, b"<!--" + b" " * 262_144 + b"-->"),
        refused=MessageTooLarge,
        unlike=unlike(_PROFILE),
    ),
]
