"""Fetching on a schedule from a server that really listens: validators, redirects, sizes, addresses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from ipaddress import ip_network

import pytest

from broker.onboarding.fetching import Sources
from broker.onboarding.jobs import SCHEDULE
from broker.ports import Role
from broker.ports.sources import DocumentSource
from broker.saml.policy import LIMITS
from broker.settings import Settings
from broker.storage.sources import SqlDocumentSources
from tests.onboarding.gate.conftest import MAKER
from tests.onboarding.gate.conftest import Desk
from tests.onboarding.gate.conftest import handed_over
from tests.saml.builders import DV
from tests.saml.builders import NOW

MODIFIED = "Mon, 03 Mar 2025 09:00:00 GMT"


class Site:
    """What stands at /metadata and /catalogue, how it is answered, and the validators that were asked with."""

    def __init__(self) -> None:
        self.documents = {"/metadata": handed_over().metadata, "/catalogue": handed_over().catalogue or b""}
        self.status = 200
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.url = ""

    def etag(self, path: str) -> str:
        return f'"{len(self.documents[path])}"'


@pytest.fixture
def site() -> Iterator[Site]:
    with _running(Site()) as running:
        yield running


@contextmanager
def _running(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["If-None-Match"]
            site.asked.append((self.path, known, self.headers["If-Modified-Since"]))
            status = 304 if known == site.etag(self.path) and site.status == 200 else site.status
            body = site.documents[self.path] if status == 200 else b""
            self.send_response(status)
            self.send_header("ETag", site.etag(self.path))
            self.send_header("Last-Modified", MODIFIED)
            self.send_header("Location", "/catalogue")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def fetched(desk: Desk, site: Site, *networks: str) -> DocumentSource:
    """What came of the next turn, with these networks in the settings."""
    assembled = desk.assembled
    assembled.settings = Settings(
        public_url="https://hm.example.nl", fetch_networks=tuple(ip_network(each) for each in networks)
    )
    sources, store = Sources(assembled, desk.clock.now), SqlDocumentSources(desk.engine)
    if store.find(DV) is None:
        addresses = f"{site.url}/metadata", f"{site.url}/catalogue"
        sources.set(DocumentSource(DV, Role.DV, *addresses, timedelta(hours=1), NOW, False), MAKER)
    sources.fetch_due(SCHEDULE)
    desk.clock.forward(timedelta(hours=2))
    found = store.find(DV)
    assert found is not None
    return found


def test_what_did_not_change_is_not_sent_again(desk: Desk, site: Site) -> None:
    desk.connect()
    assert fetched(desk, site, "127.0.0.0/8").last_outcome == "unchanged"
    site.asked.clear()

    assert fetched(desk, site, "127.0.0.0/8").last_outcome == "unchanged"

    assert site.asked == [(path, site.etag(path), MODIFIED) for path in ("/metadata", "/catalogue")]


def test_when_one_of_two_changed_both_are_had(desk: Desk, site: Site) -> None:
    desk.connect()
    fetched(desk, site, "127.0.0.0/8")
    site.documents["/catalogue"] += b"\n"
    site.asked.clear()

    outcome = fetched(desk, site, "127.0.0.0/8").last_outcome or ""

    assert outcome.startswith("waits: ")
    assert [path for path, *_ in site.asked] == ["/metadata", "/catalogue", "/metadata"]


@pytest.mark.parametrize(
    ("status", "told"), [(302, "answered 302"), (503, "answered 503"), (404, "answered 404")]
)
def test_a_redirect_or_an_error_leaves_what_is_in_force(
    desk: Desk, site: Site, status: int, told: str
) -> None:
    active = desk.connect()
    site.status = status

    failed = fetched(desk, site, "127.0.0.0/8")

    assert (failed.failures, desk.gate.versions(DV)) == (1, [active])
    assert told in (failed.last_outcome or "")
    assert [path for path, *_ in site.asked] == ["/metadata"], "a redirect is not followed"


def test_more_than_a_document_may_be_is_not_taken(desk: Desk, site: Site) -> None:
    active = desk.connect()
    site.documents["/metadata"] = b" " * (LIMITS.metadata_bytes + 1)
    assert "larger than 1 MiB" in (fetched(desk, site, "127.0.0.0/8").last_outcome or "")
    assert desk.gate.versions(DV) == [active]


def test_without_the_operators_word_no_address_of_this_machine_is_asked(desk: Desk, site: Site) -> None:
    desk.connect()
    assert "inside a network" in (fetched(desk, site).last_outcome or "")
    assert site.asked == []


def test_what_was_cut_off_and_then_mended_comes_in_as_it_should(desk: Desk, site: Site) -> None:
    active, whole = desk.connect(), site.documents["/metadata"]
    site.documents["/metadata"] = whole[: len(whole) // 2]
    assert (fetched(desk, site, "127.0.0.0/8").last_outcome or "").startswith(("refused", "the metadata"))
    site.documents["/metadata"] = whole
    mended = fetched(desk, site, "127.0.0.0/8")
    assert (mended.last_outcome, mended.failures) == ("unchanged", 0)
    assert desk.gate.versions(DV) == [active]
