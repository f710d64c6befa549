"""A file that is no XML is called what it is."""

import pytest

from broker.saml.odd_files import hint

KEY = b"-----BEGIN " + b"PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\t", "empty"),
        (KEY, "PRIVATE KEY: it is no longer secret"),
        (b"-----BEGIN CERTIFICATE-----", "certificate or key (PEM)"),
        (b"<!DOCTYPE html><HTML lang=nl>", "HTML page"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04", "zip archive"),
        (b"\xff\xfe<\x00", "UTF-16"),
        (b"\xfe\xff\x00<", "UTF-16"),
        (b'{"a": 1}', "JSON"),
    ],
)
def test_what_is_no_xml_is_recognised(data: bytes, said: str) -> None:
    assert said in hint(data)


@pytest.mark.parametrize("data", [b"<md:EntityDescriptor", b"<a>{", b"<a>PK\x03\x04"])
def test_what_looks_like_xml_gets_no_hint(data: bytes) -> None:
    assert hint(data) == ""
