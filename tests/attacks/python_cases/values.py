"""Well-formed documents with a valid signature that are still no message of the profile."""

from collections.abc import Callable
from functools import partial

from lxml import etree

from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from tests.attacks.case import FORGED
from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.changing import attribute_set
from tests.attacks.changing import inserted
from tests.attacks.changing import signed_with
from tests.saml.builders import signed_request

_PROFILE = "the signature holds; the rest is no business of a verifier of signatures"


def _issuer(text: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        issuer = root.find(tag(SAML, "Issuer"))
        assert issuer is not None
        issuer.text = None
        for node in etree.fromstring(f"<i>a{text}b</i>"):
            issuer.append(node)

    return change


def _other_issuer_namespace(root: etree._Element) -> None:
    issuer = root.find(tag(SAML, "Issuer"))
    assert issuer is not None
    issuer.tag = "{urn:oasis:names:tc:SAML:1.0:assertion}Issuer"


def _text_in_root(root: etree._Element) -> None:
    root.text = "text"


CASES = [
    Case(
        "xml-id",
        "xml:id beside ID",
        "The Fragile Lock (attribute pollution)",
        partial(signed_with, attribute_set("{http://www.w3.org/XML/1998/namespace}id", "_other")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "lower-case-id",
        "id beside ID",
        "The Fragile Lock (attribute pollution)",
        partial(signed_with, attribute_set("id", "_other")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "prefixed-destination",
        "A Destination in a namespace beside the real one",
        "attribute pollution",
        partial(signed_with, attribute_set(tag(SAMLP, "Destination"), FORGED)),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "issuer-of-another-namespace",
        "An Issuer of SAML 1.0",
        "The Fragile Lock (namespace confusion)",
        partial(signed_with, _other_issuer_namespace),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "element-in-issuer",
        "Elements inside Issuer",
        "SAML core 2.2.5",
        partial(signed_with, _issuer("<x/>")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "text-in-root",
        "Text where the schema has none",
        "CVE-2021-21238",
        partial(signed_with, _text_in_root),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "extra-child",
        "An element the schema does not know",
        "CVE-2021-21238",
        partial(signed_with, inserted("<x/>", 2)),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "id-with-digit",
        "An ID that starts with a digit",
        "SAML core 1.3.4",
        lambda: signed_request(id="1a"),
        refused=SamlError,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "id-long",
        "An ID of ten thousand characters",
        "SAML core 1.3.4",
        lambda: signed_request(id="_" * 10_000),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "version",
        "Version 1.1",
        "SAML core 3.2.1",
        partial(signed_with, attribute_set("Version", "1.1")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "issue-instant-without-zone",
        "A moment without time zone",
        "SAML core 1.3.3",
        partial(signed_with, attribute_set("IssueInstant", "2025-03-03T09:16:18")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "issue-instant-out-of-range",
        "A moment beyond the last there is, in UTC",
        "SAML core 1.3.3",
        partial(signed_with, attribute_set("IssueInstant", "9999-12-31T23:59:59-14:00")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "leap-second",
        "The sixtieth second",
        "SAML core 1.3.3",
        partial(signed_with, attribute_set("IssueInstant", "2025-03-03T09:16:60Z")),
        refused=MalformedMessage,
        unlike=unlike(_PROFILE),
    ),
    Case(
        "seven-digits",
        "A moment with seven digits behind the point",
        "SAML core 1.3.3",
        partial(signed_with, attribute_set("IssueInstant", "2025-03-03T09:16:18.1234567Z")),
    ),
    Case(
        "numeric-boolean",
        'xs:boolean as "1"',
        "what django-digid-eherkenning sends",
        partial(signed_with, attribute_set("ForceAuthn", "1")),
    ),
]
