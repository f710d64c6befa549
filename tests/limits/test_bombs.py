"""What is made to hurt, sent to a running makelaar and put to broker.saml: refused, soon, and for little memory.

The table under the run says what each cost. The bounds follow from the limits: a body is held up to four times (as it
came, as text, as a field, and out of base64); each escape (%41) of a form takes some 240 bytes while it is undone; each
element, attribute or namespace of a tree some 200.
"""

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote_plus
from urllib.parse import urlsplit

import pytest
import requests

from broker.assembly import paths
from broker.saml import schema
from broker.saml.encryption import read_encrypted_id
from broker.saml.errors import SamlError
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import read_metadata
from broker.saml.network_metadata import read_network_metadata
from broker.saml.parsing import parse
from broker.saml.policy import FRONT
from broker.saml.policy import LIMITS
from broker.saml.post import decode_posted_request
from broker.saml.redirect import decode_redirect
from broker.saml.signature import verify
from broker.settings import MAKELAAR
from tests.beheerorganisatie import KEY
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.keys import certificate
from tests.limits import bombs
from tests.limits.measuring import Cost
from tests.limits.measuring import makelaar_processes
from tests.limits.measuring import measured
from tests.reporting import Report
from tests.saml.builders import DV
from tests.saml.documents import NOW

