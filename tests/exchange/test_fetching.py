"""Documents by URL: from the internet, from networks that were named, and from nowhere else."""

import socket
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from typing import Any

import pytest
from urllib3 import Timeout

from broker.exchange import fetching
from broker.exchange.fetching import NotFetched
from broker.exchange.fetching import fetch
from broker.exchange.fetching import is_public
from tests.exchange.test_http import serving

INSIDE = [  # addresses to be judged, nothing is bound
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1", "100.64.0.1"),
    *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_some_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["145.100.1.1", "2001:610::1", "::ffff:145.100.1.1", "64:ff9b::9164:101"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names lead to; whoever connects is noted under "connected"."""
    known: dict[str, list[str]] = {"connected": []}

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (each, port)) for each in known[host]]

    def connect(address: tuple[str, int], *_: Any) -> socket.socket:
        known["connected"].append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("broker.exchange.fetching.socket.getaddrinfo", resolve)
    monkeypatch.setattr(fetching, "create_connection", connect)
    return known


@pytest.mark.parametrize("leads_to", [["10.0.0.1"], ["145.100.1.1", "169.254.169.254"], ["::1"]])
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    names: dict[str, list[str]], leads_to: list[str]
) -> None:
    names["dv.example.nl"] = leads_to
    with pytest.raises(NotFetched, match="inside a network"):
        fetch("https://dv.example.nl/metadata", 1000)
    assert names["connected"] == []


def test_what_was_judged_is_what_is_connected_to(names: dict[str, list[str]]) -> None:
    names["dv.example.nl"] = ["145.100.1.1"]
    with pytest.raises(NotFetched, match="not reached"):
        fetch("https://dv.example.nl/metadata", 1000)
    assert names["connected"] == ["145.100.1.1"]


def test_a_network_that_the_operator_named_may_be_asked(names: dict[str, list[str]]) -> None:
    names["dv.example.nl"] = ["10.0.0.1"]
    with pytest.raises(NotFetched, match="not reached"):
        fetch("https://dv.example.nl/metadata", 1000, [ip_network("10.0.0.0/8")])
    assert names["connected"] == ["10.0.0.1"]


@pytest.mark.parametrize(
    "url",
    ["http://dv.example.nl/", "http://127.0.0.2/", "file:///etc/passwd", "gopher://localhost/", "https://["],
)
def test_other_schemes_and_what_is_no_url_are_refused(url: str) -> None:
    with pytest.raises(NotFetched):
        fetch(url, 1000)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "/document")
        self.send_header("Content-Length", "11" if self.path == "/cut" else "10")
        self.end_headers()
        self.wfile.write(b"0123456789")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("path", "maximum", "reason"),
    [("/elsewhere", 10, "answered 302"), ("/cut", 20, "not reached"), ("/document", 9, "larger than")],
)
def test_a_redirect_half_a_document_and_too_much_are_refused(path: str, maximum: int, reason: str) -> None:
    with serving(_Site) as url, pytest.raises(NotFetched, match=reason):
        fetch(url + path, maximum, here=True)


@pytest.mark.parametrize("url", ["http://localhost:9/", "https://127.0.0.1:9/", "http://LOCALHOST:9/x"])
def test_this_machine_is_not_asked_for_somebody_elsewhere(url: str) -> None:
    with pytest.raises(NotFetched, match="inside a network"):
        fetch(url, 10)
    with pytest.raises(NotFetched, match="not reached"):
        fetch(url, 10, [ip_network("127.0.0.0/8")])


class _Drips(_Site):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                self.wfile.write(b"a")
                time.sleep(0.01)


def test_a_server_that_lets_a_byte_through_now_and_then_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_TIMEOUT", Timeout(connect=1, read=0.2))
    begun = time.monotonic()
    with serving(_Drips) as url, pytest.raises(NotFetched, match="not reached"):
        fetch(url, 100_000, here=True)
    assert time.monotonic() - begun < 5


def test_a_document_on_this_machine_is_read() -> None:
    with serving(_Site) as url:
        assert fetch(url + "/document", 10, here=True) == b"0123456789"
