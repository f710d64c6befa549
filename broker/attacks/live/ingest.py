"""Handing documents over as an operator does: to the registry of the running makelaar, through the same doors."""

from time import perf_counter
from urllib.parse import urlsplit

from broker.assembly.network import take_edition
from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.attacks.draft import Draft
from broker.attacks.draft import Handed
from broker.attacks.live.browser import Page
from broker.attacks.live.listener import Listener
from broker.attacks.live.troupe import catalogue
from broker.attacks.live.troupe import connection_of
from broker.attacks.live.troupe import metadata
from broker.exchange.fetching import NotFetched
from broker.exchange.fetching import fetch
from broker.exchange.own import system_clock
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.network_metadata import read_network_metadata
from broker.saml.policy import LIMITS
from broker.settings import MAKELAAR
from broker.storage.network import SqlNetworkStore

_TAKEN, _REFUSED = 200, 422


def has_network(makelaar: Assembled) -> bool:
    """Whether it took network metadata, which must not be played with."""
    return SqlNetworkStore(makelaar.engine).last() is not None


def hand_over(makelaar: Assembled, listener: Listener, draft: Draft) -> Page:
    """Register a document; the findings as a page, with status 200 when it was taken and 422 when it was not."""
    handed = draft.handed or Handed("metadata")
    began = perf_counter()
    try:
        data = _fetched(makelaar, listener, draft, handed.url) if handed.url else draft.message
        take = _take_network if handed.kind == "network" else _register
        status, text = _TAKEN, "\n".join(str(finding) for finding in take(makelaar, draft, handed, data))
    except (DocumentRefused, NotFetched) as refused:
        status, text = _REFUSED, str(refused)
    return Page(handed.kind, status, {}, text.encode(), perf_counter() - began)


def _fetched(makelaar: Assembled, listener: Listener, draft: Draft, url: str) -> bytes:
    http = draft.http
    body = draft.message if http.instead is None else http.instead
    listener.published[urlsplit(url).path] = (http, body)
    return fetch(url, LIMITS.metadata_bytes, makelaar.settings.fetch_networks, here=True)


def _register(makelaar: Assembled, draft: Draft, handed: Handed, data: bytes) -> tuple[Finding, ...]:
    actor, role = draft.said_by, Role(handed.role)
    described, offered = data, catalogue(actor) if role is Role.DV else None
    if handed.kind == "catalogue":
        described, offered = metadata(actor, draft.scene.listener), data
    return register(
        makelaar.registry,
        role,
        described,
        offered,
        makelaar_oin=MAKELAAR.oin,
        now=system_clock(),
        connection=connection_of(actor.name),
        lowest=makelaar.settings.lowest_level,
        new_keys=False,
    )[1]


def _take_network(makelaar: Assembled, draft: Draft, handed: Handed, data: bytes) -> tuple[Finding, ...]:
    """Take editions one after another; whatever came with them is forgotten again, so that only findings remain."""
    store, certificates = SqlNetworkStore(makelaar.engine), [draft.scene.actor("bo").certificate]
    try:
        for edition in (*handed.earlier, data):
            before = store.partners()
            now = system_clock()
            try:
                outcome = take_edition(store, read_network_metadata(edition, certificates, now), now)
            except DocumentRefused:
                if store.partners() != before:
                    raise AssertionError("a refused edition changed partners") from None
                raise
        return outcome.findings
    finally:
        store.forget()