MEBIBYTE = 1024 * 1024
TREE = 200 * (LIMITS.nodes + LIMITS.attributes + LIMITS.namespace_declarations) / MEBIBYTE
ESCAPES = 240 * FRONT.form_escapes / MEBIBYTE
PEAK = 4 * LIMITS.form_bytes() / MEBIBYTE + ESCAPES + TREE
"""MiB for one request, in whichever way it is refused."""
CPU = 500
"""Milliseconds for one request; a machine that does much else at the same time takes longer for the same."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SOAP = {"Content-Type": "text/xml"}


@cache
def documents(issuer: str = DV) -> dict[str, bytes]:
    return dict(bombs.documents(issuer))


def told(report: Report, bomb: str, door: str, sent: int, cost: Cost, bound: float = PEAK) -> None:
    """Put what it cost into the table, and hold it to the bound."""
    figures = {"sent KiB": sent / 1024, "CPU ms": int(cost.cpu), "peak MiB": cost.peak, "bound MiB": bound}
    report("What bombs cost", bomb=bomb, door=door, **figures)
    assert cost.peak <= bound
    assert cost.cpu <= CPU


# Put to our reading, in this process


@pytest.mark.parametrize("name", sorted(documents()))
def test_a_document_is_refused(name: str, report: Report) -> None:
    value = bombs.in_base64(documents()[name]).decode()
    schema.is_valid(parse(b"<a/>"))  # the schemas are compiled at the first question

    with measured() as cost, pytest.raises(SamlError):
        believe(value)

    told(report, name, "saml", len(value), cost)


def believe(value: str) -> None:
    """Do with a posted request what the makelaar does, up to its signature."""
    element = parse(decode_posted_request(value)[0])
    schema.is_valid(element)
    verify(element, [certificate("dv")], DV, keep=True)


def test_a_query_that_inflates_is_refused(report: Report) -> None:
    query = f"SAMLRequest={quote_plus(bombs.in_base64(bombs.deflated(1000)))}&SigAlg=x&Signature=AAAA"

    with measured() as cost, pytest.raises(SamlError):
        decode_redirect(query)

    told(report, "1,000 MiB by DEFLATE", "saml", len(query), cost)


def test_an_identifier_with_keys_without_number_is_refused(report: Report) -> None:
    document = bombs.encrypted_keys(1_000)
    element = parse(document)

    with measured() as cost, pytest.raises(SamlError):
        read_encrypted_id(element)

    told(report, "1,000 EncryptedKeys, read", "saml", len(document), cost)


@pytest.mark.limit("metadata_bytes", "bytes_per_node")
@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("metadata of 100 MiB", b"<a>" + b" " * 100 * MEBIBYTE + b"</a>"),
        ("metadata of 262,000 elements", b"<a>" + b"<b/>" * 262_000 + b"</a>"),
        ("metadata of 200,000 attributes", b"<a " + b" ".join(b'a%d=""' % n for n in range(90_000)) + b"/>"),
    ],
    ids=["100 MiB", "elements", "attributes"],
)
def test_large_metadata_of_a_partner_is_refused(name: str, document: bytes, report: Report) -> None:
    with measured() as cost, pytest.raises(DocumentRefused):
        read_metadata(document, "DV", NOW)

    told(report, name, "saml", len(document), cost, 200 * 2 * LIMITS.metadata_bytes / 8 / MEBIBYTE)


@pytest.mark.limit("network_metadata_bytes", "bytes_per_node")
@pytest.mark.parametrize("size", [LIMITS.network_metadata_bytes, 100 * MEBIBYTE], ids=["96 MiB", "100 MiB"])
def test_large_metadata_of_the_network_is_refused(size: int, report: Report) -> None:
    document = b"<a>" + b"<b/>" * ((size - 7) // 4) + b"</a>"

    with measured() as cost, pytest.raises(DocumentRefused):
        read_network_metadata(document, [certificate(KEY)], NOW)

    # It is held a second time, as text, to see that it is UTF-8.
    told(report, f"metadata of the network, {size // MEBIBYTE} MiB", "saml", size, cost, size / MEBIBYTE + 1)


# Sent to a running makelaar


@dataclass(frozen=True)
class Sent:
    """What a request was, in bytes, and the status of its answer; 0 when the connection was closed without one."""

    size: int
    status: int
    text: str = ""


def send(box: Box, path: str, body: bytes, headers: dict[str, str]) -> Sent:
    answer = requests.post(box.url(MAKELAAR) + path, data=body, headers=headers, timeout=60)
    return Sent(len(body), answer.status_code, answer.text)


def raw(box: Box, *pieces: bytes) -> Sent:
    """Send these very bytes, as far as they are taken."""
    address = urlsplit(box.url(MAKELAAR))
    sent, received = 0, b""
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        with suppress(OSError):
            for piece in pieces:
                waiting = memoryview(piece)
                while waiting:
                    sent += (taken := connection.send(waiting))
                    waiting = waiting[taken:]
            connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while piece := connection.recv(65536):
                received += piece
    found = re.match(rb"HTTP/1.1 (\d+)", received)
    return Sent(sent, int(found.group(1)) if found else 0, received.decode("utf-8", "replace"))


def head(path: str, *lines: str) -> bytes:
    written = [f"POST {path} HTTP/1.1", "Host: localhost", "Connection: close", *lines]
    return "\r\n".join([*written, "Content-Type: application/x-www-form-urlencoded", "", ""]).encode()


@pytest.fixture(scope="module")
def front(box: Box) -> list[int]:
    """The processes of the makelaar, each of which has answered before."""
    for _ in range(20):
        send(box, paths.HM_SSO, b"SAMLRequest=PGEvPg==", FORM)
        send(box, paths.ARS, b"<a/>", SOAP)
    return makelaar_processes(box)


@pytest.mark.parametrize("door", ["sso", "artifact resolution"])
@pytest.mark.parametrize("name", sorted(documents()))
def test_a_document_is_refused_at_the_door(
    name: str, door: str, box: Box, front: list[int], dv: ForeignDv, report: Report
) -> None:
    document = documents(dv.entity_id)[name]
    path, headers, body = paths.ARS, SOAP, document
    if door == "sso":
        path, headers = paths.HM_SSO, FORM
        body = b"SAMLRequest=" + quote_plus(bombs.in_base64(document)).encode()

    with measured(*front) as cost:
        sent = send(box, path, body, headers)

    assert sent.status in ({400, 413} if door == "sso" else {500})
    told(report, name, door, sent.size, cost)


def posted(body: bytes, length: int | None = None) -> list[bytes]:
    """A form, and how long it says to be."""
    return [head(paths.HM_SSO, f"Content-Length: {len(body) if length is None else length}"), body]


def chunks(count: int) -> list[bytes]:
    """A body that never says that it ends, for as long as a test lasts."""
    return [
        head(paths.HM_SSO, "Transfer-Encoding: chunked"),
        *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * count,
    ]


def query(megabytes: int) -> list[bytes]:
    """A request by HTTP-Redirect."""
    message = quote_plus(bombs.in_base64(bombs.deflated(megabytes)))
    line = f"GET {paths.HM_SSO}?SAMLRequest={message}&SigAlg=x&Signature=AAAA HTTP/1.1"
    return [f"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()]


BODIES: dict[str, tuple[int, Callable[[], list[bytes]]]] = {
    "a post of 5 MiB": (413, lambda: posted(b"x" * 5 * MEBIBYTE)),
    "20 MiB of chunks without end": (400, lambda: chunks(320)),
    "a length of 9, and 5 MiB": (400, lambda: posted(b"SAMLart=x" + b"x" * 5 * MEBIBYTE, 9)),
    "a length of 300,000, and 9": (400, lambda: posted(b"SAMLart=x", 300_000)),
    "a length of 5 GB, and 9": (413, lambda: posted(b"SAMLart=x", 5_000_000_000)),
    "250,000 fields": (413, lambda: posted(b"a&" * 250_000)),
    "40,000 escapes": (400, lambda: posted(b"SAMLRequest=" + b"%41" * 40_000)),
    "170,000 escapes": (413, lambda: posted(b"SAMLRequest=" + b"%41" * 170_000)),
    "a header of 1 MiB": (431, lambda: [head(paths.HM_SSO, "X: " + "x" * MEBIBYTE)]),
    "10,000 headers": (431, lambda: [head(paths.HM_SSO, *["X: x"] * 10_000)]),
    "a request line of 1 MiB": (414, lambda: [head("/" + "x" * MEBIBYTE)]),
    "5 MiB by DEFLATE, in a query": (400, lambda: query(5)),
}
"""The status that each is answered with, if at all, and what is sent."""


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_request_is_refused(name: str, box: Box, front: list[int], report: Report) -> None:
    status, pieces = BODIES[name]

    with measured(*front) as cost:
        sent = raw(box, *pieces())

    # Who still sends when the answer is there may see the connection closed first.
    assert sent.status in {status, 0}
    told(report, name, "http", sent.size, cost)
    assert requests.get(box.url(MAKELAAR) + paths.READY, timeout=20).status_code == 200
