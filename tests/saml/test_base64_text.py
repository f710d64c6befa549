"""Base64 and lists with the white space of XML, and no other."""

import pytest

from broker.saml.authn_request import write_authn_request
from broker.saml.base64_text import read_base64
from broker.saml.base64_text import unfold
from broker.saml.errors import InvalidSignature
from broker.saml.parsing import parse
from broker.saml.signature import verify
from tests.keys import certificate
from tests.saml.builders import an_authn_request
from tests.saml.builders import signed
from tests.saml.builders import signed_request

OTHERS = "\v\f\x1c\x85\u00a0\u2003\u2028\u3000\ufeff"


def test_the_four_kinds_of_white_space_are_passed_over() -> None:
    assert read_base64(" QU\tFB\r\nQ U I=\n") == b"AAAAB"
    assert unfold(" QU\tFB\r\n") == "QUFB"


@pytest.mark.parametrize("sign", OTHERS, ids=lambda sign: f"U+{ord(sign):04X}")
def test_any_other_white_space_is_no_base64(sign: str) -> None:
    with pytest.raises(ValueError):
        read_base64(f"QU{sign}FB")


@pytest.mark.parametrize(
    "text", ["A", "A===", "QUFB=", "QUFB====", "====", "QQ=A", "QUFB==QQ==", "QU-B", "QU_B", "é"]
)
def test_nothing_else_is_base64(text: str) -> None:
    with pytest.raises(ValueError):
        read_base64(text)


@pytest.mark.parametrize("element", ["SignatureValue", "DigestValue"])
def test_a_signature_with_other_white_space_holds_for_nobody(element: str) -> None:
    message = signed_request().replace(f"<ds:{element}>".encode(), f"<ds:{element}>\x85".encode())

    with pytest.raises(InvalidSignature):
        verify(parse(message), [certificate("dv")], "dv")


@pytest.mark.parametrize("prefixes", ["xs\u00a0saml", "xs\u2003saml"])
def test_a_prefix_list_has_the_white_space_of_xml_too(prefixes: str) -> None:
    message = signed(write_authn_request(an_authn_request()), "dv", prefixes=["xs", "saml"])

    with pytest.raises(InvalidSignature, match="this PrefixList"):
        verify(parse(message.replace(b"xs saml", prefixes.encode())), [certificate("dv")], "dv")


def test_a_prefix_list_that_is_not_there_is_not_an_empty_one() -> None:
    message = signed(write_authn_request(an_authn_request()), "dv", prefixes=["xs", "saml"])

    with pytest.raises(InvalidSignature, match="parameters"):
        verify(parse(message.replace(b' PrefixList="xs saml"', b"")), [certificate("dv")], "dv")
