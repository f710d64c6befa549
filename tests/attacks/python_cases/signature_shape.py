"""Signatures of another shape than the one the profile allows: OpenSAML's ten rules and what was missed elsewhere."""

import re
from collections.abc import Callable
from copy import deepcopy
from functools import partial

from lxml import etree

from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from tests.attacks.case import FORGED
from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.forging import SIGNATURE
from tests.attacks.forging import fill
from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import place
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.attacks.forging import transform
from tests.attacks.forging import unsigned
from tests.saml.builders import signed_request

_OPENSAML = "SAML core 5.4.2; SAMLSignatureProfileValidatorTest (OpenSAML)"
_XMLSEC = ("xmlsec1", "python-xmlsec")
_VALID = "a valid XML signature; only the SAML profile forbids this shape"


def _forged(build: Callable[[str], str], **options: str) -> bytes:
    """An AuthnRequest with references made from its ID."""
    message = signed_request()
    return forge(message, "dv", template(build(identifier(message)), **options))


def _edited(pattern: bytes, replacement: bytes) -> bytes:
    message, changes = re.subn(pattern, replacement, signed_request(), flags=re.DOTALL)
    assert changes == 1
    return message


def _without(name: str) -> bytes:
    root = etree.fromstring(signed_request())
    node = root.find(f".//{tag(DS, name)}")
    assert node is not None
    parent = node.getparent()
    assert parent is not None
    parent.remove(node)
    return etree.tostring(root)


def _two_references(name: str) -> str:
    return reference(f"#{name}") + reference(f"#{name}")


