"""One narrow XML signature profile, made and checked in process.

The shape is fixed (Afsprakenstelsel, Digital signature; SAML core 5.4): the signature is a direct child of the
element it signs, has one reference, to that element's ID, with exactly the transforms enveloped-signature and
exclusive c14n, and RSA-SHA256 with SHA-256 digests. Anything else is refused before a key is touched.

``verify`` is the only door: what it returns was parsed again from the very bytes that were digested, so nothing
behind it can read a node that was not signed.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from lxml import etree

from broker.domain.personal import RawMessage
from broker.saml.base64_text import read_base64
from broker.saml.base64_text import unfold
from broker.saml.errors import InvalidSignature
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.policy import CRYPTO
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import LIMITS
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA256

_SIGNATURE = tag(DS, "Signature")
_BETWEEN = re.compile(r"[ \t\r\n]+")
"""White space as XML has it, which is less than what ``str.split`` takes for it."""
_INCLUSIVE = tag(EXC_C14N, "InclusiveNamespaces")
_PREFIX = re.compile(r"(?!xml)[A-Za-z_][A-Za-z0-9._-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a partner said, proven.

    ``element`` is parsed from the signed bytes and has lost its own Signature; ``raw`` is the element as it
    arrived, signature included and self-contained, for embedding, when it was asked to be kept; ``signature_value``
    is its base64 text. ``holds_certificate`` tells that KeyInfo brought a certificate along, which nobody looked at.
    """

    element: etree._Element = field(repr=False)
    signer: str
    key_name: str
    signature_value: str
    raw: RawMessage
    holds_certificate: bool = False


def canonicalise(element: etree._Element, prefixes: Sequence[str] = ()) -> bytes:
    """Exclusive canonical form without comments (xml-exc-c14n), with an InclusiveNamespaces PrefixList."""
    if prefixes:
        _intern(prefixes)
    try:
        canonical: bytes = etree.tostring(
            element,
            method="c14n",
            exclusive=True,
            with_comments=False,
            inclusive_ns_prefixes=list(prefixes) or None,
        )
    except etree.C14NError:
        # A namespace that is a relative reference, for one, has no canonical form (xml-c14n 1.3).
        raise InvalidSignature("the element has no canonical form") from None
    if not canonical:
        raise InvalidSignature("canonicalisation gave nothing")
    return canonical


def _intern(prefixes: Sequence[str]) -> None:
    """Make the prefixes known to this thread's libxml2 dictionary.

    lxml silently drops a PrefixList entry that no parsed document has mentioned, as happens to trees that were
    built and not read; the digest would then be over other bytes than any other software computes.
    """
    wrapper = etree.Element("p", nsmap=dict.fromkeys(prefixes, "urn:p"))
    etree.fromstring(etree.tostring(wrapper))


def sign(
    element: etree._Element, key: SigningKey, *, x509: bool = False, prefixes: Sequence[str] = ()
) -> None:
    """Sign ``element`` in place; the Signature comes right after its Issuer, or first when it has none.

    ``prefixes`` names the namespace prefixes that occur in values (``xsi:type="xs:string"``), so that their
    binding is signed too. ``x509`` puts the certificate in KeyInfo, as metadata and catalogues want; messages
    carry the KeyName only.
    """
    digest = hashlib.sha256(canonicalise(element, prefixes)).digest()
    signature = etree.Element(_SIGNATURE, nsmap={"ds": DS})
    signed_info = _signed_info(signature, element.attrib["ID"], digest, prefixes)
    value = etree.SubElement(signature, tag(DS, "SignatureValue"))
    key_info = etree.SubElement(signature, tag(DS, "KeyInfo"))
    if x509:
        data = etree.SubElement(key_info, tag(DS, "X509Data"))
        etree.SubElement(data, tag(DS, "X509Certificate")).text = _base64(key.certificate_der)
    else:
        etree.SubElement(key_info, tag(DS, "KeyName")).text = key.key_name
    issuer = element.find(tag(SAML, "Issuer"))
    element.insert(0 if issuer is None else element.index(issuer) + 1, signature)
    value.text = _base64(key.sign(canonicalise(signed_info)))


