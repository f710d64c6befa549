"""GET /listAD.xml: who is on it, in which order, and when it is made anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from flask import Flask
from lxml import etree
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.assembly.onboarding import make_record
from broker.assembly.partner_index import index_of
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.makelaar import listing
from broker.makelaar.app import create_app
from broker.ports import Role
from broker.saml.ad_list import make_ad_list
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_POST
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.names import tag
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.exchange.builders import service_of
from tests.keys import signer

INSTANCE = service_of("dv").instance_uuid
LOA = {level.short: level for level in LevelOfAssurance}


@dataclass
class Lister:
    """A makelaar with one dienstverlener, and whoever asks it for the list."""

    app: Flask
    registry: SqlRegistry

    def dienst(
        self,
        number: int,
        name: str,
        level: str = "loa4",
        formats: tuple[str, ...] = (INTERNAL_PSEUDONYM,),
        role: Role = Role.AD,
    ) -> str:
        """Connect an authenticatiedienst; its entityID."""
        publication = Publication(
            entity_id=f"urn:etoegang:{role}:0000009900000000{number:04}:entities:9001",
            document_id=random_id(),
            names={"nl": name, "en": f"{number} {name}"},
            url="https://ad.example.nl",
            sign_on=(Endpoint(BINDING_POST, f"https://ad.example.nl/{number}"),),
            level=LOA[level],
            name_id_formats=formats,
        )
        self.registry.save(make_record(role, make_metadata(publication, signer("ad")), None, system_clock()))
        return publication.entity_id

    def ask(self, *, etag: str | None = None, **parameters: str) -> TestResponse:
        """Ask for the list."""
        headers = {} if etag is None else {"If-None-Match": etag}
        return self.app.test_client().get(paths.AD_LIST, query_string=parameters, headers=headers)

    def names(self, **parameters: str) -> list[str]:
        """The Dutch names on the list, in order."""
        answer = self.ask(**{"ServiceUUID": INSTANCE, **parameters})
        assert answer.status_code == 200, answer.text
        found = etree.fromstring(answer.data).iterfind(f".//{{{MD}}}OrganizationDisplayName")
        return [str(each.text) for each in found if "nl" in each.attrib.values()]


@pytest.fixture
def lister(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lister]:
    settings = Settings(data=tmp_path)
    make_development_keys(settings, MAKELAAR)
    publish(settings, MAKELAAR)
    app = create_app(settings)
    engine = make_engine(settings.database(MAKELAAR))
    registry = SqlRegistry(engine)
    record = make_record(Role.DV, metadata_of("dv"), catalogue_of("dv"), system_clock())
    registry.save(record, index_of(record, MAKELAAR.oin))
    yield Lister(app, registry)
    engine.dispose()


@pytest.mark.rule("1.8.07", "11.02")
def test_they_stand_in_alphabetical_order_without_regard_to_capitals(lister: Lister) -> None:
    for number, name in enumerate(("zee", "Anker", "baken", "Boot"), start=2000):
        lister.dienst(number, name)

    assert lister.names() == ["Anker", "baken", "Boot", "zee"]


@pytest.mark.rule("1.8.04", "7.5.10", "11.03")
def test_only_those_are_listed_that_can_deliver_level_and_identifier(lister: Lister) -> None:
    lister.dienst(2000, "Hoog", "loa4")
    lister.dienst(2001, "Net genoeg", "loa3")
    lister.dienst(2002, "Te laag", "loa2plus")
    lister.dienst(2003, "Alleen BSN", formats=("urn:etoegang:1.12:EntityConcernedID:BSN",))
    lister.dienst(2004, "Zwijgt", formats=())
    lister.dienst(2005, "Register", role=Role.MR)

    assert lister.names() == ["Hoog", "Net genoeg", "Zwijgt"]
    assert lister.names(RequestedAuthnContext=LOA["loa2"].urn) == ["Hoog", "Net genoeg", "Te laag", "Zwijgt"]


@pytest.mark.rule("1.8.02")
@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "ServiceUUID"),
        (f"ServiceUUID={INSTANCE}&ServiceUUID={INSTANCE}", "once"),
        (f"ServiceUUID={INSTANCE}&RequestedAuthnContext={LOA['loa4'].urn}", "RequestedAuthnContext"),
        ("ServiceUUID=%ff%fe", "ServiceUUID"),
        ("ServiceUUID=\u00e9", "ServiceUUID"),
        ("&".join("a=1" for _ in range(9)), "too many"),
    ],
)
def test_a_question_that_does_not_fit_is_answered_with_its_rule(
    lister: Lister, query: str, word: str
) -> None:
    lister.dienst(2000, "Anker")

    answer = lister.app.test_client().get(f"{paths.AD_LIST}?{query}")

    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert word in answer.text


def test_when_nobody_can_deliver_there_is_no_list(lister: Lister) -> None:
    lister.dienst(2000, "Te laag", "loa2")

    answer = lister.ask(ServiceUUID=INSTANCE)

    assert answer.status_code == 404
    assert "no authenticatiedienst can deliver" in answer.text


@pytest.mark.limit("ad_list", "ad_list_kept")
def test_it_may_be_kept_for_a_while_and_asked_for_again_cheaply(lister: Lister) -> None:
    lister.dienst(2000, "Anker")
    first = lister.ask(ServiceUUID=INSTANCE)
    assert first.mimetype == "application/samlmetadata+xml"
    assert first.headers["Cache-Control"] == "public, max-age=600"
    assert "Pragma" not in first.headers
    until = datetime.fromisoformat(etree.fromstring(first.data).get("validUntil", ""))
    assert timedelta(hours=22) < until - datetime.now(UTC) <= timedelta(hours=24)

    again = lister.ask(ServiceUUID=INSTANCE, etag=first.headers["ETag"])

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    lister.dienst(2001, "Baken")
    changed = lister.ask(ServiceUUID=INSTANCE, etag=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_another_level_is_another_list(lister: Lister) -> None:
    lister.dienst(2000, "Anker")

    assert (
        lister.ask(ServiceUUID=INSTANCE).headers["ETag"]
        != lister.ask(ServiceUUID=INSTANCE, RequestedAuthnContext=LOA["loa2"].urn).headers["ETag"]
    )


def test_it_is_signed_once_for_as_long_as_nothing_changes(
    lister: Lister, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Mock(wraps=make_ad_list)
    monkeypatch.setattr("broker.makelaar.listing.make_ad_list", counted)
    lister.dienst(2000, "Anker")

    assert lister.ask(ServiceUUID=INSTANCE).data == lister.ask(ServiceUUID=INSTANCE).data
    assert counted.call_count == 1
    lister.dienst(2000, "Anders")
    assert lister.names() == ["Anders"]
    assert counted.call_count == 2


def test_what_is_kept_is_bounded(lister: Lister, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_KEPT", 2)
    for number, name in enumerate(("a", "b", "c", "d")):
        lister.dienst(2000, name)
        assert lister.names() == [name], number


@pytest.mark.rule("1.8.05")
def test_an_announced_change_is_listed_beforehand(lister: Lister) -> None:
    entity_id = lister.dienst(2000, "Anker")
    record = lister.registry.find(entity_id)
    assert record is not None
    switch = datetime.now(UTC) + timedelta(days=3)
    old, new = etree.fromstring(record.metadata), etree.fromstring(record.metadata)
    for element in (old, new):
        element.remove(element[0])
    old.set("validUntil", switch.isoformat())
    new.set("ID", "_other")
    new.set(tag(METADATA_EXTENSION, "validFrom"), switch.isoformat())
    both = etree.Element(tag(MD, "EntitiesDescriptor"))
    both.extend([new, old])
    lister.registry.save(replace(record, metadata=etree.tostring(both), content_hash="1" * 64))

    assert lister.names() == ["Anker", "Anker"]
    listed = etree.fromstring(lister.ask(ServiceUUID=INSTANCE).data)
    assert [each.get("validUntil") is not None for each in listed.iterfind(tag(MD, "EntityDescriptor"))] == [
        True,
        False,
    ]


def test_one_that_has_expired_is_not_listed(lister: Lister) -> None:
    lister.dienst(2001, "Baken")
    record = lister.registry.find(lister.dienst(2000, "Anker"))
    assert record is not None
    expired = etree.fromstring(record.metadata)
    expired.remove(expired[0])
    expired.set("validUntil", "2025-01-01T00:00:00Z")
    lister.registry.save(replace(record, metadata=etree.tostring(expired), content_hash="1" * 64))

    assert lister.names() == ["Baken"]
