"""EncryptedIDs made without our own code, by xmlsec1, by python-xmlsec, and by hand around any plaintext."""

import base64
import os
import subprocess
import tempfile
from pathlib import Path

import xmlsec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from lxml import etree
from xmlsec import constants

from tests.keys import certificate
from tests.keys import certificate_pem
from tests.keys import key_stem

_NAMES = (
    'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
_DATA = {
    "aes256-cbc": "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    "aes256-gcm": "http://www.w3.org/2009/xmlenc11#aes256-gcm",
}


def _key(inside: str = "") -> str:
    return (
        '<xenc:EncryptedKey Id="_k"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p">'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{inside}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
    )


def _template(algorithm: str) -> str:
    return (
        f'<xenc:EncryptedData {_NAMES} Id="_d" Type="http://www.w3.org/2001/04/xmlenc#Element">'
        f'<xenc:EncryptionMethod Algorithm="{_DATA[algorithm]}"/><ds:KeyInfo>{_key()}</ds:KeyInfo>'
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
    )


def _holder(inside: str) -> str:
    return f"<saml:EncryptedID {_NAMES}>{inside}</saml:EncryptedID>"


def encrypted_by_xmlsec1(plain: bytes, owner: str, algorithm: str) -> bytes:
    """By the program xmlsec1."""
    with tempfile.TemporaryDirectory() as folder:
        template, data = Path(folder, "template.xml"), Path(folder, "plain.xml")
        template.write_text(_template(algorithm))
        data.write_bytes(_holder(plain.decode()).encode())
        certificate_file = str(key_stem(owner).with_suffix(".crt"))
        command = ["xmlsec1", "--encrypt", "--pubkey-cert-pem", certificate_file, "--session-key", "aes-256"]
        command += ["--xml-data", str(data), "--node-xpath", "/*/*", str(template)]
        return subprocess.run(command, capture_output=True, check=True).stdout


def encrypted_by_python_xmlsec(plain: bytes, owner: str, algorithm: str) -> bytes:
    """By python-xmlsec."""
    root = etree.fromstring(_holder(plain.decode()))
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate_pem(owner), constants.KeyDataFormatCertPem))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(constants.KeyDataAes, 256, constants.KeyDataTypeSession)
    context.encrypt_xml(etree.fromstring(_template(algorithm)), root[0])
    return etree.tostring(root)


def encrypted_by_hand(plain: bytes, owner: str, recipient: str, *, padded: bool = False) -> bytes:
    """Any plaintext, AES-256-CBC; ``padded`` when it has its padding already."""
    content_key, start = os.urandom(32), os.urandom(16)
    if not padded:
        added = 16 - len(plain) % 16
        plain += bytes(added - 1) + bytes([added])
    encryptor = Cipher(AES256(content_key), CBC(start)).encryptor()
    data = base64.b64encode(start + encryptor.update(plain) + encryptor.finalize()).decode()
    wrapped = base64.b64encode(certificate(owner).wrap(content_key)).decode()
    return _holder(
        f'<xenc:EncryptedData Id="_d"><xenc:EncryptionMethod Algorithm="{_DATA["aes256-cbc"]}"/><xenc:CipherData>'
        f"<xenc:CipherValue>{data}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
        + _key(wrapped).replace('Id="_k"', f'Id="_k" Recipient="{recipient}"')
    ).encode()