def _foreign_id() -> bytes:
    """The reference leads to another signed element that stands inside."""
    root = unsigned(signed_request(provider_name=FORGED))
    extensions = etree.Element("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    inner = unsigned(signed_request())
    extensions.append(inner)
    root.insert(1, extensions)
    signature = template(reference(f"#{inner.get('ID')}"))
    place(root, signature)
    fill(signature, "dv")
    return etree.tostring(root)


def _two_signatures() -> bytes:
    root = etree.fromstring(signed_request())
    signature = root.find(SIGNATURE)
    assert signature is not None
    signature.addnext(deepcopy(signature))
    return etree.tostring(root)


def _signature_at_the_end() -> bytes:
    root = unsigned(signed_request())
    signature = template(reference(f"#{root.get('ID')}"))
    root.append(signature)
    fill(signature, "dv")
    return etree.tostring(root)


def _signature_one_deeper() -> bytes:
    root = etree.fromstring(signed_request())
    signature = root.find(SIGNATURE)
    issuer = root.find(tag(SAML, "Issuer"))
    assert signature is not None
    assert issuer is not None
    issuer.append(signature)
    return etree.tostring(root)


def _two_signed_infos() -> bytes:
    root = etree.fromstring(signed_request(provider_name=FORGED))
    honest = etree.fromstring(signed_request()).find(f".//{tag(DS, 'SignedInfo')}")
    signature = root.find(SIGNATURE)
    assert honest is not None
    assert signature is not None
    signature.insert(0, honest)
    return etree.tostring(root)


def _digest_comment() -> bytes:
    """The forged content's digest stands in a comment, where a reader of the first text node would find it."""
    message = signed_request()
    forged = signed_request(id=identifier(message), provider_name=FORGED)
    digest = re.search(rb"DigestValue>([^<]+)<", forged)
    original = re.search(rb"<ds:Signature[ >].*</ds:Signature>", message, re.DOTALL)
    assert digest is not None
    assert original is not None
    signature = original.group().replace(b"DigestValue>", b"DigestValue><!--" + digest.group(1) + b"-->", 1)
    return re.sub(rb"<ds:Signature[ >].*</ds:Signature>", lambda _: signature, forged, flags=re.DOTALL)


def _object_beside() -> bytes:
    root = unsigned(signed_request())
    signature = template(reference(f"#{root.get('ID')}"))
    etree.SubElement(signature, tag(DS, "Object")).text = FORGED
    place(root, signature)
    fill(signature, "dv")
    return etree.tostring(root)


def _changed(old: bytes, new: bytes) -> bytes:
    message = signed_request()
    assert message.count(old) == 1
    return message.replace(old, new)


CASES = [
    Case(
        "signature-removed",
        "The Signature is gone",
        "CVE-2012-5353",
        partial(_without, "Signature"),
        refused=InvalidSignature,
    ),
    *(
        Case(
            f"no-{name.lower()}",
            f"A Signature without {name}",
            "xmldsig 4",
            partial(_without, name),
            refused=InvalidSignature,
        )
        for name in (
            "SignedInfo",
            "Reference",
            "DigestValue",
            "DigestMethod",
            "SignatureValue",
            "SignatureMethod",
            "CanonicalizationMethod",
            "Transforms",
        )
    ),
    Case(
        "empty-signature-value",
        "An empty SignatureValue",
        "threat: empty values",
        partial(_edited, rb"(<ds:SignatureValue>)[^<]+", rb"\1"),
        refused=InvalidSignature,
    ),
    Case(
        "empty-digest-value",
        "An empty DigestValue",
        "threat: empty values",
        partial(_edited, rb"(<ds:DigestValue>)[^<]+", rb"\1"),
        refused=InvalidSignature,
    ),
    Case(
        "signature-value-not-base64",
        "A SignatureValue that is not base64",
        "xmldsig 4.2",
        partial(_edited, rb"(<ds:SignatureValue>)[^<]+", rb"\1!!!!"),
        refused=InvalidSignature,
    ),
    Case(
        "elements-in-digest-value",
        "An element inside DigestValue",
        "CVE-2025-29775 family",
        partial(_edited, rb"(<ds:DigestValue>)", rb"\1<ds:X/>"),
        refused=InvalidSignature,
    ),
    Case(
        "two-signatures",
        "The same Signature twice",
        "GHSA-6qg6-h5xq-x84c",
        _two_signatures,
        refused=InvalidSignature,
    ),
    Case(
        "two-signed-infos",
        "A second SignedInfo, of another message",
        "CVE-2025-29774",
        _two_signed_infos,
        refused=InvalidSignature,
    ),
    Case(
        "comment-in-digest-value",
        "The digest of forged content in a comment inside DigestValue",
        "CVE-2025-29775",
        _digest_comment,
        refused=InvalidSignature,
    ),
    Case(
        "comment-in-signature-value",
        "A comment inside SignatureValue",
        "CVE-2025-29775",
        partial(_edited, rb"(<ds:SignatureValue>....)", rb"\1<!-- -->"),
        unlike=unlike("signxml reads the text up to the comment", "signxml"),
    ),
    Case(
        "two-references",
        "Two References",
        _OPENSAML,
        partial(_forged, _two_references),
        refused=InvalidSignature,
        unlike=unlike(_VALID, *_XMLSEC),
    ),
    Case(
        "empty-uri",
        'A Reference with URI="", the whole document',
        _OPENSAML,
        partial(_forged, lambda _: reference("")),
        refused=InvalidSignature,
        unlike=unlike(_VALID),
    ),
    Case(
        "xpointer-uri",
        "A Reference by xpointer",
        _OPENSAML,
        partial(_forged, lambda name: reference(f"#xpointer(id('{name}'))")),
        refused=InvalidSignature,
        unlike=unlike(_VALID, *_XMLSEC),
    ),
    Case(
        "foreign-id",
        "A Reference to another element in the message",
        _OPENSAML,
        _foreign_id,
        refused=InvalidSignature,
        unlike=unlike(_VALID),
    ),
    Case(
        "only-enveloped",
        "One transform, canonicalisation left to default",
        _OPENSAML,
        partial(_forged, lambda name: reference(f"#{name}", transforms=transform(ENVELOPED))),
        refused=InvalidSignature,
        unlike=unlike(_VALID),
    ),
    Case(
        "three-transforms",
        "Exclusive c14n twice",
        _OPENSAML,
        partial(
            _forged,
            lambda name: reference(
                f"#{name}", transforms=transform(ENVELOPED) + transform(EXC_C14N) + transform(EXC_C14N)
            ),
        ),
        refused=InvalidSignature,
        unlike=unlike(_VALID, *_XMLSEC),
    ),
    Case(
        "transforms-swapped",
        "Canonicalised before the Signature is taken out",
        _OPENSAML,
        partial(
            _edited,
            rb'<ds:Transform Algorithm="([^"]+)"/><ds:Transform Algorithm="([^"]+)"/>',
            rb'<ds:Transform Algorithm="\2"/><ds:Transform Algorithm="\1"/>',
        ),
        refused=InvalidSignature,
    ),
    Case(
        "object-beside",
        "An Object in the Signature, not signed",
        "threat: wrapping in Object",
        _object_beside,
        refused=InvalidSignature,
        unlike=unlike(_VALID),
    ),
    Case(
        "signature-at-the-end",
        "A valid Signature in a place the schema forbids",
        "SAML core 3.2.1",
        _signature_at_the_end,
        refused=MalformedMessage,
        unlike=unlike(_VALID),
    ),
    Case(
        "signature-one-deeper",
        "The Signature is a child of Issuer",
        "SAML core 5.4.1",
        _signature_one_deeper,
        refused=MalformedMessage,
        unlike=unlike("enveloped in the signed element, if not directly", *_XMLSEC),
    ),
    Case(
        "text-changed",
        "One character of a signed value changed",
        "xmldsig 2",
        partial(_changed, b"/1.13", b"/1.14"),
        refused=InvalidSignature,
    ),
    Case(
        "attribute-added",
        "An attribute added after signing",
        "xmldsig 2",
        partial(_changed, b'ForceAuthn="true"', b'ForceAuthn="true" IsPassive="false"'),
        refused=InvalidSignature,
    ),
    Case(
        "white-space-added",
        "White space added between elements",
        "xmldsig 2",
        partial(_changed, b"</saml:Issuer>", b"</saml:Issuer>\n"),
        refused=InvalidSignature,
    ),
    Case(
        "reference-changed",
        "URI of the Reference changed",
        "xmldsig 2",
        partial(_edited, rb'URI="#_[0-9a-f]+"', rb'URI="#_none"'),
        refused=InvalidSignature,
    ),
]
