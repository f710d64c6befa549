"""What one browser may bring and cause, at a running makelaar."""

import socket
from urllib.parse import urlsplit

import pytest
import requests

from broker.assembly import paths
from broker.saml.policy import FRONT
from broker.saml.policy import LIMITS
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.limits.around import AROUND

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def status(box: Box, line: str, *headers: str) -> int:
    """The status of the answer to a request in these very words."""
    address = urlsplit(box.url(MAKELAAR))
    words = "\r\n".join([line, f"Host: {address.netloc}", "Connection: close", *headers, "", ""])
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(words.encode("ascii"))
        return int(connection.makefile("rb").readline().split()[1])


@AROUND
@pytest.mark.limit("request_line_bytes")
def test_bytes_of_a_request_line(box: Box, more: int) -> None:
    head, tail = f"GET {paths.ALIVE}?", " HTTP/1.1"
    line = head + "x" * (FRONT.request_line_bytes - len(head + tail) + more) + tail

    assert status(box, line) == (414 if more > 0 else 200)


@AROUND
@pytest.mark.limit("header_field_bytes")
def test_bytes_of_a_header(box: Box, more: int) -> None:
    # Its name, the colon, its value and the end of the line.
    value = "x" * (FRONT.header_field_bytes - len("Cookie: \r\n") + more)

    assert status(box, f"GET {paths.ALIVE} HTTP/1.1", f"Cookie: {value}") == (431 if more > 0 else 200)


@AROUND
@pytest.mark.limit("header_fields")
def test_number_of_headers(box: Box, more: int) -> None:
    headers = [f"X-{number}: x" for number in range(FRONT.header_fields - 2 + more)]

    assert status(box, f"GET {paths.ALIVE} HTTP/1.1", *headers) == (431 if more > 0 else 200)


@AROUND
@pytest.mark.limit("form_fields")
def test_fields_of_a_form(box: Box, more: int) -> None:
    body = "&".join(f"x{number}=" for number in range(FRONT.form_fields + more))
    answer = requests.post(box.url(MAKELAAR) + paths.HM_SSO, data=body, headers=_FORM, timeout=20)

    assert answer.status_code == (413 if more > 0 else 400)
    assert ("bericht-te-groot" if more > 0 else "bericht-ongeldig") in answer.text


@AROUND
@pytest.mark.limit("form_escapes")
def test_escapes_of_a_form(box: Box, more: int) -> None:
    body = "x=" + "%41" * (FRONT.form_escapes + more)
    answer = requests.post(box.url(MAKELAAR) + paths.HM_SSO, data=body, headers=_FORM, timeout=20)

    assert answer.status_code == (413 if more > 0 else 400)


@AROUND
@pytest.mark.parametrize("path", [paths.HM_SSO, paths.ARS])
@pytest.mark.limit("message_bytes")
def test_bytes_of_a_body(box: Box, path: str, more: int) -> None:
    body = b"x=".ljust(LIMITS.form_bytes() + more, b"A")
    headers = _FORM if path == paths.HM_SSO else {"Content-Type": "text/xml"}
    answer = requests.post(box.url(MAKELAAR) + path, data=body, headers=headers, timeout=20)

    assert answer.status_code == (413 if more > 0 else {paths.HM_SSO: 400, paths.ARS: 500}[path])


@pytest.mark.limit("journeys_per_browser")
def test_logins_under_way_in_one_browser(box: Box, dv: ForeignDv) -> None:
    browser = requests.Session()

    def begin() -> str:
        return browser.get(f"{dv.sso}?{dv.query(dv.ask())}", timeout=20).url

    begun = [begin() for _ in range(FRONT.journeys_per_browser)]
    assert browser.get(begun[0], timeout=20).status_code == 200

    last = begin()

    first = browser.get(begun[0], timeout=20)
    assert first.status_code == 403
    assert "cookie-ontbreekt" in first.text
    assert {browser.get(url, timeout=20).status_code for url in (begun[1], begun[-1], last)} == {200}
