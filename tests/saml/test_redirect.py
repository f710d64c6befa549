"""HTTP-Redirect: a signature over the query string as it arrived, and a message that cannot grow without bound."""

import base64
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.errors import SamlError
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.policy import LIMITS
from broker.saml.policy import RSA_SHA256
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import encode_redirect
from broker.saml.redirect import inflate
from broker.saml.redirect import verify_redirect
from broker.saml.signature import Verified
from tests.judges import openssl_accepts
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import an_authn_request

_MESSAGE = serialise(write_authn_request(an_authn_request()))


def deflate(message: bytes, window: int = -15) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, window)
    return compressor.compress(message) + compressor.flush()


def a_query(
    escape: Callable[[str], str] = quote_plus, relay_state: str | None = "state", algorithm: str = RSA_SHA256
) -> str:
    """Signed the way other software escapes."""
    parts = {"SAMLRequest": base64.b64encode(deflate(_MESSAGE)).decode()}
    if relay_state is not None:
        parts["RelayState"] = relay_state
    parts["SigAlg"] = algorithm
    signed = "&".join(f"{name}={escape(value)}" for name, value in parts.items())
    signature = base64.b64encode(signer("dv").sign(signed.encode())).decode()
    return f"{signed}&Signature={escape(signature)}"


def received(query: str) -> Verified:
    message = decode_redirect(query)
    return verify_redirect(message, parse(message.data), [certificate("dv")], DV)


def lower_hex(text: str) -> str:
    escaped = quote(text, safe="")
    return "%".join(
        [escaped.split("%")[0], *(part[:2].lower() + part[2:] for part in escaped.split("%")[1:])]
    )


def everything_escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_what_we_send_is_what_we_receive() -> None:
    message = decode_redirect(encode_redirect("SAMLRequest", _MESSAGE, "a b&c=d/é+", signer("dv")))
    assert (message.data, message.relay_state) == (_MESSAGE, "a b&c=d/é+")
    verified = verify_redirect(message, parse(message.data), [certificate("dv")], DV)
    assert read_authn_request(verified.element).issuer == DV


@pytest.mark.rule("2.42")
def test_openssl_agrees_on_the_signature_of_the_query_string() -> None:
    message = decode_redirect(encode_redirect("SAMLResponse", _MESSAGE, "s", signer("dv")), "SAMLResponse")
    assert openssl_accepts(message.signature, message.signed, certificate("dv"))
    assert not openssl_accepts(message.signature, message.signed + b"x", certificate("dv"))


@pytest.mark.parametrize(
    "escape",
    [
        quote_plus,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="/:"),
        lower_hex,
        everything_escaped,
    ],
)
@pytest.mark.parametrize("relay_state", [None, "", "a b", "https://dv.example.nl/?a=b&c=d~*"])
def test_however_a_sender_escapes_the_signature_counts_over_what_it_sent(
    escape: Callable[[str], str], relay_state: str | None
) -> None:
    query = a_query(escape, relay_state)
    assert received(query).signer == DV
    assert decode_redirect(query).relay_state == relay_state


def test_a_query_string_that_was_escaped_again_no_longer_holds() -> None:
    query = a_query(lower_hex, "a/b")
    assert "%2f" in query
    with pytest.raises(InvalidSignature):
        received(query.replace("%2f", "%2F"))


def test_the_order_of_parameters_and_unknown_ones_do_not_matter() -> None:
    parts = a_query().split("&")
    assert received("&".join(["lang=nl", *reversed(parts), "utm=1"])).signer == DV


@pytest.mark.parametrize("name", ["SAMLRequest", "RelayState", "SigAlg", "Signature"])
def test_a_parameter_that_occurs_twice_is_refused(name: str) -> None:
    query = a_query()
    again = next(part for part in query.split("&") if part.startswith(f"{name}="))
    for twice in (f"{query}&{again}", f"{again}&{query}", f"{query}&{name}=", f"{query}&{name}"):
        with pytest.raises(MalformedMessage):
            decode_redirect(twice)


@pytest.mark.parametrize("query", ["", "SAMLResponse=x", "RelayState=x&SigAlg=x&Signature=x"])
def test_without_a_request_there_is_nothing_to_read(query: str) -> None:
    with pytest.raises(MalformedMessage):
        decode_redirect(query)


def test_a_request_and_a_response_together_are_refused() -> None:
    with pytest.raises(MalformedMessage):
        decode_redirect(a_query() + "&SAMLResponse=x")


