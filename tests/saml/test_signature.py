"""The signature profile, from the inside; shapes and algorithms it refuses stand in the attack corpus."""

import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from lxml import etree

from broker.saml.errors import InvalidSignature
from broker.saml.keys import Certificate
from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import encode_redirect
from broker.saml.redirect import verify_redirect
from broker.saml.signature import canonicalise
from broker.saml.signature import is_signed
from broker.saml.signature import sign
from broker.saml.signature import verify
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import hm_response
from tests.saml.builders import signed
from tests.saml.builders import signed_request


@pytest.mark.rule("9.02")
def test_what_is_verified_has_lost_its_signature_and_knows_who_signed() -> None:
    message = signed_request()
    verified = verify(parse(message), [certificate("dv")], DV)
    assert not is_signed(verified.element)
    assert (verified.signer, verified.key_name) == (DV, certificate("dv").key_name)
    assert verified.signature_value == parse(message).findtext(f".//{tag(DS, 'SignatureValue')}")


@pytest.mark.rule("9.08")
def test_what_is_read_is_not_the_tree_that_arrived() -> None:
    arrived = parse(signed_request())
    verified = verify(arrived, [certificate("dv")], DV).element
    arrived.set("Destination", "https://elsewhere.example")
    assert verified.get("Destination") != arrived.get("Destination")
    assert canonicalise(verified) == canonicalise(parse(canonicalise(verified)))


def test_the_raw_bytes_verify_again_on_their_own() -> None:
    response = parse(hm_response())
    verify(response, [certificate("hm")], "hm")
    assertion = response.find(tag(SAML, "Assertion"))
    assert assertion is not None
    raw = verify(assertion, [certificate("hm")], "hm", keep=True).raw.reveal_bytes()
    assert verify(parse(raw), [certificate("hm")], "hm", keep=True).raw.reveal_bytes() == raw
    assert verify(parse(raw), [certificate("hm")], "hm").raw.reveal_bytes() == b""


def test_the_signature_comes_right_after_issuer_or_first() -> None:
    for text, position in (
        (f'<a ID="_1"><i:Issuer xmlns:i="{SAML}"/><b/></a>', 1),
        ('<a ID="_1"><b/></a>', 0),
    ):
        element = etree.fromstring(text)
        sign(element, signer("dv"))
        assert element[position].tag == tag(DS, "Signature")


@pytest.mark.rule("7.4.16", "9.09", "9.10")
def test_messages_carry_the_key_name_and_documents_the_certificate() -> None:
    for x509, present, absent in ((False, "KeyName", "X509Data"), (True, "X509Data", "KeyName")):
        element = etree.fromstring('<a ID="_1"/>')
        sign(element, signer("dv"), x509=x509)
        assert element.find(f".//{tag(DS, present)}") is not None
        assert element.find(f".//{tag(DS, absent)}") is None


@pytest.mark.rule("9.21")
@pytest.mark.parametrize("order", [("dv", "next"), ("next", "dv")])
def test_during_a_key_change_either_key_is_accepted(order: tuple[str, str]) -> None:
    keys = [certificate(name) for name in order]
    assert verify(parse(signed_request()), keys, DV).key_name == certificate("dv").key_name


def test_the_key_that_is_named_is_tried_first() -> None:
    tried: list[str] = []

    class Watched(Certificate):
        def verifies(self, signature: bytes, data: bytes) -> bool:
            tried.append(self.key_name)
            return super().verifies(signature, data)

    keys = [Watched(c.key_name, c.der, c.public_key) for c in (certificate("next"), certificate("dv"))]
    verify(parse(signed_request()), keys, DV)
    assert tried == [certificate("dv").key_name]


@pytest.mark.parametrize("keys", [[], ["mallory"], ["mallory", "next"]])
def test_without_the_right_key_nothing_is_verified(keys: list[str]) -> None:
    with pytest.raises(InvalidSignature):
        verify(parse(signed_request()), [certificate(name) for name in keys], DV)


def test_an_empty_canonical_form_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.saml.signature.etree.tostring", lambda *_, **__: b"")
    with pytest.raises(InvalidSignature):
        canonicalise(etree.Element("a"))


@pytest.mark.rule("9.04")
def test_no_key_is_touched_for_a_signature_outside_the_profile() -> None:
    class Untouchable(Certificate):
        def verifies(self, signature: bytes, data: bytes) -> bool:
            raise AssertionError("a key was used")

    own = certificate("dv")
    message = signed_request().replace(b"rsa-sha256", b"rsa-sha1")
    with pytest.raises(InvalidSignature):
        verify(parse(message), [Untouchable(own.key_name, own.der, own.public_key)], DV)


