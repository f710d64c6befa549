"""What leaves us: which algorithms it names, in every kind of message, and that no key or start is used twice."""

import base64
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from broker.saml.encrypted_assertion import Sealing
from broker.saml.encrypted_assertion import seal_assertion
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.keys import Certificate
from broker.saml.names import XENC
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import AES256_CBC
from broker.saml.policy import AES256_GCM
from broker.saml.policy import ENVELOPED
from broker.saml.policy import EXC_C14N
from broker.saml.policy import RSA_OAEP_MGF1P
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA1
from broker.saml.policy import SHA256
from broker.saml.redirect import encode_redirect
from tests.fuzz.kinds import KINDS
from tests.fuzz.kinds import Kind
from tests.fuzz.kinds import original
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import new_id

SIGNED = {EXC_C14N, RSA_SHA256, ENVELOPED, SHA256}
ENCRYPTED = {AES256_CBC, RSA_OAEP_MGF1P, SHA1}
OUTPUTS = 10_000
_DV = Recipient(DV, certificate("dv"))
_VALUE = f"{tag(XENC, 'CipherData')}/{tag(XENC, 'CipherValue')}"

WAYS: dict[str, Callable[[], bytes]] = {
    "identifier": lambda: encrypt_identifier("urn:q", "90000001", [_DV], new_id).raw,
    "attribute": lambda: encrypt_attribute("urn:a", "value", [_DV], new_id).raw,
    "assertion, CBC": lambda: seal_assertion(b"<a/>", Sealing(_DV, AES256_CBC), new_id),
    "assertion, GCM": lambda: seal_assertion(b"<a/>", Sealing(_DV, AES256_GCM), new_id),
}


@pytest.mark.rule("3.5.03", "3.5.06", "9.22")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_message_names_algorithms_of_the_interface_only(kind: Kind) -> None:
    message = original(kind)
    named = set(re.findall(rb'Algorithm="([^"]+)"', message))

    assert {name.decode() for name in named} <= SIGNED | ENCRYPTED
    # SHA-1 only where it is the digest inside OAEP.
    assert message.count(SHA1.encode() + b'"') == message.count(RSA_OAEP_MGF1P.encode() + b'"')
    # Whatever is signed at all is signed in full, and whatever is encrypted too.
    for whole in (SIGNED, ENCRYPTED):
        assert {name.encode() for name in whole} & named in (set(), {name.encode() for name in whole})


def test_between_them_they_sign_and_encrypt() -> None:
    everything = b"".join(original(kind) for kind in KINDS)

    assert all(name.encode() in everything for name in SIGNED | ENCRYPTED)


def test_a_query_string_is_signed_by_the_same_algorithm() -> None:
    assert parse_qs(encode_redirect("SAMLRequest", b"<a/>", None, signer("hm")))["SigAlg"] == [RSA_SHA256]


@pytest.mark.parametrize("way", ["assertion, CBC", "assertion, GCM"])
def test_an_assertion_that_is_encrypted_whole_is_so_by_aes256_and_oaep(way: str) -> None:
    content = {"assertion, CBC": AES256_CBC, "assertion, GCM": AES256_GCM}[way]

    assert set(re.findall(rb'Algorithm="([^"]+)"', WAYS[way]())) == {
        content.encode(),
        RSA_OAEP_MGF1P.encode(),
        SHA1.encode(),
    }


def test_of_ten_thousand_outputs_no_two_share_a_key_or_an_initialisation_vector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys: list[bytes] = []
    wrap = Certificate.wrap

    def listen(to: Certificate, secret: bytes) -> bytes:
        keys.append(secret)
        return wrap(to, secret)

    monkeypatch.setattr(Certificate, "wrap", listen)
    starts = []
    for _ in range(OUTPUTS // len(WAYS)):
        for way in WAYS.values():
            data = parse(way()).find(tag(XENC, "EncryptedData"))
            assert data is not None
            starts.append(base64.b64decode(data.findtext(_VALUE, ""))[:12])

    assert (len(set(starts)), len(set(keys)), len(keys)) == (OUTPUTS, OUTPUTS, OUTPUTS)
    assert {len(key) for key in keys} == {32}
