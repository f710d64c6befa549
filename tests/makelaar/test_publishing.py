"""The catalogue that the makelaar publishes keeps up with what comes in force by itself."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Response
from lxml import etree

from broker.makelaar.context import Makelaar
from broker.makelaar.publishing import NetworkCatalogue
from broker.saml.keys import Certificate
from broker.saml.names import CATALOGUE
from broker.saml.names import tag
from tests.exchange.builders import ENTITY_IDS
from tests.exchange.builders import Network
from tests.exchange.builders import record_of
from tests.exchange.test_rollover import SWITCH
from tests.exchange.test_rollover import changing
from tests.exchange.test_rollover import limited
from tests.exchange.test_rollover import unsigned
from tests.keys import certificate
from tests.saml.builders import NOW


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture(autouse=True)
def keys_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the tests were made today, and the clock of this network stands earlier."""
    monkeypatch.setattr(Certificate, "is_in_force", lambda *_: True)


@pytest.fixture
def published(network: Network) -> NetworkCatalogue:
    assembled = SimpleNamespace(registry=network.registries["hm"])
    return NetworkCatalogue(cast(Makelaar, SimpleNamespace(assembled=assembled, station=network["hm"])))


def oins(answer: Response) -> list[str | None]:
    providers = etree.fromstring(answer.data).iterfind(tag(CATALOGUE, "ServiceProvider"))
    return [each.findtext(tag(CATALOGUE, "ServiceProviderID")) for each in providers]


def oin(name: str) -> str:
    return ENTITY_IDS[name].split(":")[3]


def without_certificate(catalogue: bytes) -> bytes:
    root = etree.fromstring(catalogue)
    for holder in list(root.iter(tag(CATALOGUE, "ServiceCertificate"))):
        parent = holder.getparent()
        assert parent is not None
        parent.remove(holder)
    return etree.tostring(root)


def test_it_is_made_once_for_as_long_as_nothing_changes(
    network: Network, published: NetworkCatalogue
) -> None:
    assert published.serve().data == published.serve().data
    assert oins(published.serve()) == [oin("dv"), oin("dv2")]


def test_a_dienstverlener_that_was_announced_appears_at_that_moment(
    network: Network, published: NetworkCatalogue
) -> None:
    announced = etree.tostring(limited("dv", "dv", SWITCH, None))
    network.registries["hm"].save(replace(record_of("dv"), metadata=announced, content_hash="4" * 64))
    assert oins(published.serve()) == [oin("dv2")]

    network.clock.forward(SWITCH - NOW)

    assert oins(published.serve()) == [oin("dv"), oin("dv2")]


def test_past_the_switch_registers_encrypt_for_the_new_key(
    network: Network, published: NetworkCatalogue
) -> None:
    record = changing("dv", "mallory")
    catalogue = without_certificate(unsigned(record))
    network.registries["hm"].save(replace(record, catalogue=catalogue, content_hash="5" * 64))
    old, new = certificate("dv").base64().encode(), certificate("mallory").base64().encode()
    before = published.serve().data
    assert old in before
    assert new not in before

    network.clock.forward(SWITCH - NOW)

    after = published.serve().data
    assert new in after
    assert old not in after