def _signed_info(
    signature: etree._Element, target: str, digest: bytes, prefixes: Sequence[str]
) -> etree._Element:
    signed_info = etree.SubElement(signature, tag(DS, "SignedInfo"))
    etree.SubElement(signed_info, tag(DS, "CanonicalizationMethod"), Algorithm=EXC_C14N)
    etree.SubElement(signed_info, tag(DS, "SignatureMethod"), Algorithm=RSA_SHA256)
    reference = etree.SubElement(signed_info, tag(DS, "Reference"), URI=f"#{target}")
    transforms = etree.SubElement(reference, tag(DS, "Transforms"))
    etree.SubElement(transforms, tag(DS, "Transform"), Algorithm=ENVELOPED)
    c14n = etree.SubElement(transforms, tag(DS, "Transform"), Algorithm=EXC_C14N)
    if prefixes:
        etree.SubElement(c14n, _INCLUSIVE, PrefixList=" ".join(prefixes), nsmap={"ec": EXC_C14N})
    etree.SubElement(reference, tag(DS, "DigestMethod"), Algorithm=SHA256)
    etree.SubElement(reference, tag(DS, "DigestValue")).text = _base64(digest)
    return signed_info


def is_signed(element: etree._Element) -> bool:
    """Whether the element carries a Signature of its own (not whether it holds)."""
    return element.find(_SIGNATURE) is not None


def verify(
    element: etree._Element, certificates: Sequence[Certificate], signer: str, *, keep: bool = False
) -> Verified:
    """Check the signature of ``element`` with the certificates that metadata gives for ``signer``.

    ``keep`` fills ``raw``, for an element that will be passed on as it arrived; else it is empty.

    Consumes ``element``: its Signature is taken out. Verify an outer element before the elements it holds.
    Raises ``InvalidSignature``, always with a reason that says nothing about the content.
    """
    signature = _only_child(element, _SIGNATURE)
    signed_info, signature_value, key_name = _open(signature)
    holds_certificate = signature.find(f"{tag(DS, 'KeyInfo')}/{tag(DS, 'X509Data')}") is not None
    prefixes, info_prefixes, digest = _profile(signed_info, element.get("ID"))
    signed_info_bytes = canonicalise(signed_info, info_prefixes)
    raw = RawMessage(serialise(element) if keep else b"")
    _take_out(element, signature)
    signed = canonicalise(element, prefixes)
    matches = hmac.compare_digest(hashlib.sha256(signed).digest(), digest)
    # A KeyName is a hint only: names differ in case and notation between suppliers, so the other keys of the
    # same partner are tried as well. Keys that are not the partner's in metadata are never tried.
    candidates = sorted(certificates, key=lambda certificate: certificate.key_name != key_name)
    # Also when the digest is wrong: one kind of failure should not be quicker than another.
    certificate = fitting(candidates, _decode(signature_value), signed_info_bytes)
    if matches is not True:
        raise InvalidSignature("the digest does not match the content")
    if certificate is None:
        raise InvalidSignature("no key of the partner fits the signature")
    text = unfold(signature_value)
    return Verified(reparse(signed), signer, certificate.key_name, text, raw, holds_certificate)


def fitting(certificates: Sequence[Certificate], signature: bytes, data: bytes) -> Certificate | None:
    """The first of these certificates whose key made this signature over ``data``, None when none did.

    Only ``True`` counts: a verifier that answers with an error code has not verified (CVE-2016-9814).
    """
    for certificate in certificates:
        if certificate.verifies(signature, data) is True:
            return certificate
    return None


def _open(signature: etree._Element) -> tuple[etree._Element, str, str | None]:
    """SignedInfo, the text of SignatureValue and the KeyName of a signature of the right shape."""
    names = [child.tag for child in signature]
    head = [tag(DS, "SignedInfo"), tag(DS, "SignatureValue")]
    if names not in (head, [*head, tag(DS, "KeyInfo")]):
        raise InvalidSignature("the Signature has other children than the profile allows")
    if signature.find(f"{tag(DS, 'KeyInfo')}//{tag(DS, 'RetrievalMethod')}") is not None:
        # We would not follow it, but whoever reads the embedded original might, transforms and all.
        raise InvalidSignature("KeyInfo refers to a key elsewhere")
    key_name = signature.findtext(f"{tag(DS, 'KeyInfo')}/{tag(DS, 'KeyName')}")
    return signature[0], _text(signature[1]), key_name


