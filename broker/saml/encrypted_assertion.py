"""EncryptedAssertion: a whole assertion for software that takes it so (SAML core 2.3.4; profile ``saml``).

The shape is the one that all such software reads: the EncryptedKey inside the KeyInfo of the EncryptedData, nothing to
be looked up elsewhere. The interface with the network has no such thing.
"""

import os
from dataclasses import dataclass

from lxml import etree

from broker.saml.build import child
from broker.saml.encryption import CONTENT_KEY_BYTES
from broker.saml.encryption import TYPE_ELEMENT
from broker.saml.encryption import NewId
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_content
from broker.saml.encryption import write_cipher_value
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import serialise
from broker.saml.policy import RSA_OAEP_MGF1P
from broker.saml.policy import SHA1


@dataclass(frozen=True, slots=True)
class Sealing:
    """For whom an assertion is encrypted, and with which algorithm for its content (a URI of the policy)."""

    recipient: Recipient
    algorithm: str


def seal_assertion(assertion: bytes, sealing: Sealing, new_id: NewId) -> bytes:
    """The EncryptedAssertion around a signed assertion, whose bytes declare every namespace they use."""
    content_key = os.urandom(CONTENT_KEY_BYTES)
    holder = etree.Element(tag(SAML, "EncryptedAssertion"), nsmap={"saml": SAML, "xenc": XENC, "ds": DS})
    data = child(holder, XENC, "EncryptedData", None, {"Id": new_id(), "Type": TYPE_ELEMENT})
    child(data, XENC, "EncryptionMethod", None, {"Algorithm": sealing.algorithm})
    # No KeyName: it is for one recipient, and some software finds no key by a name that it did not give.
    recipient = {"Id": new_id(), "Recipient": sealing.recipient.entity_id}
    key = child(child(data, DS, "KeyInfo"), XENC, "EncryptedKey", None, recipient)
    method = child(key, XENC, "EncryptionMethod", None, {"Algorithm": RSA_OAEP_MGF1P})
    child(method, DS, "DigestMethod", None, {"Algorithm": SHA1})
    write_cipher_value(key, sealing.recipient.certificate.wrap(content_key))
    write_cipher_value(data, encrypt_content(sealing.algorithm, content_key, assertion))
    return serialise(holder)
