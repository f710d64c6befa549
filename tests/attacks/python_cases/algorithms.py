"""Algorithms, transforms, canonicalisation and keys outside the policy."""

import re
from collections.abc import Callable
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import xmlsec
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.algorithms import SignatureConstructionMethod
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner
from xmlsec import constants

from broker.saml.errors import InvalidSignature
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import RSA_SHA256
from tests.attacks.case import Case
from tests.attacks.case import unlike
from tests.attacks.forging import PROFILE
from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import place
from tests.attacks.forging import prefix_list
from tests.attacks.forging import reference
from tests.attacks.forging import stub
from tests.attacks.forging import template
from tests.attacks.forging import transform
from tests.attacks.forging import unsigned
from tests.keys import certificate
from tests.keys import certificate_pem
from tests.keys import private_pem
from tests.saml.builders import signed_request

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DSIG = DS
_XMLENC = "http://www.w3.org/2001/04/xmlenc#"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_STRONG = "sound, but outside the list of the afsprakenstelsel"
_WEAK = "python-xmlsec and xmlsec1 refuse SHA-1 only where OpenSSL is told to"
_XMLSEC = ("xmlsec1", "python-xmlsec")
_XSLT = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:template match="/"><xsl:copy-of select="."/></xsl:template></xsl:stylesheet>'
)
_FILTER2 = '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="intersect">/*</f:XPath>'


def _signed(*, transforms: str = PROFILE, digest: str = "", **options: str) -> bytes:
    """Signed by the dienstverlener with these options, by python-xmlsec."""
    message = signed_request()
    extra = {"digest": digest} if digest else {}
    body = reference(f"#{identifier(message)}", transforms=transforms, **extra)
    return forge(message, "dv", template(body, **options))


def _stubbed(*, transforms: str = PROFILE, digest: str = "", **options: str) -> bytes:
    """The same with values that fit nothing: refused by name, before any key is touched."""
    message = signed_request()
    extra = {"digest": digest} if digest else {}
    root = unsigned(message)
    signature = template(reference(f"#{root.get('ID')}", transforms=transforms, **extra), **options)
    stub(signature)
    place(root, signature)
    return etree.tostring(root)


def _hmac_with_the_public_key() -> bytes:
    """The secret is what everybody knows: the certificate."""
    message = signed_request()
    key = xmlsec.Key.from_binary_data(constants.KeyDataHmac, certificate_pem("dv"))
    signature = template(reference(f"#{identifier(message)}"), method=f"{_MORE}hmac-sha256")
    return forge(message, "dv", signature, key)


def _pss() -> bytes:
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.SHA256_RSA_MGF1,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    root = unsigned(signed_request())
    place(root, etree.Element(tag(DS, "Signature"), Id="placeholder"))
    signed = signer.sign(
        root,
        key=private_pem("dv"),
        cert=certificate_pem("dv").decode("ascii"),
        reference_uri=root.get("ID"),
        id_attribute="ID",
    )
    return etree.tostring(signed)


def _by_another(key_info: str) -> bytes:
    """Signed with the attacker's own key, which KeyInfo recommends."""
    message = signed_request()
    return forge(message, "mallory", template(reference(f"#{identifier(message)}"), key_info=key_info))


def _own_key(key_info: str) -> bytes:
    message = signed_request()
    return forge(message, "dv", template(reference(f"#{identifier(message)}"), key_info=key_info))


def _x509(name: str) -> str:
    text = certificate(name).base64()
    return (
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )


def _key_name(name: str) -> str:
    return f"<ds:KeyInfo><ds:KeyName>{name}</ds:KeyName></ds:KeyInfo>"


def _key_value() -> bytes:
    message = signed_request()
    empty = "<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>"
    return forge(message, "mallory", template(reference(f"#{identifier(message)}"), key_info=empty))


def _retrieval() -> bytes:
    inside = (
        f"<ds:Transforms>{transform('http://www.w3.org/TR/1999/REC-xslt-19991116', _XSLT)}</ds:Transforms>"
    )
    message = _own_key(_key_name("x"))
    method = f'<ds:RetrievalMethod xmlns:ds="{DS}" URI="">{inside}</ds:RetrievalMethod>'.encode()
    return re.sub(rb"(<ds:KeyName>)", lambda found: method + found.group(), message)


