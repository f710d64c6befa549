"""The back channel over a real connection: what counts as an answer, and what does not."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from typing import ClassVar

import pytest

from broker.exchange.http import PartnerUnavailable
from broker.exchange.http import SoapClient
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.exchange.receiving import open_checked
from broker.exchange.station import Station
from broker.ports import Role
from broker.saml.policy import LIMITS
from broker.storage.memory_state import MemoryStateStore
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import MemoryRegistry
from tests.exchange.builders import Network
from tests.exchange.builders import record_of
from tests.exchange.builders import url_of
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import hm_response

BODY = b"<answer/>"


class Partner(BaseHTTPRequestHandler):
    """Answers by path; remembers what it was asked."""

    asked: ClassVar[list[tuple[str, str, dict[str, str], bytes]]]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.command, self.path, dict(self.headers), body))
        if self.path == "/hangs-up":
            self.close_connection = True
            return
        if self.path == "/cut-off":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(BODY)
            self.close_connection = True
            return
        if self.path == "/drips-headers":
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
                while True:
                    self.wfile.write(b"a")
                    time.sleep(0.01)
            self.close_connection = True
            return
        if self.path == "/drips":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(b" ")
                    time.sleep(0.01)
            self.close_connection = True
            return
        status = int(self.path[1:]) if self.path[1:].isdigit() else 200
        answer = b"x" * (LIMITS.message_bytes + 1) if self.path == "/large" else BODY
        self.send_response(status)
        if status in {301, 302, 307}:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that asks no name server what it is called."""

    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server with this handler."""
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def partner() -> Iterator[tuple[str, type[Partner]]]:
    """The address of a partner on this machine, and its memory."""

    class Fresh(Partner):
        asked: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    with serving(Fresh) as url:
        yield url, Fresh


Served = tuple[str, type[Partner]]


@pytest.mark.rule("3.1.08", "3.1.17", "3.1.19")
def test_the_envelope_goes_out_as_soap_asks(partner: Served) -> None:
    url, memory = partner

    assert SoapClient().post(url + "/ars", b"<question/>") == BODY

    ((method, path, headers, body),) = memory.asked
    assert (method, path, body) == ("POST", "/ars", b"<question/>")
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["SOAPAction"] == '"http://www.oasis-open.org/committees/security"'


def test_a_connection_serves_more_than_once(partner: Served) -> None:
    client = SoapClient()

    assert [client.post(partner[0], b"") for _ in range(3)] == [BODY] * 3


def test_a_fault_is_an_answer(partner: Served) -> None:
    assert SoapClient().post(partner[0] + "/500", b"") == BODY


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 403, 404, 502, 503])
def test_any_other_status_is_not(partner: Served, status: int) -> None:
    with pytest.raises(PartnerUnavailable, match=str(status)):
        SoapClient().post(f"{partner[0]}/{status}", b"")

    assert [path for _, path, _, _ in partner[1].asked] == [f"/{status}"]


@pytest.mark.parametrize("path", ["/hangs-up", "/cut-off", "/large"])
def test_an_answer_that_is_cut_off_or_endless_is_not(partner: Served, path: str) -> None:
    with pytest.raises(PartnerUnavailable):
        SoapClient().post(partner[0] + path, b"")

    assert len(partner[1].asked) == 1


@pytest.mark.parametrize("path", ["/drips", "/drips-headers"])
def test_an_answer_that_only_drips_in_is_not_waited_for(partner: Served, path: str) -> None:
    begun = time.monotonic()

    with pytest.raises(PartnerUnavailable, match="Timeout"):
        SoapClient(seconds=0.1).post(partner[0] + path, b"")

    assert time.monotonic() - begun < 2


def test_a_deadline_is_that_of_one_answer_not_of_a_connection(partner: Served) -> None:
    client = SoapClient(seconds=0.2)

    for _ in range(3):
        assert client.post(partner[0], b"") == BODY
        time.sleep(0.1)


def test_a_partner_that_is_not_there_is_unavailable(partner: Served) -> None:
    with pytest.raises(PartnerUnavailable) as error:
        SoapClient().post("http://127.0.0.1:9/ars", b"")

    assert "127.0.0.1" not in str(error.value)


def test_a_station_has_what_it_needs() -> None:
    own = Own(HM, OneKey(signer("hm")))

    station = Station.build(own, MemoryRegistry(record_of("dv")), MemoryStateStore(), MAKELAAR_OIN)

    assert station.partners.find(DV, Role.DV).entity_id == DV
    assert station.artifacts.hold(b"<a/>", DV)


def test_two_stations_talk_over_a_real_connection(network: Network) -> None:
    class Makelaar(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            answer = network["hm"].artifacts.answer(question, url_of("hm", "ars"))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    with serving(Makelaar) as url:
        network.soap.served["https://hm.example/ars"] = partial(SoapClient().post, url)

        partner, element = network["dv"].artifacts.fetch(artifact, Role.HM)

    assert open_checked(element, partner).response.issuer == HM


@pytest.mark.rule("2.17", "3.2.01", "9.27")
def test_our_clock_is_in_utc_and_ids_are_names_of_128_random_bits() -> None:
    assert system_clock().utcoffset() is not None
    assert len({random_id() for _ in range(100)}) == 100
    assert all(each[0] == "_" and len(each) == 33 for each in (random_id() for _ in range(100)))
