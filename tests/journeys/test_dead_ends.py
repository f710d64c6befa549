"""Requests of which nobody is proven to be the sender: a page, a record, and no message to anyone."""

import base64
import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from broker.assembly.partner_index import index_of
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from tests.box import Box
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.foreign_dv import Request
from tests.journeys.visitor import Visitor

REFERENCE = re.compile(r"EH-[0-9A-Z]{4}-[0-9A-Z]{4}")


def assert_dead_end(visitor: Visitor, code: str, recorded: Recorded) -> None:
    """A page that leads nowhere, with the code and a reference that is on record."""
    assert visitor.status == 400
    assert code in visitor.text
    assert not [form for form in visitor.page.forms if form.method.upper() == "POST"]
    assert not visitor.location
    assert not visitor.session.cookies
    assert visitor.dv.url not in (visitor.answer.text if visitor.answer else "")
    (reference,) = set(REFERENCE.findall(visitor.text))
    assert recorded("reference", reference) == [(reference, code)]


@pytest.mark.rule("2.38", "7.2.03", "8.28")
@pytest.mark.parametrize("binding", ["post", "redirect"])
@pytest.mark.parametrize(
    "issuer",
    [
        "urn:etoegang:DV:00000099000000006900:entities:9001",
        "URN:ETOEGANG:DV:00000099000000006000:ENTITIES:9001",
        " urn:etoegang:DV:00000099000000006000:entities:9001",
        AD_SLEUTEL.entity_id,
    ],
    ids=["nobody", "capitals", "white space", "in another role"],
)
def test_an_issuer_that_is_no_dienstverlener_of_ours(
    visitor: Visitor, recorded: Recorded, issuer: str, binding: str
) -> None:
    visitor.send(visitor.dv.ask(issuer=issuer), binding=binding)
    assert_dead_end(visitor, "partij-onbekend", recorded)


@pytest.fixture
def expired(box: Box, dv: ForeignDv) -> Iterator[None]:
    """The metadata of the dienstverlener has come to its end since it was added."""
    engine = make_engine(box.settings.database(MAKELAAR))
    registry = SqlRegistry(engine)
    record = registry.find(dv.entity_id)
    assert record is not None
    root = etree.fromstring(record.metadata)
    root.remove(root[0])
    root.set("validUntil", "2025-01-01T00:00:00Z")
    registry.save(replace(record, metadata=etree.tostring(root), content_hash="e" * 64))
    yield
    registry.save(record, index_of(record, MAKELAAR.oin))
    engine.dispose()


@pytest.mark.rule("7.5.03")
@pytest.mark.usefixtures("expired")
@pytest.mark.parametrize("binding", ["post", "redirect"])
def test_a_dienstverlener_whose_metadata_has_expired(
    box: Box, visitor: Visitor, recorded: Recorded, binding: str
) -> None:
    visitor.send(visitor.dv.ask(), binding=binding)
    assert_dead_end(visitor, "metadata-verlopen", recorded)
    logged = [line for line in box.logs().splitlines() if '"metadata-verlopen"' in line]
    assert any("the metadata of the partner has expired" in line for line in logged)


@pytest.mark.rule("2.22", "8.28")
@pytest.mark.parametrize(
    "change",
    [
        {"Destination": None},
        {"Destination": ""},
        {"Destination": "http://localhost/sso/1.13"},
        {"Destination": "https://hm.example.nl/sso/1.13"},
        {"Destination": "{}/"},
        {"Destination": "{}?"},
        {"Destination": "{}#x"},
    ],
    ids=lambda change: str(change["Destination"]),
)
def test_a_destination_that_is_not_this_endpoint(
    visitor: Visitor, recorded: Recorded, change: dict[str, str | None]
) -> None:
    destination = change["Destination"]
    visitor.ask(Destination=destination and destination.format(visitor.dv.sso))
    assert_dead_end(visitor, "bestemming-onjuist", recorded)


@pytest.mark.rule("2.29", "2.30", "2.31", "8.28")
@pytest.mark.parametrize(
    "consumer",
    [
        {"AssertionConsumerServiceIndex": "9"},
        {"AssertionConsumerServiceIndex": "1"},
        {"AssertionConsumerServiceIndex": "0"},
        {"AssertionConsumerServiceIndex": "3", "AssertionConsumerServiceURL": "http://localhost:9/acs"},
        {"AssertionConsumerServiceURL": "https://evil.example/acs"},
        {"AssertionConsumerServiceURL": "http://localhost:9/acs/"},
        {"AssertionConsumerServiceURL": "http://localhost:9/acs/more"},
        {"AssertionConsumerServiceURL": "http://LOCALHOST:9/acs"},
        {"AssertionConsumerServiceURL": "http://user@localhost:9/acs"},
        {"AssertionConsumerServiceURL": "http://localhost:10/acs"},
        {"AssertionConsumerServiceURL": "http://localhost:9/post"},
        {"AssertionConsumerServiceURL": "javascript:alert(1)"},
        {"AssertionConsumerServiceURL": ""},
    ],
    ids=str,
)
def test_a_consumer_that_is_not_in_the_metadata(
    visitor: Visitor, recorded: Recorded, consumer: dict[str, Any]
) -> None:
    visitor.ask(**consumer)
    assert_dead_end(visitor, "acs-onbekend", recorded)


