"""HTTP-POST: base64 in a form field; a request may have been deflated first."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.policy import LIMITS
from broker.saml.post import decode_post
from broker.saml.post import decode_posted_request
from broker.saml.post import encode_post


@given(st.binary(max_size=1000))
def test_what_is_encoded_is_decoded(message: bytes) -> None:
    assert decode_post(encode_post(message)) == message


@pytest.mark.parametrize("separator", ["\n", "\r\n", " ", "\t"])
def test_wrapped_lines_are_accepted(separator: str) -> None:
    text = encode_post(b"<a/>" * 60)
    assert (
        decode_post(separator.join(text[start : start + 76] for start in range(0, len(text), 76)))
        == b"<a/>" * 60
    )


@pytest.mark.parametrize(
    "text", ["!", "YQ", "YQ=", "YQ===", "YQ==YQ==", "-_-_", "YQ==\x00", "é", "\udc80", "=", "<a/>"]
)
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        decode_post(text)


def test_a_field_over_the_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(MessageTooLarge):
        decode_post("A" * (LIMITS.message_bytes * 3 // 2 + 1))


def test_deflated_data_stays_as_it_is() -> None:
    bomb = zlib.compress(b"x" * 1_000_000)
    assert decode_post(base64.b64encode(bomb).decode()) == bomb


def deflated(message: bytes) -> str:
    squeeze = zlib.compressobj(wbits=-15)
    return base64.b64encode(squeeze.compress(message) + squeeze.flush()).decode()


@pytest.mark.parametrize("message", [b"<a/>", b"\n <a/>", b"\xef\xbb\xbf<a/>", b""])
def test_a_request_in_clear_is_taken_as_it_is(message: bytes) -> None:
    assert decode_posted_request(encode_post(message)) == (message, False)


def test_a_request_that_was_deflated_first_is_inflated() -> None:
    assert decode_posted_request(deflated(b"<a/>")) == (b"<a/>", True)


def test_but_never_to_more_than_the_limit() -> None:
    with pytest.raises(MessageTooLarge):
        decode_posted_request(deflated(b"<" * (LIMITS.redirect_inflated_bytes + 1)))


@pytest.mark.parametrize("data", [b"x", zlib.compress(b"<a/>"), b"\xff\xfe<\x00a\x00/\x00>\x00"])
def test_what_is_neither_xml_nor_deflated_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_posted_request(encode_post(data))