def _relative_namespace() -> bytes:
    """A namespace that is a relative reference has no canonical form; some software then digests nothing."""
    root = unsigned(signed_request())
    etree.SubElement(root, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions").append(
        etree.fromstring('<x:a xmlns:x="relative"/>')
    )
    root.insert(1, root[-1])
    signature = template(reference(f"#{root.get('ID')}"))
    stub(signature)
    place(root, signature)
    for value in signature.iter(tag(DS, "DigestValue")):
        value.text = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # SHA-256 of nothing
    return etree.tostring(root)


def _foreign_c14n_parameter() -> bytes:
    return _stubbed(transforms=transform(ENVELOPED) + transform(EXC_C14N, "<ds:XPath>/</ds:XPath>"))


def _refused(
    name: str,
    title: str,
    source: str,
    make: Callable[[], bytes],
    unlike: Mapping[str, str] = MappingProxyType({}),
) -> Case:
    return Case(name, title, source, make, refused=InvalidSignature, unlike=unlike)


CASES = [
    _refused(
        "rsa-sha1",
        "RSA with SHA-1",
        "Afsprakenstelsel, Digital signature",
        partial(_signed, method=f"{_DSIG}rsa-sha1"),
        unlike=unlike(_WEAK, *_XMLSEC),
    ),
    _refused(
        "sha1-digest",
        "A SHA-1 digest under RSA-SHA256",
        "Afsprakenstelsel, Digital signature",
        partial(_signed, digest=f"{_DSIG}sha1"),
        unlike=unlike(_WEAK, *_XMLSEC),
    ),
    *(
        _refused(
            f"rsa-sha{bits}",
            f"RSA with SHA-{bits}",
            "Afsprakenstelsel, Digital signature",
            partial(_signed, method=f"{_MORE}rsa-sha{bits}"),
            unlike=unlike(_STRONG),
        )
        for bits in (384, 512)
    ),
    _refused(
        "sha512-digest",
        "A SHA-512 digest",
        "Afsprakenstelsel, Digital signature",
        partial(_signed, digest=f"{_XMLENC}sha512"),
        unlike=unlike(_STRONG),
    ),
    _refused(
        "rsa-pss",
        "RSASSA-PSS",
        "Afsprakenstelsel, Digital signature",
        partial(_pss),
        unlike=unlike(_STRONG, "python-xmlsec", "signxml"),
    ),  # xmlsec1 1.2 does not know it
    _refused(
        "hmac-public-key",
        "HMAC with the certificate as its secret",
        "CVE-2018-7644 family",
        partial(_hmac_with_the_public_key),
    ),
    *(
        _refused(
            f"method-{uri.rpartition('#')[2]}",
            f"SignatureMethod {uri}",
            "CVE-2021-21239",
            partial(_stubbed, method=uri),
        )
        for uri in (
            f"{_MORE}rsa-md5",
            f"{_DSIG}dsa-sha1",
            f"{_DSIG}hmac-sha1",
            f"{_MORE}ecdsa-sha256",
            "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
            f"{RSA_SHA256} ",
            f"{RSA_SHA256.upper()}",
        )
    ),
    _refused("method-empty", "An empty SignatureMethod", "CVE-2021-21239", partial(_stubbed, method="")),
    _refused(
        "method-parameters",
        "Parameters inside SignatureMethod",
        "xmldsig 6.4.1",
        partial(_stubbed, method_inside="<ds:HMACOutputLength>1</ds:HMACOutputLength>"),
    ),
    _refused(
        "md5-digest",
        "An MD5 digest",
        "Afsprakenstelsel, Digital signature",
        partial(_stubbed, digest=f"{_MORE}md5"),
    ),
    *(
        _refused(
            f"transform-{name}",
            f"The transform {name}",
            "xmldsig 6.6; GHSA-6qg6-h5xq-x84c, GHSA-5cjr-mxj5-wmrx",
            partial(_stubbed, transforms=transform(ENVELOPED) + transform(uri, inside)),
        )
        for name, uri, inside in (
            ("xslt", "http://www.w3.org/TR/1999/REC-xslt-19991116", _XSLT),
            ("xpath", "http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>1=1</ds:XPath>"),
            ("xpath-filter2", "http://www.w3.org/2002/06/xmldsig-filter2", _FILTER2),
            ("base64", f"{_DSIG}base64", ""),
            ("decrypt", "http://www.w3.org/2002/07/decrypt#XML", ""),
        )
    ),
    *(
        _refused(
            f"transform-{name}",
            f"{name} as transform",
            "xmldsig 6.5",
            partial(_signed, transforms=transform(ENVELOPED) + transform(uri)),
            unlike=unlike(_STRONG),
        )
        for name, uri in (
            ("inclusive-c14n", _C14N),
            ("inclusive-c14n-with-comments", f"{_C14N}#WithComments"),
            ("exclusive-c14n-with-comments", f"{EXC_C14N}WithComments"),
        )
    ),
    *(
        _refused(
            f"c14n-{name}",
            f"{name} of SignedInfo",
            "xmldsig 6.5",
            partial(_signed, c14n=uri),
            unlike=unlike(_STRONG),
        )
        for name, uri in (
            ("inclusive-c14n", _C14N),
            ("exclusive-c14n-with-comments", f"{EXC_C14N}WithComments"),
        )
    ),
    _refused(
        "void-canonicalisation",
        "Content without a canonical form, with the digest of nothing",
        "CVE-2025-66568",
        partial(_relative_namespace),
    ),
    _refused(
        "c14n-foreign-parameter",
        "An XPath inside the parameters of exclusive c14n",
        "xml-exc-c14n 4",
        partial(_foreign_c14n_parameter),
    ),
    _refused(
        "prefix-list-nonsense",
        "A PrefixList of things that are no prefixes",
        "xml-exc-c14n 4",
        partial(_stubbed, transforms=transform(ENVELOPED) + transform(EXC_C14N, prefix_list("a:b"))),
    ),
    _refused(
        "prefix-list-long",
        "A PrefixList of a thousand prefixes",
        "xml-exc-c14n 4",
        partial(
            _stubbed,
            transforms=transform(ENVELOPED)
            + transform(EXC_C14N, prefix_list(" ".join(f"p{n}" for n in range(1000)))),
        ),
    ),
    _refused(
        "foreign-certificate",
        "Signed with a foreign key whose certificate stands in KeyInfo",
        "certificate faking; CVE-2024-6800",
        lambda: _by_another(_x509("mallory")),
    ),
    _refused(
        "foreign-key-named-as-ours",
        "Signed with a foreign key under the partner's KeyName",
        "CVE-2018-7644",
        lambda: _by_another(_key_name(certificate("dv").key_name)),
    ),
    _refused(
        "foreign-key-value",
        "Signed with a foreign key that stands in KeyValue",
        "CVE-2021-21239",
        partial(_key_value),
    ),
    _refused(
        "key-by-retrieval",
        "KeyInfo that finds its key through XSLT",
        "xmldsig 4.4.3",
        partial(_retrieval),
        unlike=unlike("the key was given, KeyInfo is not looked at"),
    ),
    Case(
        "other-certificate-in-key-info",
        "Signed with the partner's key, a foreign certificate in KeyInfo",
        "KeyInfo is a hint only",
        lambda: _own_key(_x509("mallory")),
    ),
    Case(
        "unknown-key-name",
        "A KeyName that metadata does not know",
        "Afsprakenstelsel, Digital signature",
        lambda: _own_key(_key_name("unknown")),
    ),
    Case("no-key-info", "No KeyInfo", "Afsprakenstelsel, Digital signature", lambda: _own_key("")),
    Case(
        "prefix-list",
        "A PrefixList with prefixes in and out of use",
        "xml-exc-c14n 4",
        partial(
            _signed,
            transforms=transform(ENVELOPED) + transform(EXC_C14N, prefix_list("ds saml samlp xs nowhere")),
        ),
    ),
    Case(
        "prefix-list-of-signed-info",
        "A PrefixList on SignedInfo",
        "xml-exc-c14n 4",
        partial(_signed, c14n_inside=prefix_list("samlp xs")),
        unlike=unlike("signxml leaves the PrefixList of SignedInfo aside", "signxml"),
    ),
]