def _without_signature(dv: ForeignDv, request: Request) -> dict[str, str]:
    return {"SAMLRequest": base64.b64encode(request.text.encode()).decode()}


def _tampered(dv: ForeignDv, request: Request) -> dict[str, str]:
    signed = dv.sign(request.text, request.id).replace(b'ForceAuthn="true"', b'ForceAuthn="false"')
    return {"SAMLRequest": base64.b64encode(signed).decode()}


@pytest.mark.rule("2.41", "8.28", "9.01", "9.07")
@pytest.mark.parametrize(
    "make",
    [_without_signature, _tampered, lambda dv, request: dv.form(request, key="nobody")],
    ids=["unsigned", "tampered", "by another key"],
)
def test_a_signature_that_does_not_hold(
    visitor: Visitor, dv: ForeignDv, recorded: Recorded, make: Callable[[ForeignDv, Request], dict[str, str]]
) -> None:
    visitor.post(dv.sso, make(dv, dv.ask()))
    assert_dead_end(visitor, "handtekening-ongeldig", recorded)


@pytest.mark.rule("9.07")
def test_the_key_of_another_dienstverlener_does_not_do(
    visitor: Visitor, dv: ForeignDv, other_dv: ForeignDv, recorded: Recorded
) -> None:
    visitor.post(dv.sso, dv.form(dv.ask(), key=other_dv.name))
    assert_dead_end(visitor, "handtekening-ongeldig", recorded)


@pytest.mark.rule("2.42", "8.28", "9.04")
@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.replace("RelayState=one", "RelayState=two"),
        lambda query: query.replace("RelayState=one&", ""),
        lambda query: query.replace("rsa-sha256", "rsa-sha1"),
        lambda query: query.replace("xmldsig-more%23rsa-sha256", "xmldsig-more%23hmac-sha256"),
        lambda query: query.rpartition("&")[0],
        lambda query: re.sub("SigAlg=[^&]*&", "", query),
        lambda query: re.sub("Signature=.*", "Signature=AAAA", query),
    ],
    ids=[
        "RelayState changed",
        "RelayState gone",
        "SHA-1",
        "HMAC",
        "no Signature",
        "no SigAlg",
        "other Signature",
    ],
)
def test_a_query_signature_that_does_not_hold(
    visitor: Visitor, dv: ForeignDv, recorded: Recorded, change: Callable[[str], str]
) -> None:
    visitor.open(f"{dv.sso}?{change(dv.query(dv.ask(), 'one'))}")
    assert_dead_end(visitor, "handtekening-ongeldig", recorded)


def test_relay_state_that_was_put_beside_a_signed_query(
    visitor: Visitor, dv: ForeignDv, recorded: Recorded
) -> None:
    visitor.open(f"{dv.sso}?{dv.query(dv.ask())}&RelayState=mine")
    assert_dead_end(visitor, "handtekening-ongeldig", recorded)


def test_a_signature_in_the_message_as_well_as_in_the_query(
    visitor: Visitor, dv: ForeignDv, recorded: Recorded
) -> None:
    request = dv.ask()
    visitor.open(f"{dv.sso}?{dv.query(Request(request.id, dv.sign(request.text, request.id).decode()))}")
    assert_dead_end(visitor, "handtekening-ongeldig", recorded)


@pytest.mark.rule("2.16", "2.18", "2.19")
@pytest.mark.parametrize(
    "change",
    [
        {"Version": "1.1"},
        {"ID": "1digit"},
        {"ID": "_" + "x" * 10_000},
        {"ID": None},
        {"IssueInstant": "yesterday"},
        {"IssueInstant": "2026-01-01T00:00:00"},
        {"Unknown": "x"},
        {"ForceAuthn": "maybe"},
        {"AttributeConsumingServiceIndex": "70000"},
        {"inside": "<saml:Issuer>x</saml:Issuer>"},
        {"inside": "<x xmlns='urn:x'/>"},
        {"inside": "text"},
    ],
    ids=lambda change: str(change)[:50],
)
def test_a_request_that_is_no_valid_message(
    visitor: Visitor, recorded: Recorded, change: dict[str, Any]
) -> None:
    request = visitor.dv.ask(**change)
    visitor.send(Request(request.id, request.text), binding="redirect")
    assert_dead_end(visitor, "bericht-ongeldig", recorded)
