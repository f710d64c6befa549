"""EncryptedAssertion: opened by other software, whole and with its signature intact."""

import pytest
from lxml import etree

from broker.saml.encrypted_assertion import Sealing
from broker.saml.encrypted_assertion import seal_assertion
from broker.saml.encryption import Recipient
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import AES256_CBC
from broker.saml.policy import AES256_GCM
from broker.saml.response import make_response
from broker.saml.schema import is_valid
from broker.saml.signature import verify
from tests.judges import python_xmlsec_opens
from tests.judges import xmlsec1_opens
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import a_response
from tests.saml.builders import ad_assertion
from tests.saml.builders import new_id

BOTH = pytest.mark.parametrize("algorithm", [AES256_CBC, AES256_GCM], ids=["CBC", "GCM"])


def sealed(algorithm: str) -> bytes:
    return seal_assertion(ad_assertion(), Sealing(Recipient(DV, certificate("dv")), algorithm), new_id)


@BOTH
def test_other_software_opens_it_and_the_signature_inside_holds(algorithm: str) -> None:
    for opens in (xmlsec1_opens, python_xmlsec_opens):
        plain = opens(sealed(algorithm), "dv")
        assert plain is not None, opens.__name__
        (assertion,) = etree.fromstring(plain)
        assert verify(assertion, [certificate("ad")], AD).signer == AD


@BOTH
def test_nobody_else_opens_it(algorithm: str) -> None:
    assert xmlsec1_opens(sealed(algorithm), "mr") is None
    assert python_xmlsec_opens(sealed(algorithm), "mr") is None


@BOTH
def test_the_key_is_where_all_software_looks(algorithm: str) -> None:
    (data,) = parse(sealed(algorithm))
    assert data.tag == tag(XENC, "EncryptedData")
    (method,) = data.findall(tag(XENC, "EncryptionMethod"))
    assert method.get("Algorithm") == algorithm
    (key,) = data.findall(f"{tag(DS, 'KeyInfo')}/{tag(XENC, 'EncryptedKey')}")
    assert key.get("Recipient") == DV


@BOTH
def test_a_response_around_it_is_valid_against_the_schemas(algorithm: str) -> None:
    message = make_response(a_response(), sealed(algorithm), signer("hm"))
    element = parse(message)
    assert is_valid(element)
    assert [child.tag for child in element][-1] == tag(SAML, "EncryptedAssertion")
    assert element.tag == tag(SAMLP, "Response")


def test_the_same_assertion_never_gives_the_same_bytes() -> None:
    first, second = (parse(sealed(AES256_GCM)).findtext(f".//{tag(XENC, 'CipherValue')}") for _ in range(2))
    assert first != second
