"""Signatures of any shape, made with python-xmlsec and really valid where its library can make them."""

import base64

import xmlsec
from lxml import etree
from xmlsec import constants

from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA256
from tests.keys import private_pem

SIGNATURE = tag(DS, "Signature")
_STUB = base64.b64encode(b"x" * 32).decode("ascii")


def transform(algorithm: str, inside: str = "") -> str:
    """A Transform element."""
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


PROFILE = transform(ENVELOPED) + transform(EXC_C14N)


def prefix_list(prefixes: str) -> str:
    """The parameter of exclusive c14n."""
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}" PrefixList="{prefixes}"/>'


def reference(uri: str, *, transforms: str = PROFILE, digest: str = SHA256, value: str = "") -> str:
    """A Reference element."""
    holder = f"<ds:Transforms>{transforms}</ds:Transforms>" if transforms else ""
    method = f'<ds:DigestMethod Algorithm="{digest}"/>'
    return (
        f'<ds:Reference URI="{uri}">{holder}{method}<ds:DigestValue>{value}</ds:DigestValue></ds:Reference>'
    )


def template(
    references: str,
    *,
    method: str = RSA_SHA256,
    c14n: str = EXC_C14N,
    c14n_inside: str = "",
    method_inside: str = "",
    key_info: str = "",
    value: str = "",
) -> etree._Element:
    """A Signature without values, for a library to fill."""
    text = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{c14n}">{c14n_inside}</ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}">{method_inside}</ds:SignatureMethod>'
        f"{references}</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue>{key_info}</ds:Signature>"
    )
    return etree.fromstring(text)


def place(element: etree._Element, signature: etree._Element) -> None:
    """Put the Signature where the schema wants it: right after Issuer."""
    issuer = element.find(tag(SAML, "Issuer"))
    element.insert(0 if issuer is None else element.index(issuer) + 1, signature)


def fill(signature: etree._Element, name: str, key: "xmlsec.Key | None" = None) -> None:
    """Let python-xmlsec digest and sign a Signature that stands in its document."""
    xmlsec.tree.add_ids(signature.getroottree().getroot(), ["ID"])
    context = xmlsec.SignatureContext()
    context.key = key or xmlsec.Key.from_memory(private_pem(name), constants.KeyDataFormatPem)
    context.sign(signature)


def stub(signature: etree._Element) -> None:
    """Give a Signature values that fit nothing, where no library would make real ones."""
    for name in ("DigestValue", "SignatureValue"):
        for empty in signature.iter(tag(DS, name)):
            empty.text = _STUB


def unsigned(message: bytes) -> etree._Element:
    """The root of a message without its own Signature."""
    root = etree.fromstring(message)
    for signature in root.findall(SIGNATURE):
        root.remove(signature)
    return root


def forge(message: bytes, name: str, signature: etree._Element, key: "xmlsec.Key | None" = None) -> bytes:
    """The message with this signature in the place of its own."""
    root = unsigned(message)
    place(root, signature)
    fill(signature, name, key)
    return etree.tostring(root)


def identifier(message: bytes) -> str:
    """The ID of the root."""
    return etree.fromstring(message).get("ID", "")
