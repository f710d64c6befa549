"""One parser, one policy. Whole messages with these faults stand in the attack corpus; here are the edges."""

import resource
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.policy import Limits


def test_a_hundred_thousand_levels_are_refused_without_recursion() -> None:
    with pytest.raises(SamlError):
        parse(b"<a>" * 100_000, limits=Limits(message_bytes=1_000_000, nodes=200_000))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"no xml",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a/>tail",
        b"<a b='1' b='2'/>",
        b"<p:a/>",
        b"<a>&undefined;</a>",
        b"<a>&#0;</a>",
        b"<a>\x0b</a>",
        b"<a>&#xFFFE;</a>",
        b"<a>\xff</a>",
        b'<?xml version="1.1"?><a/>',
        b'<?xml version="2.0"?><a/>',
        b"<?xml version='1.0' encoding = 'utf-16'?><a/>",
        b"<?xml version='1.0' encoding = ''?><a/>",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
        b"<a><?do it?></a>",
        b"<!DOCTYPE a><a/>",
        b"<a xml:id='b'/>",
        b"<a ID='x'><b ID='x'/></a>",
        b"<a ID='x'><b Id='x'/></a>",
        b"<a id='x'><b ID='x'/></a>",
    ],
)
def test_what_is_not_plain_xml_is_refused_as_malformed(document: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(document)


@pytest.mark.parametrize(
    "document",
    [
        b"<a/>",
        b" <a/> ",
        b"\xef\xbb\xbf<a/>",
        b'<?xml version="1.0" encoding="utf-8"?><a/>',
        b"<?do it?><a/><!-- x -->",
    ],
)
def test_plain_xml_is_read(document: bytes) -> None:
    assert parse(document).tag == "a"


@pytest.mark.parametrize("padding", [1, 199, 200, 1000])
@pytest.mark.parametrize("encoding", [b"UTF-7", b"ISO-8859-1", b"UTF-16", b"EUC-JP"])
def test_another_encoding_is_refused_however_far_away_it_is_declared(encoding: bytes, padding: int) -> None:
    with pytest.raises(MalformedMessage):
        parse(b'<?xml version="1.0"' + b" " * padding + b'encoding="' + encoding + b'"?><a>+ADw-b/+AD4-</a>')


@pytest.mark.parametrize(
    "inside",
    [b"ad<!-- cut -->min", b"ad<![CDATA[m]]>in", b"ad<!---->m<!---->in", b"&#97;dmin", b"adm&#x69;n"],
)
def test_a_value_is_read_whole_whatever_stands_in_it(inside: bytes) -> None:
    assert parse(b"<a>" + inside + b"</a>").text == "admin"


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(MalformedMessage, match="at line 3"):
        parse(b"<a>\n<b>\n</c>\n</a>")


def test_no_file_is_opened_and_nobody_is_called() -> None:
    opened: list[object] = []
    active = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if active and event in {"open", "socket.connect", "subprocess.Popen"}:
            opened.append(arguments)

    sys.addaudithook(hook)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x".encode()
        for document in (
            b'<!DOCTYPE a SYSTEM "' + url + b'"><a/>',
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "' + url + b'">]><a>&e;</a>',
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
            b'<?xml-stylesheet href="' + url + b'"?><a/>',
            b'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="' + url + b'"/></a>',
        ):
            try:
                assert "root:" not in str(parse(document).xpath("string()"))
            except MalformedMessage:
                continue
        with pytest.raises(TimeoutError):
            server.accept()
    active = False
    assert opened == []


def test_entities_within_entities_are_refused_at_once() -> None:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 20))
    started = time.process_time()
    with pytest.raises(MalformedMessage):
        parse(b'<!DOCTYPE a [<!ENTITY l0 "ha">' + laughs + b"]><a>&l19;</a>")
    assert time.process_time() - started < 0.05


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(data: bytes) -> None:
    with suppress(SamlError):
        parse(data)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="￾￿")))
def test_text_survives_writing_and_reading(text: str) -> None:
    element = parse(b"<a b=''/>")
    element.text = text
    element.set("b", text)
    again = parse(serialise(element))
    assert (again.text or "", again.get("b")) == (text, text)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"<a>\xff</a>", "not valid UTF-8"),
        (b"<a>\x00</a>", "NUL in the document"),
        (b"<a><!ENTITY e 'x'></a>", "document type declarations"),
        (b"<!DOCTYPE a><a/>", "document type declarations"),
    ],
)
def test_what_no_parser_need_see_is_refused_before_one_sees_it(
    document: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.saml.parsing.etree.fromstring", None)
    with pytest.raises(MalformedMessage, match=why):
        parse(document)


def test_names_that_strangers_make_up_are_forgotten() -> None:
    def document(number: int) -> bytes:
        return b"<r>" + b"".join(b"<n%dx%d/>" % (number, each) for each in range(10_000)) + b"</r>"

    for number in range(5):
        parse(document(number))
    before = resident()
    for number in range(5, 55):
        parse(document(number))
    # They were 15 megabytes, when the thread that asked remembered them.
    assert resident() - before < 8 * 1024 * 1024


def resident() -> int:
    """Bytes of memory in use."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
