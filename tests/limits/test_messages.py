"""What a message may hold and bring, at the limit and around it."""

import base64
import re
import zlib
from dataclasses import replace
from urllib.parse import quote_plus

import pytest
from lxml import etree

from broker.domain.attributes import AskedAttribute
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.exchange.incoming import read_incoming
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.deviations import request_deviations
from broker.saml.encryption import Recipient
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import encrypt_identifier
from broker.saml.encryption import read_encrypted_id
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.logout import LogoutRequest
from broker.saml.logout import read_logout_request
from broker.saml.logout import write_logout_request
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import LIMITS
from broker.saml.post import decode_post
from broker.saml.post import decode_posted_request
from broker.saml.redirect import decode_redirect
from broker.saml.signature import Verified
from broker.saml.signature import verify
from tests.keys import certificate
from tests.keys import signer
from tests.limits.around import AROUND
from tests.limits.around import past_it
from tests.saml.builders import DV
from tests.saml.builders import KVK
from tests.saml.builders import NOW
from tests.saml.builders import an_authn_request
from tests.saml.builders import an_encrypted_id
from tests.saml.builders import new_id
from tests.saml.builders import signed


def deflated(message: bytes) -> bytes:
    squeeze = zlib.compressobj(9, wbits=-15)
    return squeeze.compress(message) + squeeze.flush()


def verified(element: etree._Element, prefixes: list[str] | None = None) -> Verified:
    """The element after signing, sending and checking."""
    return verify(parse(signed(element, "dv", prefixes=prefixes or [])), [certificate("dv")], DV)


def request(**changes: object) -> etree._Element:
    return write_authn_request(an_authn_request(**changes))


@AROUND
@pytest.mark.limit("redirect_inflated_bytes")
def test_bytes_of_a_deflated_message(more: int) -> None:
    data = deflated(b"<a>" + b" " * (LIMITS.redirect_inflated_bytes - 7 + more) + b"</a>")
    query = f"SAMLRequest={quote_plus(base64.b64encode(data))}&SigAlg=x&Signature=AAAA"

    with past_it(more, MessageTooLarge):
        parse(decode_redirect(query).data)


@AROUND
@pytest.mark.limit("redirect_inflated_bytes")
def test_bytes_of_a_deflated_message_that_was_posted(more: int) -> None:
    data = deflated(b"<a>" + b" " * (LIMITS.redirect_inflated_bytes - 7 + more) + b"</a>")

    with past_it(more, MessageTooLarge):
        decode_posted_request(base64.b64encode(data).decode())


@AROUND
@pytest.mark.limit("message_bytes")
def test_bytes_of_a_posted_message(more: int) -> None:
    value = base64.encodebytes(b"<a>" + b"x" * (LIMITS.message_bytes - 7 + more) + b"</a>").decode()

    with past_it(more, MessageTooLarge):
        parse(decode_post(value))


@AROUND
@pytest.mark.limit("message_bytes")
def test_characters_of_a_form_field(more: int) -> None:
    value = "PGEvPg==".ljust(LIMITS.posted_characters() + more)

    with past_it(more, MessageTooLarge):
        decode_post(value)


@AROUND
@pytest.mark.parametrize("binding", ["post", "redirect", "artifact"])
@pytest.mark.limit("relay_state_bytes")
def test_bytes_of_a_relay_state(more: int, binding: str) -> None:
    text = "é" * (LIMITS.relay_state_bytes // 2 - 1) + "x" * (2 + more)
    pairs = {"SAMLart" if binding == "artifact" else "SAMLRequest": "AAQ", "RelayState": text}
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in pairs.items())

    with past_it(more, MessageTooLarge):
        if binding == "redirect":
            read_incoming(query, [], "SAMLRequest")
        else:
            read_incoming("", pairs.items(), "SAMLRequest")


