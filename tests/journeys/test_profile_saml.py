"""Software that knows SAML but not eHerkenning logs people in (profile ``saml``)."""

import base64
from collections.abc import Iterator

import pytest

from broker.network import cast
from tests.box import Box
from tests.journeys import documents
from tests.journeys.plain_dv import PlainDv
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.received import Posted
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PREFIX = "urn:etoegang:core:assurance-class:"


@pytest.fixture(scope="module")
def plain_dv(box: Box) -> Iterator[PlainDv]:
    """A connected dienstverlener that takes its answers by POST, unencrypted."""
    connected = PlainDv(
        box, "dv", "00000099000000006200", "http://localhost:9/plain", options=("--profile", "saml")
    )
    connected.connect()
    yield connected
    connected.disconnect()


@pytest.fixture
def visitor(box: Box, plain_dv: PlainDv, ledger: Ledger) -> Visitor:
    """A person with a fresh browser."""
    return Visitor(box, plain_dv, ledger)


def posted(visitor: Visitor) -> Posted:
    assert visitor.answer is not None
    raw = base64.b64decode(visitor.posting["SAMLResponse"])
    return Posted(visitor.answer, visitor.dv.name, raw)


def values(received: Posted) -> dict[str, list[str | None]]:
    attributes = received.assertion.findall("saml:AttributeStatement/saml:Attribute", NS)
    return {
        attribute.get("Name", ""): [each.text for each in attribute.findall("saml:AttributeValue", NS)]
        for attribute in attributes
    }


def test_the_answer_comes_by_post_and_says_everything_in_plain_strings(visitor: Visitor) -> None:
    visitor.complete("werknemer")
    received = posted(visitor)
    assert received.status == SUCCESS
    assert visitor.posting["action"] == f"{visitor.dv.url}/post"
    assert visitor.posting["RelayState"] == "state-1"
    found = values(received)
    assert found["KvKnr"] == [cast.BAKKERIJ.kvk]
    assert found["LoA"] == [PREFIX + "loa3"]
    assert found["ServiceID"] == [documents.service_id(visitor.dv.oin, documents.DEFAULT)]