def _profile(signed_info: etree._Element, target: str | None) -> tuple[list[str], list[str], bytes]:
    """Check SignedInfo against the profile; the two PrefixLists (reference, SignedInfo) and the digest."""
    names = [child.tag for child in signed_info]
    if names != [tag(DS, "CanonicalizationMethod"), tag(DS, "SignatureMethod"), tag(DS, "Reference")]:
        raise InvalidSignature("SignedInfo must hold exactly one Reference")
    if set(signed_info.attrib) - {"Id"}:
        # Canonicalisation of a part makes this thread remember the names on it, and no schema was asked yet.
        raise InvalidSignature("SignedInfo has attributes the profile does not allow")
    c14n, method, reference = signed_info
    if method.get("Algorithm") not in CRYPTO.signature or len(method):
        raise InvalidSignature("this signature algorithm is not allowed")
    if not target or reference.get("URI") != f"#{target}":
        raise InvalidSignature("the Reference does not point at the element that carries the signature")
    names = [child.tag for child in reference]
    if names != [tag(DS, "Transforms"), tag(DS, "DigestMethod"), tag(DS, "DigestValue")]:
        raise InvalidSignature("the Reference has other children than the profile allows")
    transforms, digest_method, digest_value = reference
    if [child.tag for child in transforms] != [tag(DS, "Transform")] * 2:
        raise InvalidSignature("exactly two transforms are allowed")
    if transforms[0].get("Algorithm") != ENVELOPED or len(transforms[0]):
        raise InvalidSignature("the first transform must be enveloped-signature")
    if digest_method.get("Algorithm") not in CRYPTO.digest or len(digest_method):
        raise InvalidSignature("this digest algorithm is not allowed")
    return _exclusive(transforms[1]), _exclusive(c14n), _decode(_text(digest_value))


def _exclusive(method: etree._Element) -> list[str]:
    """The PrefixList of a method that must be exclusive c14n without comments."""
    if method.get("Algorithm") != EXC_C14N:
        raise InvalidSignature("only exclusive canonicalisation without comments is allowed")
    children = list(method)
    if not children:
        return []
    if len(children) > 1 or children[0].tag != _INCLUSIVE or len(children[0]):
        raise InvalidSignature("canonicalisation has parameters the profile does not allow")
    listed = children[0].get("PrefixList")
    if listed is None:
        # The schema leaves it out if one likes, but libraries that verify do not, and this signature may be passed on.
        raise InvalidSignature("canonicalisation has parameters the profile does not allow")
    prefixes = [prefix for prefix in _BETWEEN.split(listed) if prefix]
    if len(prefixes) > LIMITS.signature_prefixes or not all(map(_is_prefix, prefixes)):
        raise InvalidSignature("this PrefixList is not allowed")
    return prefixes


def _is_prefix(text: str) -> bool:
    return len(text) <= LIMITS.prefix_characters and _PREFIX.fullmatch(text) is not None


def _take_out(element: etree._Element, signature: etree._Element) -> None:
    """The enveloped-signature transform: the Signature goes, the text behind it stays."""
    if signature.tail:
        before = signature.getprevious()
        if before is None:
            element.text = (element.text or "") + signature.tail
        else:
            before.tail = (before.tail or "") + signature.tail
    element.remove(signature)


def _only_child(element: etree._Element, name: str) -> etree._Element:
    found = element.findall(name)
    if len(found) != 1:
        raise InvalidSignature("not signed" if not found else "more than one Signature")
    return found[0]


def _text(element: etree._Element) -> str:
    if len(element):
        raise InvalidSignature("a value of the signature holds elements")
    return element.text or ""


def _decode(text: str) -> bytes:
    try:
        return read_base64(text)
    except ValueError:
        raise InvalidSignature("a value of the signature is not base64") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