@AROUND
@pytest.mark.limit("relay_state_stelsel_bytes")
def test_bytes_of_a_relay_state_that_is_long(more: int) -> None:
    text = "é" * (LIMITS.relay_state_stelsel_bytes // 2 - 1) + "x" * (2 + more)
    seen = request_deviations(verified(request()), text, Profile.V1_13)

    assert (Tolerance.LONG_RELAY_STATE in seen) is (more > 0)


@AROUND
@pytest.mark.limit("id_characters")
def test_characters_of_an_id(more: int) -> None:
    element = verified(request(id="_" + "0" * (LIMITS.id_characters - 1 + more))).element

    with past_it(more, MalformedMessage):
        read_authn_request(element)


@AROUND
@pytest.mark.limit("signature_prefixes")
def test_prefixes_in_a_signature(more: int) -> None:
    prefixes = [f"p{number}" for number in range(LIMITS.signature_prefixes + more)]

    with past_it(more, InvalidSignature):
        verified(request(), prefixes)


@AROUND
@pytest.mark.limit("prefix_characters")
def test_characters_of_a_prefix_in_a_signature(more: int) -> None:
    with past_it(more, InvalidSignature):
        verified(request(), ["p" * (LIMITS.prefix_characters + more)])


@AROUND
@pytest.mark.limit("encrypted_keys")
def test_keys_of_an_encrypted_id(more: int) -> None:
    recipients = [Recipient(DV, certificate("dv"))] * (LIMITS.encrypted_keys + more)
    element = parse(encrypt_identifier("urn:q", "1", recipients, new_id).raw)

    with past_it(more, DecryptionFailed):
        read_encrypted_id(element)


@AROUND
@pytest.mark.limit("provider_name_characters")
def test_characters_of_a_provider_name(more: int) -> None:
    name = "n" * (LIMITS.provider_name_characters + more)
    kept = read_authn_request(verified(request(provider_name=name)).element).provider_name

    assert kept == name[: LIMITS.provider_name_characters]


@AROUND
@pytest.mark.limit("scoped")
def test_authenticatiediensten_that_are_scoped(more: int) -> None:
    wanted = tuple(f"urn:ad:{number}" for number in range(LIMITS.scoped + more))
    kept = read_authn_request(verified(request(idp_list=wanted)).element).idp_list

    assert kept == wanted[: LIMITS.scoped]


@AROUND
@pytest.mark.limit("context_classes")
def test_classes_of_an_authn_context(more: int) -> None:
    element = request(level=None)
    context = etree.SubElement(element, tag(SAMLP, "RequestedAuthnContext"))
    for number in range(LIMITS.context_classes + more):
        etree.SubElement(context, tag(SAML, "AuthnContextClassRef")).text = f"urn:class:{number}"
    sent = verified(element).element

    with past_it(more, MalformedMessage):
        read_authn_request(sent)


@AROUND
@pytest.mark.limit("requested_attributes")
def test_attributes_that_are_asked(more: int) -> None:
    asked = tuple(AskedAttribute(f"urn:a:{number}") for number in range(LIMITS.requested_attributes + more))
    element = verified(request(requested_attributes=asked)).element

    with past_it(more, MalformedMessage):
        read_authn_request(element)


@AROUND
@pytest.mark.limit("session_indexes")
def test_sessions_of_a_logout(more: int) -> None:
    indexes = tuple(f"_{number}" for number in range(LIMITS.session_indexes + more))
    element = write_logout_request(
        LogoutRequest(new_id(), NOW, DV, "https://hm.example", "n", None, indexes, NOW)
    )
    sent = verified(element).element

    with past_it(more, MalformedMessage):
        read_logout_request(sent)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        pytest.param(b"SignatureMethod", b"xmldsig-more#rsa-sha512", marks=pytest.mark.limit("signature")),
        pytest.param(b"DigestMethod", b"xmlenc#sha512", marks=pytest.mark.limit("digest")),
    ],
)
def test_another_algorithm_in_a_signature(name: bytes, change: bytes) -> None:
    message = signed(request(), "dv")
    changed = re.sub(rb'(<ds:%s Algorithm=")[^"]*' % name, rb"\1http://www.w3.org/2001/04/" + change, message)
    assert changed != message

    verify(parse(message), [certificate("dv")], DV)
    with pytest.raises(InvalidSignature, match="algorithm is not allowed"):
        verify(parse(changed), [certificate("dv")], DV)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"aes256-cbc", b"aes128-cbc", marks=pytest.mark.limit("data_encryption")),
        pytest.param(b"rsa-oaep-mgf1p", b"rsa-1_5", marks=pytest.mark.limit("key_transport")),
    ],
)
def test_another_algorithm_in_an_encrypted_id(before: bytes, after: bytes) -> None:
    encrypted = an_encrypted_id("dv", DV)
    changed = replace(encrypted, raw=encrypted.raw.replace(before, after))
    assert changed != encrypted

    assert decrypt_identifier(encrypted, signer("dv"), DV).value == KVK
    with pytest.raises(DecryptionFailed):
        decrypt_identifier(changed, signer("dv"), DV)
