"""Checks of metadata and dienstencatalogus: which keys there are, for what, and by which name."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from cryptography.hazmat.primitives import hashes

from broker.checks.listed import Listed
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_certificates
from broker.checks.looking import on_descriptor
from broker.checks.looking import on_known_entity
from broker.ports.neighbours import Neighbours
from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.policy import CRYPTO
from broker.saml.policy import LIMITS

_USES: Final = ("signing", "encryption")
_ROLLOVER: Final = 2
"""Certificates of one use: the present one and the next."""
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@on_descriptor("MD-026")
def nothing_to_verify_with(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """No certificate for signing that can be used."""
    if not any(_is_usable(each) for each in for_use(seen, descriptor, "signing")):
        yield Found(descriptor)


@on_descriptor("MD-027")
def without_use(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A key for everything."""
    for key in descriptor.iterfind(tag(MD, "KeyDescriptor")):
        if key.get("use") is None:
            yield Found(key)


@on_descriptor("MD-028")
def more_than_a_rollover(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Keys that were left behind."""
    for use in _USES:
        listed = for_use(seen, descriptor, use)
        if _ROLLOVER < len(listed) <= LIMITS.certificates:
            yield Found(listed[-1].descriptor, f"{len(listed)} × {use}")


@on_descriptor("MD-029")
def too_many(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """More keys than are tried."""
    for use in _USES:
        listed = for_use(seen, descriptor, use)
        if len(listed) > LIMITS.certificates:
            yield Found(listed[-1].descriptor, f"{len(listed)} × {use}")


@on_certificates("CE-015")
def no_key_name(seen: Seen) -> Iterator[Found]:
    """A key that messages cannot name."""
    for descriptor in _descriptors(seen):
        if not (descriptor.findtext(f"{tag(DS, 'KeyInfo')}/{tag(DS, 'KeyName')}") or "").strip():
            yield Found(descriptor)


@on_certificates("CE-016")
def shared_key_name(seen: Seen) -> Iterator[Found]:
    """One name for different keys."""
    names: dict[str, bytes] = {}
    for each in seen.listed:
        if each.key_name and each.der and names.setdefault(each.key_name, each.der) != each.der:
            yield Found(each.descriptor, each.key_name)


@on_certificates("CE-017")
def name_of_another(seen: Seen) -> Iterator[Found]:
    """A KeyName that looks like a fingerprint, but of another certificate: it was left when the key changed."""
    for each in seen.listed:
        name = (each.key_name or "").replace(":", "").lower()
        if each.certificate is None or _FINGERPRINT.fullmatch(name) is None:
            continue
        sha1 = hashes.SHA1()  # noqa: S303  # names are made so; nothing is proven by it
        right = each.certificate.fingerprint(hashes.SHA256()).hex()
        if name not in {right, each.certificate.fingerprint(sha1).hex()}:
            yield Found(each.descriptor, name, expected=right)


@on_known_entity("CE-018")
def key_of_another(entity: Element, known: Neighbours, seen: Seen) -> Iterator[Found]:
    """A certificate that another dienstverlener signs with too."""
    own = entity.get("entityID", "")
    for each in seen.listed:
        if each.certificate is not None:
            fingerprint = each.certificate.fingerprint(hashes.SHA256()).hex()
            others = sorted(set(known.with_certificate(fingerprint)) - {own})
            if others:
                yield Found(each.element, others[0])


@on_descriptor("CE-021")
def name_only(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A KeyDescriptor with a name, and no certificate."""
    for key in descriptor.iterfind(tag(MD, "KeyDescriptor")):
        if key.find(f".//{tag(DS, 'X509Certificate')}") is None:
            yield Found(key)


@on_certificates("CE-022")
def several_in_one(seen: Seen) -> Iterator[Found]:
    """A chain in a KeyDescriptor: each certificate of it counts as a key."""
    for descriptor in _descriptors(seen):
        found = list(descriptor.iter(tag(DS, "X509Certificate")))
        if len(found) > 1:
            yield Found(found[1], f"{len(found)} × X509Certificate")


@on_descriptor("CE-023")
def same_key_twice(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """One certificate, twice for one use."""
    for use in _USES:
        listed = [each for each in for_use(seen, descriptor, use) if each.der]
        times = Counter(each.der for each in listed)
        for each in listed:
            if times.pop(each.der, 1) > 1:
                yield Found(each.element, use)


@on_descriptor("CE-025")
def not_our_encryption(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Algorithms that are asked, and that nobody here uses."""
    for key in descriptor.iterfind(tag(MD, "KeyDescriptor")):
        asked = [each.get("Algorithm", "") for each in key.iterfind(tag(MD, "EncryptionMethod"))]
        if asked and not CRYPTO.data_encryption.intersection(asked):
            first = key.find(tag(MD, "EncryptionMethod"))
            yield Found(first, ", ".join(asked), "Algorithm", ", ".join(sorted(CRYPTO.data_encryption)))


def for_use(seen: Seen, descriptor: Element, use: str) -> list[Listed]:
    """The certificates of the metadata for signing or encryption."""
    return [
        each for each in seen.listed if each.use in {use, None} and each.descriptor.getparent() is descriptor
    ]


def _descriptors(seen: Seen) -> list[Element]:
    return list(dict.fromkeys(each.descriptor for each in seen.listed))


def _is_usable(listed: Listed) -> bool:
    try:
        Certificate.from_base64(listed.text)
    except UnusableCertificate:
        return False
    return True