def test_every_changed_bit_of_digest_and_signature_is_noticed() -> None:
    message = signed_request()
    for name in (b"DigestValue>", b"SignatureValue>"):
        start = message.index(name) + len(name)
        for position in range(start, start + 40, 3):
            other = b"A" if message[position : position + 1] != b"A" else b"B"
            with pytest.raises(InvalidSignature):
                verify(parse(message[:position] + other + message[position + 1 :]), [certificate("dv")], DV)


def test_an_indented_signature_is_accepted_and_its_tail_belongs_to_the_content() -> None:
    element = etree.fromstring('<a ID="_1">\n <b/>\n</a>')
    sign(element, signer("dv"))
    text = etree.tostring(element)
    assert verify(parse(text), [certificate("dv")], DV).element.text == "\n "
    with pytest.raises(InvalidSignature):
        verify(parse(text.replace(b"</ds:Signature>", b"</ds:Signature> ")), [certificate("dv")], DV)


def test_line_endings_are_read_as_xml_reads_them_and_changed_characters_are_not() -> None:
    element = etree.fromstring('<a ID="_1">\n<b/>\n</a>')
    text = signed(element, "dv")
    verify(parse(text.replace(b"\n", b"\r\n")), [certificate("dv")], DV)
    with pytest.raises(InvalidSignature):
        verify(parse(text.replace(b"\n", b"&#13;\n")), [certificate("dv")], DV)


@pytest.mark.rule("9.12")
@pytest.mark.parametrize("prefixes", [(), ("xs",), ("xs", "xsi", "q")])
def test_prefixes_in_values_are_bound_by_the_signature_when_listed(prefixes: tuple[str, ...]) -> None:
    text = '<a ID="_1" xmlns:xs="urn:1" xmlns:q="urn:q" xmlns:xsi="urn:i"><b type="xs:string"/></a>'
    message = signed(etree.fromstring(text), "dv", prefixes=prefixes)
    verify(parse(message), [certificate("dv")], DV)
    rebound = parse(message.replace(b"urn:1", b"urn:2"))
    if "xs" in prefixes:
        with pytest.raises(InvalidSignature):
            verify(rebound, [certificate("dv")], DV)
    else:
        verify(rebound, [certificate("dv")], DV)


def test_sixteen_threads_with_two_keys_never_mix_them_up() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def one(number: int) -> bool:
        name = ("dv", "next")[number % 2]
        message = signed(etree.fromstring(f'<a ID="_{number}" xmlns:xs="urn:x"/>'), name, prefixes=["xs"])
        return verify(parse(message), [certificate(name)], name).key_name == certificate(name).key_name

    certificate("dv"), certificate("next")
    try:
        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(one, range(200)))
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize(
    "said", [-1, None, 1, 0, "yes", b"ok", [True], object(), False], ids=lambda said: type(said).__name__
)
def test_only_true_from_a_verifier_is_a_signature_that_holds(
    monkeypatch: pytest.MonkeyPatch, said: object
) -> None:
    # CVE-2016-9814: -1 for "an error" was taken for true.
    monkeypatch.setattr(Certificate, "verifies", lambda *_: said)
    message = signed_request()
    query = decode_redirect(encode_redirect("SAMLRequest", message, None, signer("dv")))

    with pytest.raises(InvalidSignature):
        verify(parse(message), [certificate("dv")], DV)
    with pytest.raises(InvalidSignature):
        verify_redirect(query, parse(message), [certificate("dv")], DV)


def test_a_verifier_that_breaks_down_verifies_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise OSError("the library is gone")

    monkeypatch.setattr(Certificate, "verifies", broken)
    with pytest.raises(OSError, match="gone"):
        verify(parse(signed_request()), [certificate("dv")], DV)


def test_a_comparison_of_digests_that_does_not_say_true_is_a_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("broker.saml.signature.hmac.compare_digest", lambda *_: 1)
    with pytest.raises(InvalidSignature):
        verify(parse(signed_request()), [certificate("dv")], DV)


def test_a_prefix_that_no_document_has_mentioned_before_is_in_the_canonical_form_all_the_same() -> None:
    prefix = f"never{uuid4().hex}"[:20]
    built = etree.Element("built", nsmap={prefix: "urn:x"})
    assert canonicalise(built, [prefix]) == f'<built xmlns:{prefix}="urn:x"></built>'.encode()
