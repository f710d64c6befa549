"""Independent software that judges signatures and opens ciphertext: xmlsec1, python-xmlsec and signxml.

None shares code with broker/saml beyond libxml2. A judge answers for one Signature of a document, by its position
in document order; it is given the certificates that might have made it and says whether one of them did.
"""

import atexit
import os
import subprocess
import tempfile
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import PublicFormat
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration
from signxml.verifier import XMLVerifier
from xmlsec import constants

from broker.saml.keys import Certificate
from tests.keys import key_stem
from tests.keys import private_pem

_DS = "http://www.w3.org/2000/09/xmldsig#"
_XENC = "http://www.w3.org/2001/04/xmlenc#"
_SIGNATURE = f"{{{_DS}}}Signature"
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Judge:
    """A verifier under its own name; ``accepts(message, position, certificates)``."""

    name: str
    accepts: Callable[[bytes, int, Sequence[Certificate]], bool]


def signatures_in(message: bytes) -> list[etree._Element]:
    """Every Signature of a document, in document order."""
    return list(_tree(message).iter(_SIGNATURE))


def _tree(message: bytes) -> etree._Element:
    return etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True))


def _in_file(data: bytes) -> str:
    descriptor, name = tempfile.mkstemp(prefix="judge-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return name


@cache
def _certificate_file(der: bytes) -> str:
    name = _in_file(der)
    atexit.register(Path(name).unlink, missing_ok=True)
    return name


def _xmlsec1(arguments: Sequence[str], document: bytes) -> subprocess.CompletedProcess[bytes]:
    path = _in_file(document)
    try:
        return subprocess.run(
            ["xmlsec1", *arguments, path],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    finally:
        Path(path).unlink()


def _id_attributes(message: bytes) -> list[str]:
    """The elements whose ID attribute is an identifier; xmlsec1 wants each by name."""
    names = {str(node.tag) for node in _tree(message).iter("{*}*") if node.get("ID") is not None}
    return [part for name in sorted(names) for part in ("--id-attr:ID", name[1:].replace("}", ":"))]


def _xmlsec1_accepts(message: bytes, position: int, certificates: Sequence[Certificate]) -> bool:
    node = f"(//*[local-name()='Signature' and namespace-uri()='{_DS}'])[{position + 1}]"
    options = ["--verify", *_id_attributes(message), "--node-xpath", node]
    return any(
        _xmlsec1([*options, "--pubkey-cert-der", _certificate_file(certificate.der)], message).returncode == 0
        for certificate in certificates
    )


def _python_xmlsec_accepts(message: bytes, position: int, certificates: Sequence[Certificate]) -> bool:
    for certificate in certificates:
        root = _tree(message)
        xmlsec.tree.add_ids(root, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(certificate.der, constants.KeyDataFormatCertDer)
        try:
            context.verify(list(root.iter(_SIGNATURE))[position])
        except xmlsec.Error:
            continue
        return True
    return False


def _signxml_accepts(message: bytes, position: int, certificates: Sequence[Certificate]) -> bool:
    signature = list(_tree(message).iter(_SIGNATURE))[position]
    holder = signature.getparent()
    if holder is None:
        return False
    # signxml looks for a Signature by path: the element that holds this one, on its own, makes the path short.
    alone = etree.tostring(holder, with_tail=False)
    before = sum(1 for sibling in signature.itersiblings(_SIGNATURE, preceding=True))
    if before:
        alone = _without_earlier_signatures(alone, before)
    for certificate in certificates:
        pem = x509.load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM).decode("ascii")
        try:
            XMLVerifier().verify(
                alone, x509_cert=pem, id_attribute="ID", expect_config=SignatureConfiguration(location="./")
            )
        except (SignXMLException, etree.LxmlError, ValueError, TypeError, AttributeError):
            continue
        return True
    return False


def _without_earlier_signatures(document: bytes, count: int) -> bytes:
    root = _tree(document)
    for signature in root.findall(_SIGNATURE)[:count]:
        root.remove(signature)
    return etree.tostring(root)


JUDGES = (
    Judge("xmlsec1", _xmlsec1_accepts),
    Judge("python-xmlsec", _python_xmlsec_accepts),
    Judge("signxml", _signxml_accepts),
)


def openssl_accepts(signature: bytes, signed: bytes, certificate: Certificate) -> bool:
    """Whether ``openssl dgst`` finds this an RSA-SHA256 signature over ``signed``: the judge of query strings."""
    public = _in_file(certificate.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    value, data = _in_file(signature), _in_file(signed)
    try:
        command = ["openssl", "dgst", "-sha256", "-verify", public, "-signature", value, data]
        return subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False).returncode == 0
    finally:
        for path in (public, value, data):
            Path(path).unlink()


def xmlsec1_opens(encrypted: bytes, owner: str) -> bytes | None:
    """The document with its EncryptedData opened by xmlsec1 with the key of ``owner``; None when it cannot."""
    key = str(key_stem(owner).with_suffix(".key"))
    identifiers = [
        part for name in ("EncryptedData", "EncryptedKey") for part in ("--id-attr:Id", f"{_XENC}:{name}")
    ]
    done = _xmlsec1(["--decrypt", "--privkey-pem", key, *identifiers], encrypted)
    return done.stdout if done.returncode == 0 else None


def python_xmlsec_opens(encrypted: bytes, owner: str) -> bytes | None:
    """The same with python-xmlsec."""
    root = _tree(encrypted)
    xmlsec.tree.add_ids(root, ["Id"])
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(private_pem(owner), constants.KeyDataFormatPem))
    data = root.find(f".//{{{_XENC}}}EncryptedData")
    if data is None:
        return None
    try:
        xmlsec.EncryptionContext(manager).decrypt(data)
    except xmlsec.Error:
        return None
    return etree.tostring(root)
