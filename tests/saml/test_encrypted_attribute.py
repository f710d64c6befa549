"""EncryptedAttributes: what we make opens at the dienstverlener alone, with software of others too."""

from collections.abc import Callable

import pytest
from lxml import etree

from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import OpenedAttribute
from broker.saml.encrypted_attribute import decrypt_attribute
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import copy_encrypted
from broker.saml.encryption import encrypt_element
from broker.saml.encryption import encrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.names import SAML
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse
from tests.judges import python_xmlsec_opens
from tests.judges import xmlsec1_opens
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import new_id

NAME = "urn:etoegang:1.9:attribute:FamilyName"
VALUE = "Proefpersoon & Zn. <ij>"
_DV = [Recipient(DV, certificate("dv"))]


def an_attribute() -> EncryptedAttribute:
    return encrypt_attribute(NAME, VALUE, _DV, new_id)


def test_the_dienstverlener_reads_name_and_value() -> None:
    assert decrypt_attribute(an_attribute(), signer("dv"), DV) == OpenedAttribute(NAME, VALUE)


def test_nobody_else_does() -> None:
    with pytest.raises(DecryptionFailed):
        decrypt_attribute(an_attribute(), signer("hm"), DV)
    assert VALUE.encode() not in an_attribute().raw
    assert b"FamilyName" not in an_attribute().raw


@pytest.mark.parametrize("opens", [xmlsec1_opens, python_xmlsec_opens])
def test_other_software_opens_it_as_an_attribute(opens: Callable[[bytes, str], bytes | None]) -> None:
    opened = etree.fromstring(opens(an_attribute().raw, "dv") or b"<none/>")
    attribute = opened.find(tag(SAML, "Attribute"))
    assert attribute is not None
    assert attribute.get("Name") == NAME
    assert attribute.findtext(tag(SAML, "AttributeValue")) == VALUE
    assert opens(an_attribute().raw, "hm") is None


def test_a_copy_keeps_the_ciphertext_under_new_ids() -> None:
    original = an_attribute()
    copy = copy_encrypted(original, DV, new_id)
    values = f".//{tag(XENC, 'CipherValue')}"
    assert [each.text for each in parse(copy).iterfind(values)] == [
        each.text for each in parse(original.raw).iterfind(values)
    ]
    assert not {node.get("Id") for node in parse(copy).iter()} & {
        node.get("Id") for node in parse(original.raw).iter() if node.get("Id")
    }
    assert decrypt_attribute(EncryptedAttribute(copy, (DV,)), signer("dv"), DV).value == VALUE


def test_it_keeps_its_value_out_of_sight() -> None:
    assert VALUE not in repr(OpenedAttribute(NAME, VALUE))


@pytest.mark.parametrize(
    "inside",
    [
        '<saml:Attribute xmlns:saml="{saml}" Name="n"/>',
        '<saml:Attribute xmlns:saml="{saml}"><saml:AttributeValue>v</saml:AttributeValue></saml:Attribute>',
        '<saml:Attribute xmlns:saml="{saml}" Name="n"><saml:AttributeValue><b/></saml:AttributeValue></saml:Attribute>',
        '<saml:NameID xmlns:saml="{saml}" NameQualifier="n">v</saml:NameID>',
        '<saml:Statement xmlns:saml="{saml}" Name="n"><saml:AttributeValue>v</saml:AttributeValue></saml:Statement>',
    ],
)
def test_what_is_not_one_plain_attribute_is_refused(inside: str) -> None:
    element = etree.fromstring(inside.format(saml=SAML))
    encrypted = encrypt_element(EncryptedAttribute, "EncryptedAttribute", element, _DV, new_id)
    with pytest.raises(DecryptionFailed):
        decrypt_attribute(encrypted, signer("dv"), DV)


def test_an_identifier_is_no_attribute() -> None:
    identifier: EncryptedId = encrypt_identifier("urn:q", "1", _DV, new_id)
    with pytest.raises(DecryptionFailed):
        decrypt_attribute(EncryptedAttribute(identifier.raw, (DV,)), signer("dv"), DV)
