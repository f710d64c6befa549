"""Documents that are made to hurt give a report with a row, and quickly."""

import base64
import time
import zlib
from urllib.parse import quote_plus

import pytest

from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from broker.checks.captured import capture
from broker.checks.kinds import kind_of
from tests.checks.examples import good
from tests.checks.good import NOW
from tests.checks.good import REQUEST_TEXT
from tests.checks.good import catalogue_text
from tests.checks.good import metadata_text
from tests.checks.good import posted
from tests.checks.good import redirected
from tests.checks.good import signed

_ENTITIES = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
_LAUGHS = f'<!DOCTYPE a [<!ENTITY l0 "ha">{_ENTITIES}]><a>&l9;</a>'
_SERVICES = "".join(
    f'<md:AttributeConsumingService index="{i % 9}"><md:ServiceName xml:lang="de">a</md:ServiceName>'
    '<md:RequestedAttribute Name="x"/></md:AttributeConsumingService>'
    for i in range(4000)
)
_INSTANCE = catalogue_text()[
    catalogue_text().index("<esc:ServiceInstance") : catalogue_text().index("</esc:ServiceProvider>")
]
HOSTILE = {
    "nothing": b"",
    "a hundred megabytes": b"<a>" + b" " * (100 * 1024 * 1024),
    "entities": _LAUGHS.encode(),
    "deep": b"<a>" * 100_000,
    "cut off": metadata_text()[:1500].encode(),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "UTF-16": metadata_text().encode("utf-16"),
    "another encoding than it says": b'<?xml version="1.0" encoding="latin-1"?><a/>',
    "a web page": b"<!DOCTYPE html><html><body>Login</body></html>",
    "JSON": b'{"entityID": "urn:a"}',
    "many attributes": b"<a " + b" ".join(b'a%d="b"' % i for i in range(10_000)) + b"/>",
    "a deflate bomb": b"SAMLRequest="
    + quote_plus(base64.b64encode(zlib.compress(b"<a>" + b" " * 10**8, wbits=-15)).decode()).encode(),
    "an aggregate of itself": signed(metadata_text()) * 2,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_told_and_do_no_harm(data: bytes) -> None:
    began = time.process_time()
    each = Document("x", data)
    report = check(Subject(each, each, NOW, request=each))

    assert not report.is_good
    assert {row.id[:2] for row in report.rows} >= {"MD", "DC", "RQ"}
    assert time.process_time() - began < 3


def test_the_same_mistake_a_thousand_times_is_told_some_times() -> None:
    services = metadata_text().replace("</md:SPSSODescriptor>", f"{_SERVICES}</md:SPSSODescriptor>")
    instances = catalogue_text().replace(_INSTANCE, _INSTANCE * 600)
    began = time.process_time()
    report = check(
        Subject(Document("m", services.encode()), Document("c", instances.encode()), NOW, known=good().known)
    )

    assert len(report.rows) < 400
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (metadata_text().encode(), "metadata"),
        (metadata_text()[:400].encode(), "metadata"),
        (catalogue_text().encode(), "catalogue"),
        (REQUEST_TEXT.encode(), "request"),
        (posted(REQUEST_TEXT), "request"),
        (redirected(REQUEST_TEXT), "request"),
        (b"<html/>", None),
        (b"", None),
    ],
)
def test_a_document_is_known_by_how_it_begins(data: bytes, kind: str | None) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    "made",
    [
        posted(REQUEST_TEXT, None),
        posted(REQUEST_TEXT, None).removeprefix(b"SAMLRequest="),
        base64.b64encode(REQUEST_TEXT.encode()),
        b'<form><input type="hidden" name="SAMLRequest" value="%b"/></form>'
        % base64.b64encode(REQUEST_TEXT.encode()),
        redirected(REQUEST_TEXT),
        b"\xef\xbb\xbf" + REQUEST_TEXT.encode(),
    ],
    ids=["form", "escaped value", "base64", "page", "address", "XML with a mark"],
)
def test_a_request_is_taken_out_of_whatever_it_was_caught_in(made: bytes) -> None:
    data = capture(made).data

    assert data is not None
    assert b"AuthnRequest" in data
