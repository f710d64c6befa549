"""Signatures that hold as we compute them, under the name of something else: only the check of the name refuses."""

import base64
import hashlib
from functools import partial

from lxml import etree

from broker.saml.errors import InvalidSignature
from broker.saml.names import DS
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA256
from broker.saml.signature import canonicalise
from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.forging import PROFILE
from tests.attacks.forging import place
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.attacks.forging import transform
from tests.attacks.forging import unsigned
from tests.keys import signer
from tests.saml.builders import signed_request

_PARAMETER = "<ds:XPath>/</ds:XPath>"


def mislabelled(
    *, method: str = RSA_SHA256, digest: str = SHA256, transforms: str = PROFILE, inside: str = ""
) -> bytes:
    """RSA-SHA256 over SHA-256 over exclusive c14n without the Signature, whatever the names say."""
    root = unsigned(signed_request())
    value = base64.b64encode(hashlib.sha256(canonicalise(root)).digest()).decode("ascii")
    named = reference(f"#{root.get('ID')}", transforms=transforms, digest=digest, value=value)
    signature = template(named, method=method, method_inside=inside)
    place(root, signature)
    signed = signer("dv").sign(canonicalise(signature[0]))
    signature[1].text = base64.b64encode(signed).decode("ascii")
    return etree.tostring(root)


def _refused(name: str, title: str, source: str, *lenient: str, **labels: str) -> Case:
    make = partial(mislabelled, **labels)
    differ = unlike("it passes over parameters that it does not know", *lenient) if lenient else {}
    return Case(f"label-{name}", title, source, make, refused=InvalidSignature, unlike=differ)


CASES = [
    Case("label-none", "The same with every name right", "xmldsig 4", mislabelled),
    _refused("rsa-sha1", "RSA-SHA256 that calls itself RSA-SHA1", "xmldsig 6.4", method=f"{DS}rsa-sha1"),
    _refused("hmac", "RSA-SHA256 that calls itself HMAC", "CVE-2018-7644", method=f"{DS}hmac-sha1"),
    _refused("no-method", "RSA-SHA256 without a name", "xmldsig 6.4", method=""),
    _refused(
        "method-parameter",
        "A parameter of RSA-SHA256, which has none",
        "xmldsig 6.4.1",
        "xmlsec1",
        "python-xmlsec",
        inside=_PARAMETER,
    ),
    _refused("digest-sha1", "SHA-256 that calls itself SHA-1", "xmldsig 6.2", digest=f"{DS}sha1"),
    _refused(
        "no-enveloped",
        "The Signature was taken out though no transform says so",
        "SAML core 5.4.4",
        transforms=transform(EXC_C14N) * 2,
    ),
    _refused(
        "enveloped-parameter",
        "A parameter inside enveloped-signature",
        "xmldsig 6.6.4",
        "xmlsec1",
        "python-xmlsec",
        "signxml",
        transforms=transform(ENVELOPED, _PARAMETER) + transform(EXC_C14N),
    ),
    _refused(
        "c14n-parameter",
        "A parameter of exclusive c14n that is none",
        "xml-exc-c14n 4",
        "signxml",
        transforms=transform(ENVELOPED) + transform(EXC_C14N, _PARAMETER),
    ),
]
