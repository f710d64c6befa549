"""Documents and bodies that are made to hurt, each as small as what it should cause is large."""

import base64
import zlib
from collections.abc import Mapping
from typing import Final

from broker.saml.policy import LIMITS

PROTOCOL: Final = b"urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION: Final = b"urn:oasis:names:tc:SAML:2.0:assertion"
SIGNATURE: Final = b"http://www.w3.org/2000/09/xmldsig#"
ENCRYPTION: Final = b"http://www.w3.org/2001/04/xmlenc#"
MEGABYTE: Final = 1024 * 1024


def deflated(megabytes: int) -> bytes:
    """So many megabytes of space, by DEFLATE: one block that does not look back, over and over."""
    squeeze = zlib.compressobj(9, wbits=-15)
    block = squeeze.compress(b" " * MEGABYTE) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + squeeze.flush()


def laughs(levels: int = 10) -> bytes:
    """Entities of entities: ten billion words."""
    entities = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, levels))
    return f'<!DOCTYPE a [<!ENTITY l0 "ha">{entities}]><a>&l{levels - 1};</a>'.encode()


def blown_up(length: int = 100_000, times: int = 1000) -> bytes:
    """One long entity, a thousand times."""
    return b'<!DOCTYPE a [<!ENTITY x "%s">]><a>%s</a>' % (b"x" * length, b"&x;" * times)


def nested(levels: int) -> bytes:
    """Elements within each other."""
    return b"<a>" * levels + b"</a>" * levels


def wide(elements: int) -> bytes:
    """Elements beside each other."""
    return b"<a>" + b"<b/>" * elements + b"</a>"


def attributes(count: int) -> bytes:
    """One element with so many attributes."""
    return b"<a " + b" ".join(b'a%d=""' % number for number in range(count)) + b"/>"


def declarations(count: int) -> bytes:
    """One element that declares so many namespaces."""
    return b"<a " + b" ".join(b'xmlns:a%d="u"' % number for number in range(count)) + b"/>"


def text(length: int) -> bytes:
    """One element with so long a text."""
    return b"<a>" + b"x" * length + b"</a>"


def encrypted_keys(count: int) -> bytes:
    """An EncryptedID for very many recipients."""
    key = (
        b'<e:EncryptedKey><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>'
        b"<e:CipherData><e:CipherValue>AAAA</e:CipherValue></e:CipherData></e:EncryptedKey>"
    )
    return b'<s:EncryptedID xmlns:s="%s" xmlns:e="%s"><e:EncryptedData/>%s</s:EncryptedID>' % (
        ASSERTION,
        ENCRYPTION,
        key * count,
    )


def dearest(issuer: str) -> bytes:
    """A request within every limit that costs as much as one can: all of it is canonicalised and digested.

    It names a dienstverlener that there is, and has a signature of the right shape.
    """
    exclusive = b"http://www.w3.org/2001/10/xml-exc-c14n#"
    declared = b" ".join(
        b'xmlns:n%d="u:%d"' % (number, number) for number in range(LIMITS.namespace_declarations - 9)
    )
    each = (
        b"<n0:b " + b" ".join(b'%s=""' % name for name in _short_names(LIMITS.attributes_per_element)) + b"/>"
    )
    full = LIMITS.attributes // LIMITS.attributes_per_element - 2
    prefixes = b" ".join(b"n%d" % number for number in range(LIMITS.signature_prefixes))
    inclusive = b'<c:InclusiveNamespaces xmlns:c="%s" PrefixList="%s"/>' % (exclusive, prefixes)
    signature = (
        b'<d:Signature xmlns:d="%s"><d:SignedInfo><d:CanonicalizationMethod Algorithm="%s"/>'
        b'<d:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><d:Reference URI="#_a">'
        b'<d:Transforms><d:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        b'<d:Transform Algorithm="%s">%s</d:Transform></d:Transforms>'
        b'<d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><d:DigestValue>AAAA</d:DigestValue>'
        b"</d:Reference></d:SignedInfo><d:SignatureValue>AAAA</d:SignatureValue></d:Signature>"
    ) % (SIGNATURE, exclusive, exclusive, inclusive)
    names = b'xmlns:p="%s" xmlns:s="%s"' % (PROTOCOL, ASSERTION)
    parts = (names, issuer.encode(), signature, declared)
    head = b'<p:AuthnRequest %s ID="_a"><s:Issuer>%s</s:Issuer>%s<p:Extensions %s>' % parts
    tail = b"</p:Extensions></p:AuthnRequest>"
    content = each * full
    room = LIMITS.message_bytes - len(head) - len(content) - len(tail)
    elements = min(LIMITS.nodes - full - 30, room // len(b"<n1:b/>"))
    return head + content + b"<n1:b/>" * elements + tail


def _short_names(count: int) -> list[bytes]:
    letters = b"zyxwvuts"
    return [bytes((first, second)) for first in letters for second in letters][:count]


def documents(issuer: str) -> Mapping[str, bytes]:
    """Every document by its name, none larger than a message may be."""
    most = LIMITS.message_bytes
    return {
        "billion laughs": laughs(),
        "quadratic blow-up": blown_up(),
        "80,000 levels": b"<a>" * 80_000,
        "10,000 levels": nested(10_000),
        "65,000 elements": wide((most - 7) // 4),
        "10,000 attributes": attributes(10_000),
        "20,000 attributes": attributes(20_000),
        "10,000 namespaces": declarations(10_000),
        "a text of 256 KiB": text(most - 7),
        "1,000 EncryptedKeys": encrypted_keys(1_000),
        "200 MiB by DEFLATE": deflated(200),
        "the dearest within the limits": dearest(issuer),
    }


def in_base64(document: bytes) -> bytes:
    """As a form or query carries it."""
    return base64.b64encode(document)
