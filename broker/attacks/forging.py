"""Signatures of any shape and algorithm, really valid where one can be.

Written with lxml and ``cryptography`` alone, so that an operator needs nothing more; in the tests xmlsec1,
python-xmlsec and signxml say whether what should hold holds.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from broker.attacks.scene import Actor
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA256

SIGNATURE: Final = tag(DS, "Signature")
_INCLUSIVE = tag(EXC_C14N, "InclusiveNamespaces")
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DIGESTS: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    SHA256: hashlib.sha256,
    f"{DS}sha1": hashlib.sha1,
    f"{_MORE}md5": hashlib.md5,
    f"{_MORE}sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
    f"{_MORE}sha224": hashlib.sha224,
}
_PKCS1: dict[str, hashes.HashAlgorithm] = {
    RSA_SHA256: hashes.SHA256(),
    f"{DS}rsa-sha1": hashes.SHA1(),
    f"{_MORE}rsa-md5": hashes.MD5(),
    f"{_MORE}rsa-sha224": hashes.SHA224(),
    f"{_MORE}rsa-sha384": hashes.SHA384(),
    f"{_MORE}rsa-sha512": hashes.SHA512(),
}
_PSS: dict[str, hashes.HashAlgorithm] = {
    f"http://www.w3.org/2007/05/xmldsig-more#{algorithm.name}-rsa-MGF1": algorithm
    for algorithm in (hashes.SHA1(), hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
}
_STUB = base64.b64encode(b"x" * 32).decode("ascii")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a Signature is to look; the defaults are those of the profile.

    ``transforms`` and ``c14n`` are XML as it stands in the Signature, ``references`` the URIs; ``key_info`` is the
    KeyInfo as XML, empty for none. ``stub`` fills in values that fit nothing, for what no library would make;
    ``mislabelled`` those that the profile would have, whatever the names say.
    """

    method: str = RSA_SHA256
    method_inside: str = ""
    digest: str = SHA256
    digest_inside: str = ""
    c14n: str = EXC_C14N
    c14n_inside: str = ""
    transforms: str | None = None
    references: tuple[str, ...] = field(default=())
    key_info: str = ""
    secret: bytes = b""
    stub: bool = False
    mislabelled: bool = False


def transform(algorithm: str, inside: str = "") -> str:
    """A Transform element."""
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


def prefix_list(prefixes: str) -> str:
    """The parameter of exclusive c14n."""
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}" PrefixList="{prefixes}"/>' if prefixes else ""


def place(element: etree._Element, signature: etree._Element) -> None:
    """Put a Signature where the schema wants it: right after Issuer."""
    issuer = element.find(tag(SAML, "Issuer"))
    element.insert(0 if issuer is None else element.index(issuer) + 1, signature)


def unsigned(element: etree._Element) -> etree._Element:
    """The element without the Signatures that are its children."""
    for signature in element.findall(SIGNATURE):
        element.remove(signature)
    return element


def make_signature(shape: Shape, target: str) -> etree._Element:
    """A Signature of this shape without values."""
    transforms = transform(ENVELOPED) + transform(EXC_C14N) if shape.transforms is None else shape.transforms
    holder = f"<ds:Transforms>{transforms}</ds:Transforms>" if transforms else ""
    references = "".join(
        f'<ds:Reference URI="{uri}">{holder}<ds:DigestMethod Algorithm="{shape.digest}">{shape.digest_inside}'
        "</ds:DigestMethod><ds:DigestValue></ds:DigestValue></ds:Reference>"
        for uri in shape.references or (f"#{target}",)
    )
    text = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{shape.c14n}">{shape.c14n_inside}</ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{shape.method}">{shape.method_inside}</ds:SignatureMethod>'
        f"{references}</ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>{shape.key_info}</ds:Signature>"
    )
    return etree.fromstring(text)


def fill(signature: etree._Element, actor: Actor, shape: Shape) -> None:
    """Digest and sign, for a Signature that stands in its document."""
    if shape.stub:
        for name in ("DigestValue", "SignatureValue"):
            for empty in signature.iter(tag(DS, name)):
                empty.text = _STUB
        return
    if shape.mislabelled:
        _fill_as_profile(signature, actor)
        return
    for reference in signature.iter(tag(DS, "Reference")):
        digest = _DIGESTS[shape.digest](_dereferenced(signature, reference)).digest()
        reference[-1].text = base64.b64encode(digest).decode("ascii")
    signed_info = signature[0]
    value = signature_value(_canonical(signed_info, shape.c14n, _prefixes(signed_info[0])), actor, shape)
    values = signature.find(tag(DS, "SignatureValue"))
    if values is not None:
        values.text = base64.b64encode(value).decode("ascii")


def _fill_as_profile(signature: etree._Element, actor: Actor) -> None:
    """RSA-SHA256 over SHA-256 over the exclusive canonical form without the Signature."""
    parent = next(signature.iterancestors())
    position = parent.index(signature)
    parent.remove(signature)
    digest = hashlib.sha256(_canonical(parent, EXC_C14N, [])).digest()
    parent.insert(position, signature)
    _write(signature, "DigestValue", digest)
    signed_info = _canonical(signature[0], EXC_C14N, [])
    _write(signature, "SignatureValue", signature_value(signed_info, actor, Shape()))


def _write(signature: etree._Element, name: str, value: bytes) -> None:
    next(signature.iter(tag(DS, name))).text = base64.b64encode(value).decode("ascii")


def signature_value(data: bytes, actor: Actor, shape: Shape) -> bytes:
    """The signature of an actor over these bytes, by the method of the shape."""
    if shape.method in _PKCS1:
        return actor.private_key.sign(data, padding.PKCS1v15(), _PKCS1[shape.method])
    if shape.method in _PSS:
        algorithm = _PSS[shape.method]
        pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH)
        return actor.private_key.sign(data, pss, algorithm)
    return hmac.digest(shape.secret, data, shape.method.rpartition("hmac-")[2])


def _dereferenced(signature: etree._Element, reference: etree._Element) -> bytes:
    """What a reference leads to, transformed. Transforms other than c14n are taken to change nothing."""
    uri = reference.get("URI") or ""
    whole = signature.getroottree().getroot()
    target = next((node for node in whole.iter("{*}*") if uri[1:] and node.get("ID") == uri[1:]), whole)
    transforms = reference.findall(f".//{tag(DS, 'Transform')}")
    enveloped = any(each.get("Algorithm") == ENVELOPED for each in transforms)
    if not enveloped or target not in signature.iterancestors():
        return _transformed(target, transforms)
    parent = next(signature.iterancestors())
    position = parent.index(signature)
    parent.remove(signature)
    try:
        return _transformed(target, transforms)
    finally:
        parent.insert(position, signature)


def _transformed(target: etree._Element, transforms: list[etree._Element]) -> bytes:
    for each in transforms:
        if "c14n" in (each.get("Algorithm") or ""):
            return _canonical(target, each.get("Algorithm") or "", _prefixes(each))
    return _canonical(target, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", [])


def _prefixes(method: etree._Element) -> list[str]:
    inclusive = method.find(_INCLUSIVE)
    return [] if inclusive is None else inclusive.get("PrefixList", "").split()


def _canonical(element: etree._Element, algorithm: str, prefixes: list[str]) -> bytes:
    exclusive = "xml-exc-c14n" in algorithm
    canonical: bytes = etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=algorithm.endswith("WithComments"),
        inclusive_ns_prefixes=(prefixes or None) if exclusive else None,
    )
    return canonical
