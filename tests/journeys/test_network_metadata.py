"""Authenticatiediensten and registers come and go with the network metadata, while the makelaar runs."""

import time
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from lxml import etree

from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.ports import Role
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from tests.beheerorganisatie import ADS
from tests.beheerorganisatie import KEY
from tests.beheerorganisatie import MRS
from tests.beheerorganisatie import edition
from tests.beheerorganisatie import entity
from tests.beheerorganisatie import entity_id
from tests.beheerorganisatie import group
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import SUCCESS
from tests.journeys.test_ad_list import listed
from tests.journeys.visitor import Visitor
from tests.keys import certificate_pem

ANKER = entity_id("AD", 77)
OURS = [AD_SLEUTEL.entity_id, AD_TOEGANG.entity_id]


class Taker:
    """The operator of the makelaar, who takes editions of the network metadata."""

    def __init__(self, box: Box, folder: Path) -> None:
        self._box = box
        self._edition, self._certificate = folder / "network.xml", folder / "bo.crt"
        self._certificate.write_bytes(certificate_pem(KEY))

    def take(self, *groups: str, number: int) -> str:
        """Take an edition; what the command printed."""
        self._edition.write_bytes(edition(*groups, number=number))
        done = self._box.command(
            "network", "add", str(self._edition), "--certificate", str(self._certificate), "--force"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def taker(box: Box, tmp_path: Path) -> Iterator[Taker]:
    yield Taker(box, tmp_path)
    assert box.command("network", "remove", "--yes").returncode == 0


def shown(visitor: Visitor) -> list[str]:
    """The authenticatiediensten on our list at this moment."""
    return list(visitor.ask(documents.PLAIN).page.xpath("//input[@name='ad']/@value"))


@pytest.mark.rule("7.5.07")
def test_an_authenticatiedienst_appears_and_vanishes_without_a_restart(
    box: Box, dv: ForeignDv, taker: Taker, visitor: Visitor
) -> None:
    assert shown(visitor) == OURS

    taker.take(group(ADS, entity("AD", 77, "Anker")), group(MRS, entity("MR", 77)), number=7)

    assert shown(visitor) == listed(box, dv, documents.PLAIN)[1] == [ANKER, *OURS]
    visitor.browser.stops.append("https://ad77.example/")
    visitor.press("choose", ad=ANKER)
    assert visitor.location.startswith("https://ad77.example/sso?SAMLart=")

    taker.take(group(MRS, entity("MR", 77)), number=8)

    assert shown(visitor) == listed(box, dv, documents.PLAIN)[1] == OURS


@pytest.fixture
def by_network_only(box: Box, taker: Taker) -> Iterator[Taker]:
    """The makelaar no longer knows an authenticatiedienst and a register of the box of its own account."""
    engine = make_engine(box.settings.database(MAKELAAR))
    registry = SqlRegistry(engine)
    parties = (AD_SLEUTEL, MR_EEN)
    own = {party: registry.find(party.entity_id) for party in parties}
    for party in parties:
        registry.remove(party.entity_id)
    yield taker
    for party, record in own.items():
        assert record is not None
        registry.remove(party.entity_id)
        register(
            registry, party.role, record.metadata, None, makelaar_oin=MAKELAAR.oin, now=datetime.now(UTC)
        )
    engine.dispose()


@pytest.mark.rule("7.5.05")
def test_a_whole_login_by_parties_that_only_the_network_metadata_brought(
    box: Box, by_network_only: Taker, visitor: Visitor
) -> None:
    assert shown(visitor) == OURS[1:]
    dienst, mr = (
        etree.tostring(
            etree.fromstring(requests.get(box.url(party) + paths.METADATA, timeout=20).content)
        ).decode()
        for party in (AD_SLEUTEL, MR_EEN)
    )

    printed = by_network_only.take(
        group(ADS, group("urn:etoegang:1.13:T:3", dienst)), group(MRS, mr), number=7
    )

    assert f"appeared: {AD_SLEUTEL.entity_id}" in printed
    visitor.complete("werknemer", documents.DEFAULT)
    assert visitor.received().status == SUCCESS


@pytest.mark.rule("7.5.03")
def test_past_its_end_an_authenticatiedienst_is_gone_without_anybody_doing_anything(
    box: Box, visitor: Visitor
) -> None:
    engine = make_engine(box.settings.database(MAKELAAR))
    registry = SqlRegistry(engine)
    now = datetime.now(UTC).replace(microsecond=0)
    end = now + timedelta(seconds=10)
    limited = etree.fromstring(entity("AD", 77, "Anker", end=end))
    limited.remove(limited[0])
    register(registry, Role.AD, etree.tostring(limited), None, makelaar_oin=MAKELAAR.oin, now=now)
    try:
        assert shown(visitor) == [ANKER, *OURS]
        time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()) + 0.2)
        assert shown(visitor) == OURS
    finally:
        registry.remove(ANKER)
        engine.dispose()