@pytest.mark.rule("2.42")
@pytest.mark.parametrize("name", ["SigAlg", "Signature"])
def test_a_query_string_without_signature_is_refused(name: str) -> None:
    with pytest.raises(InvalidSignature):
        decode_redirect("&".join(part for part in a_query().split("&") if not part.startswith(name)))


@pytest.mark.parametrize(
    "algorithm",
    [
        "",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        RSA_SHA256.upper(),
        RSA_SHA256 + " ",
    ],
)
def test_another_algorithm_is_refused_even_with_a_signature_that_fits(algorithm: str) -> None:
    with pytest.raises(InvalidSignature):
        received(a_query(algorithm=algorithm))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RelayState=state", "RelayState=other"),
        ("RelayState=state", "RelayState="),
        ("&RelayState=state", ""),
    ],
)
def test_a_relay_state_changed_after_signing_is_refused(old: str, new: str) -> None:
    with pytest.raises(InvalidSignature):
        received(a_query().replace(old, new))


def test_a_relay_state_added_after_signing_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        received(a_query(relay_state=None) + "&RelayState=added")


def test_a_message_under_another_name_is_refused() -> None:
    message = decode_redirect(a_query().replace("SAMLRequest", "SAMLResponse"), "SAMLResponse")
    with pytest.raises(InvalidSignature):
        verify_redirect(message, parse(message.data), [certificate("dv")], DV)


@pytest.mark.parametrize("keys", [[], ["mallory"]])
def test_without_the_right_key_a_query_string_is_refused(keys: list[str]) -> None:
    message = decode_redirect(a_query())
    with pytest.raises(InvalidSignature):
        verify_redirect(message, parse(message.data), [certificate(name) for name in keys], DV)


@pytest.mark.rule("9.21")
def test_during_a_key_change_either_key_is_accepted() -> None:
    message = decode_redirect(a_query())
    keys = [certificate("next"), certificate("dv")]
    assert verify_redirect(message, parse(message.data), keys, DV).key_name == certificate("dv").key_name


@pytest.mark.parametrize("text", ["!", "a", "%", "%zz", "a-_b", "é", "\udc80", "YQ%3D%3D%3D%3D"])
@pytest.mark.parametrize("name", ["SAMLRequest", "Signature"])
def test_what_is_not_base64_is_refused(name: str, text: str) -> None:
    query = "&".join(
        f"{name}={text}" if part.startswith(f"{name}=") else part for part in a_query().split("&")
    )
    with pytest.raises(SamlError):
        received(query)


@pytest.mark.parametrize("text", ["%ff", "%c3%28", "\udc80"])
def test_a_relay_state_that_is_no_utf8_is_refused(text: str) -> None:
    with pytest.raises(SamlError):
        received(a_query().replace("RelayState=state", f"RelayState={text}"))


def test_deflated_data_must_be_raw_whole_and_nothing_more() -> None:
    good = deflate(b"<a/>")
    assert inflate(good) == b"<a/>"
    for bad in (
        b"",
        good[:-1],
        good + b"x",
        good + good,
        deflate(b"<a/>", 15),
        deflate(b"<a/>", 31),
        b"<a/>",
        b"\xff" * 9,
    ):
        with pytest.raises(MalformedMessage):
            inflate(bad)


def test_a_message_inflates_to_the_limit_and_no_further() -> None:
    assert len(inflate(deflate(b"x" * LIMITS.redirect_inflated_bytes))) == LIMITS.redirect_inflated_bytes
    with pytest.raises(MessageTooLarge):
        inflate(deflate(b"x" * (LIMITS.redirect_inflated_bytes + 1)))


def test_a_bomb_of_eight_kilobytes_takes_no_more_memory_than_the_limit() -> None:
    bomb = deflate(b"x" * 8_000_000)
    assert len(bomb) < 8192
    tracemalloc.start()
    try:
        with pytest.raises(MessageTooLarge):
            inflate(bomb)
        assert tracemalloc.get_traced_memory()[1] < 2 * LIMITS.redirect_inflated_bytes + 65_536
    finally:
        tracemalloc.stop()


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_query_string_is_decoded_or_refused_and_nothing_else_happens(query: str) -> None:
    for text in (query, f"SAMLRequest={query}&SigAlg=x&Signature=YQ==", f"{a_query()}{query}"):
        with suppress(SamlError):
            decode_redirect(text)


def test_parameters_that_are_not_ours_may_occur_twice() -> None:
    assert received(f"utm=1&{a_query()}&utm=2").signer == DV
