"""Checks of the signatures of metadata and dienstencatalogus."""

from collections.abc import Iterator
from copy import deepcopy

from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue
from broker.checks.looking import on_descriptor
from broker.saml.errors import InvalidSignature
from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.policy import CRYPTO
from broker.saml.signature import verify

_SIGNATURE = tag(DS, "Signature")


@on_descriptor("MD-021")
def unsigned_metadata(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Neither the entity nor what is around it is signed."""
    if not _signed(descriptor):
        yield Found(descriptor.getparent())


@on_descriptor("MD-022")
def metadata_signature(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """A signature that no key of the document itself made, or that is over other content."""
    for signature in _signed(descriptor):
        if not any(True for _ in forbidden_algorithms(signature)):
            yield from broken(signature, own_certificates(seen))


@on_descriptor("MD-023")
def metadata_algorithms(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """SHA-1 and others that prove nothing any more."""
    for signature in _signed(descriptor):
        yield from forbidden_algorithms(signature)


@on_descriptor("MD-025")
def no_certificate_in_signature(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Whoever verifies must look for the key elsewhere."""
    for signature in _signed(descriptor):
        if signature.find(f".//{tag(DS, 'X509Certificate')}") is None:
            yield Found(signature)


@on_catalogue("DC-010")
def unsigned_catalogue(root: Element, _seen: Seen) -> Iterator[Found]:
    """No signature at all."""
    if root.find(_SIGNATURE) is None:
        yield Found(root)


@on_catalogue("DC-011")
def template_signature(root: Element, _seen: Seen) -> Iterator[Found]:
    """The template of a signature, which software leaves for the makelaar to fill in."""
    signature = root.find(_SIGNATURE)
    if signature is not None and not _value(signature):
        yield Found(signature, "SignatureValue: –")


@on_catalogue("DC-012")
def catalogue_signature(root: Element, seen: Seen) -> Iterator[Found]:
    """A signature that no key of the metadata made, or that is over other content."""
    signature = root.find(_SIGNATURE)
    if (
        signature is None
        or not _value(signature)
        or seen.subject.catalogue is None
        or seen.descriptor is None
    ):
        return
    if not any(True for _ in forbidden_algorithms(signature)):
        yield from broken(signature, own_certificates(seen))


@on_catalogue("DC-013")
def catalogue_algorithms(root: Element, _seen: Seen) -> Iterator[Found]:
    """SHA-1 and others that prove nothing any more."""
    signature = root.find(_SIGNATURE)
    if signature is not None and _value(signature):
        yield from forbidden_algorithms(signature)


def forbidden_algorithms(signature: Element) -> Iterator[Found]:
    """The methods of signature and digest that the policy does not have."""
    for name, allowed in (("SignatureMethod", CRYPTO.signature), ("DigestMethod", CRYPTO.digest)):
        for method in signature.iter(tag(DS, name)):
            if method.get("Algorithm") not in allowed:
                yield Found(method, method.get("Algorithm", ""), "Algorithm", ", ".join(sorted(allowed)))


def _signed(descriptor: Element) -> list[Element]:
    """The signatures over the entity: its own and that of the document, each once."""
    holders = [each for each in descriptor.iterancestors() if each.tag != tag(MD, "Extensions")]
    around = [holders[0], holders[-1]] if holders else []
    return [found for holder in dict.fromkeys(around) for found in holder.findall(_SIGNATURE)]


def _value(signature: Element) -> str:
    return signature.findtext(tag(DS, "SignatureValue"), "").strip()


def broken(signature: Element, certificates: list[Certificate]) -> Iterator[Found]:
    """Verify in a copy of the document, since verifying takes the signature out."""
    holder = signature.getparent()
    if holder is None:
        return
    tree = holder.getroottree()
    copy = deepcopy(tree.getroot())
    path = tree.getelementpath(holder)
    element = copy if path == "." else copy.find(path)
    try:
        if element is not None:
            verify(element, certificates, "")
    except InvalidSignature as error:
        yield Found(signature, str(error))


def own_certificates(seen: Seen) -> list[Certificate]:
    """The certificates for signing of the metadata, as far as they can be used."""
    found: list[Certificate] = []
    for each in seen.listed:
        root = each.element.getroottree().getroot()
        if each.use in {"signing", None} and root.tag != tag(CATALOGUE, "ServiceCatalogue"):
            try:
                found.append(Certificate.from_base64(each.text, each.key_name))
            except UnusableCertificate:
                continue
    return found
