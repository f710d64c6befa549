"""What may be thrown at the endpoints of the makelaar: shapes, sizes, methods, documents."""

import base64
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import quote_plus
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest
import requests

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.visitor import Visitor

BROWSER = [paths.HM_SSO, paths.HM_ACS_AD, paths.HM_ACS_MR]


def post(box: Box, path: str, pairs: list[tuple[str, str]], query: str = "") -> requests.Response:
    """Post a form, without following where it leads."""
    url = f"{box.url(MAKELAAR)}{path}?{query}" if query else box.url(MAKELAAR) + path
    return requests.post(url, data=pairs, allow_redirects=False, timeout=20)


def encoded(message: str | bytes) -> str:
    """base64, as in a form."""
    return base64.b64encode(message.encode() if isinstance(message, str) else message).decode()


def deflated(message: bytes) -> str:
    """As in a query string."""
    squeeze = zlib.compressobj(9, wbits=-15)
    return quote_plus(base64.b64encode(squeeze.compress(message) + squeeze.flush()))


@pytest.mark.parametrize("path", BROWSER)
@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("SAMLRequest", "x"), ("SAMLResponse", "x")],
        [("SAMLRequest", "x"), ("SAMLart", "x")],
        [("SAMLResponse", ""), ("SAMLResponse", "")],
        [("RelayState", "x")],
        [("SAMLResponse", "not base64!")],
        [("SAMLResponse", "PHg-_w==")],
        [("SAMLResponse", encoded("<"))],
        [("SAMLRequest", encoded("<x/>"))],
        [("SAMLRequest", encoded("\x00"))],
        [("SAMLart", "AAQ=")],
        [("SAMLart", encoded(b"\x00\x04\x00\x00" + b"\x01" * 40))],
    ],
    ids=str,
)
def test_a_form_without_one_good_message_ends_on_a_page(
    box: Box, path: str, pairs: list[tuple[str, str]]
) -> None:
    answer = post(box, path, pairs)
    assert answer.status_code in {400, 410}
    assert "EH-" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers


@pytest.mark.parametrize("field", ["SAMLRequest", "RelayState"])
def test_a_parameter_that_occurs_twice_is_refused(box: Box, dv: ForeignDv, field: str) -> None:
    form = dv.form(dv.ask(), "one")
    assert post(box, paths.HM_SSO, [*form.items(), (field, form[field])]).status_code == 400
    assert post(box, paths.HM_SSO, list(form.items()), urlencode({field: form[field]})).status_code == 400
    query = dv.query(dv.ask(), "one")
    again = query.split("&")[0 if field == "SAMLRequest" else 1]
    assert requests.get(f"{dv.sso}?{query}&{again}", allow_redirects=False, timeout=20).status_code == 400


def test_a_parameter_with_an_escaped_name_is_an_unknown_one(dv: ForeignDv) -> None:
    query = dv.query(dv.ask(), "one")
    parts = urlsplit(dv.sso)
    with closing(HTTPConnection(parts.netloc, timeout=20)) as line:
        line.request("GET", f"{parts.path}?{query}&Relay%53tate=two")
        assert line.getresponse().status == 303


@pytest.mark.parametrize(
    ("path", "method"),
    [
        *((path, method) for path in BROWSER for method in ("PUT", "DELETE", "PATCH", "TRACE")),
        *((paths.ARS, method) for method in ("GET", "HEAD", "PUT", "DELETE")),
        *((f"/journey/{'0' * 38}", method) for method in ("PUT", "DELETE")),
        *((path, "POST") for path in (paths.METADATA, paths.CATALOGUE, paths.ALIVE, paths.READY)),
    ],
)
def test_a_method_that_an_endpoint_does_not_know_is_refused(box: Box, path: str, method: str) -> None:
    answer = requests.request(method, box.url(MAKELAAR) + path, timeout=20)
    assert answer.status_code == 405
    assert answer.headers["Allow"]


@pytest.mark.parametrize("path", [*BROWSER, paths.ARS])
def test_options_tells_the_methods_and_does_nothing(box: Box, path: str) -> None:
    answer = requests.options(box.url(MAKELAAR) + path, timeout=20)
    assert answer.status_code == 200
    assert "POST" in answer.headers["Allow"]
    assert not {name for name in answer.headers if name.startswith("Access-Control")}


def test_a_look_ahead_does_not_use_up_a_request(visitor: Visitor, dv: ForeignDv) -> None:
    url = f"{dv.sso}?{dv.query(dv.ask(), 'one')}"
    assert requests.head(url, allow_redirects=False, timeout=20).status_code == 400
    assert "ad" in visitor.open(url).fields()


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/xml", "text/plain", "multipart/form-data", ""]
)
@pytest.mark.parametrize("path", BROWSER)
def test_a_message_in_another_body_than_a_form_is_not_read(
    box: Box, dv: ForeignDv, path: str, content_type: str
) -> None:
    body = urlencode(dv.form(dv.ask()))
    headers = {"Content-Type": content_type}
    answer = requests.post(
        box.url(MAKELAAR) + path, data=body, headers=headers, allow_redirects=False, timeout=20
    )
    assert answer.status_code in {400, 415}


@pytest.mark.parametrize("relay_state", ["x" * 1025, "€" * 342, "y" * 10_000])
def test_relay_state_over_the_limit_is_refused(box: Box, dv: ForeignDv, relay_state: str) -> None:
    answer = post(box, paths.HM_SSO, list(dv.form(dv.ask(), relay_state).items()))
    assert answer.status_code == 400
    assert "bericht-te-groot" in answer.text
    assert relay_state not in answer.text


@pytest.mark.parametrize("size", [600_000, 5_000_000])
@pytest.mark.parametrize("path", [*BROWSER, paths.ARS])
def test_a_body_over_the_limit_is_not_read(box: Box, path: str, size: int) -> None:
    kind = "text/xml" if path == paths.ARS else "application/x-www-form-urlencoded"
    body = b"SAMLRequest=" + b"A" * size
    answer = requests.post(box.url(MAKELAAR) + path, data=body, headers={"Content-Type": kind}, timeout=20)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [paths.HM_SSO, paths.ARS])
def test_a_body_of_unknown_length_is_cut_off_at_the_limit(box: Box, path: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"SAMLRequest="
        for _ in range(600):
            yield b"A" * 1000

    kind = "text/xml" if path == paths.ARS else "application/x-www-form-urlencoded"
    answer = requests.post(
        box.url(MAKELAAR) + path, data=pieces(), headers={"Content-Type": kind}, timeout=20
    )
    assert answer.status_code == {paths.HM_SSO: 400, paths.ARS: 500}[path]
    assert {paths.HM_SSO: "bericht-te-groot", paths.ARS: "Fault"}[path] in answer.text


def test_a_length_that_is_not_one_does_not_keep_a_worker(box: Box) -> None:
    parts = urlsplit(box.url(MAKELAAR))
    with closing(HTTPConnection(parts.netloc, timeout=20)) as line:
        line.putrequest("POST", paths.HM_SSO)
        line.putheader("Content-Length", "-1")
        line.endheaders()
        assert line.getresponse().status == 400


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (deflated(b"<x>" + b" " * 5_000_000 + b"</x>"), "bericht-te-groot"),
        (quote_plus(encoded(zlib.compress(b"<x/>"))), "bericht-ongeldig"),
        (quote_plus(encoded(zlib.compressobj(wbits=-15).compress(b"<x/>"))), "bericht-ongeldig"),
        (deflated(b"<x/>") + "%3D%3DAAAA", "bericht-ongeldig"),
        (quote_plus(encoded("<x/>")), "bericht-ongeldig"),
    ],
    ids=["bomb", "zlib header", "cut off", "tail", "not deflated"],
)
def test_a_query_that_does_not_inflate_to_a_message(dv: ForeignDv, message: str, code: str) -> None:
    began = time.monotonic()
    answer = requests.get(f"{dv.sso}?SAMLRequest={message}&SigAlg=x&Signature=AAAA", timeout=20)
    assert answer.status_code == 400
    assert code in answer.text
    assert time.monotonic() - began < 5


class _Trap(BaseHTTPRequestHandler):
    hits = 0

    def do_GET(self) -> None:
        """Count."""
        type(self).hits += 1
        self.send_response(404)
        self.end_headers()


@pytest.fixture(scope="module")
def trap() -> Iterator[str]:
    """An address that nothing may ever be fetched from."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Trap)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    assert _Trap.hits == 0


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "{trap}/external.dtd">',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "{trap}/parameter"> %p;]>',
        '<?xml version="1.0" encoding="UTF-16"?>',
        '<?xml version="1.1"?>',
        '<?xml-stylesheet href="{trap}/x.xsl" type="text/xsl"?><x/>',
        '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{trap}/include"/></x>',
    ],
)
@pytest.mark.parametrize("path", [paths.HM_SSO, paths.ARS])
def test_a_document_that_reaches_outside_is_refused(
    box: Box, dv: ForeignDv, trap: str, path: str, prologue: str
) -> None:
    document = prologue.replace("{trap}", trap) + dv.ask().text
    if path == paths.ARS:
        headers = {"Content-Type": "text/xml"}
        assert requests.post(dv.ars, data=document.encode(), headers=headers, timeout=20).status_code == 500
        return
    answer = post(box, path, [("SAMLRequest", encoded(document))])
    assert answer.status_code == 400
    assert "bericht-ongeldig" in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "document",
    [
        "<a>" * 30_000,
        "<a>" + "<b/>" * 50_000 + "</a>",
        "<a " + " ".join(f'b{i}="c"' for i in range(15_000)) + "/>",
    ],
    ids=["deep", "wide", "attributes"],
)
def test_a_document_over_a_limit_is_refused_quickly(box: Box, document: str) -> None:
    began = time.monotonic()
    assert post(box, paths.HM_SSO, [("SAMLRequest", encoded(document))]).status_code == 400
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/%2e%2e",
        "/journey/..%2f..%2fhealth",
        "/journey/" + "a" * 65,
        "/?lang=//evil.example",
        "/nowhere",
    ],
)
def test_no_address_leads_away_from_here(box: Box, path: str) -> None:
    answer = requests.get(box.url(MAKELAAR) + path, allow_redirects=False, timeout=20)
    assert answer.status_code in {308, 404, 410}
    assert "evil.example" not in answer.headers.get("Location", "")
    assert 'href="//' not in answer.text


@pytest.mark.parametrize("parameter", ["next", "url", "return", "RelayState", "TARGET"])
def test_a_parameter_never_says_where_to_go(visitor: Visitor, parameter: str) -> None:
    visitor.ask()
    visitor.open(f"{visitor.url}?{parameter}=https://evil.example/")
    visitor.press("cancel", **{parameter: "https://evil.example/"})
    assert "evil.example" not in visitor.location
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("2.06", "9.30")
def test_every_answer_carries_the_headers_that_protect_it(visitor: Visitor) -> None:
    visitor.ask()
    assert visitor.answer is not None
    for answer in (visitor.answer, *visitor.answer.history):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]
