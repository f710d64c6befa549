"""An edition of the network metadata is taken whole or not at all, and harms nobody who is not in it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from broker.assembly.network import Outcome
from broker.assembly.network import take_edition
from broker.assembly.onboarding import make_record
from broker.domain.connection import Connection
from broker.exchange.partners import Partners
from broker.ports import EditionTaken
from broker.ports import Role
from broker.ports import Source
from broker.saml.errors import MetadataNotInForce
from broker.saml.errors import UnknownPartner
from broker.saml.findings import DocumentRefused
from broker.saml.network_metadata import read_network_metadata
from broker.storage.engine import make_engine
from broker.storage.migrations import upgrade
from broker.storage.network import SqlNetworkStore
from broker.storage.registry import SqlRegistry
from tests.beheerorganisatie import ADS
from tests.beheerorganisatie import HMS
from tests.beheerorganisatie import KEY
from tests.beheerorganisatie import MRS
from tests.beheerorganisatie import edition
from tests.beheerorganisatie import entity
from tests.beheerorganisatie import entity_id
from tests.beheerorganisatie import group
from tests.keys import certificate

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
AD1, AD2, AD3, MR1 = entity_id("AD"), entity_id("AD", 2), entity_id("AD", 3), entity_id("MR")


class Makelaar:
    """A makelaar that takes editions."""

    def __init__(self, engine: Engine) -> None:
        self.registry = SqlRegistry(engine)
        self.store = SqlNetworkStore(engine)
        self.now = NOW
        self.partners = Partners(self.registry, "00000099000000001000", clock=lambda: self.now)

    def take(self, data: bytes, *, may_shrink: bool = False) -> Outcome:
        document = read_network_metadata(data, [certificate(KEY)], self.now)
        return take_edition(self.store, document, self.now, may_shrink=may_shrink)

    def refusal(self, data: bytes) -> str:
        before = self.known()
        with pytest.raises(DocumentRefused) as caught:
            self.take(data)
        assert self.known() == before
        return str(caught.value)

    def known(self) -> list[str]:
        return [each.entity_id for role in (Role.AD, Role.MR) for each in self.partners.in_role(role)]


@pytest.fixture
def makelaar(tmp_path: Path) -> Iterator[Makelaar]:
    engine = make_engine(f"sqlite:///{tmp_path}/party.db")
    upgrade(engine)
    yield Makelaar(engine)
    engine.dispose()


def of(*entities: str, number: int = 7, mr: str | None = None) -> bytes:
    """An edition with these authenticatiediensten and one register."""
    return edition(group(ADS, *entities), group(MRS, mr or entity("MR")), number=number)


@pytest.mark.rule("7.5.05", "7.5.07")
def test_who_is_in_it_appears(makelaar: Makelaar) -> None:
    outcome = makelaar.take(of(entity("AD"), entity("AD", 2)))

    assert makelaar.known() == [AD1, AD2, MR1]
    assert outcome == Outcome("urn:etoegang:1.13:metadata:T:7", (AD1, AD2, MR1), (), (), 0, (), (), ())
    record = makelaar.registry.find(AD1)
    assert record is not None
    assert (record.source, record.role) == (Source.NETWORK, Role.AD)


def test_the_next_one_changes_what_changed_and_removes_who_is_gone(makelaar: Makelaar) -> None:
    register = entity("MR")
    makelaar.take(of(entity("AD"), entity("AD", 2), mr=register))

    outcome = makelaar.take(of(entity("AD", key="mallory"), entity("AD", 3), number=8, mr=register))

    assert (outcome.appeared, outcome.changed, outcome.vanished, outcome.unchanged) == (
        (AD3,),
        (AD1,),
        (AD2,),
        1,
    )
    assert makelaar.known() == [AD1, AD3, MR1]
    assert makelaar.partners.find(AD1, Role.AD).signing == (certificate("mallory"),)
    last = makelaar.store.last()
    assert last is not None
    assert (last.sequence, last.taken_at, last.refresh_before) == (8, NOW, NOW + 7 * DAY)


def test_the_same_one_again_changes_nothing(makelaar: Makelaar) -> None:
    data = of(entity("AD"), entity("AD", 2))
    makelaar.take(data)
    hashes = makelaar.registry.content_hashes(Role.AD)

    outcome = makelaar.take(data)

    assert (outcome.appeared, outcome.changed, outcome.vanished, outcome.unchanged) == ((), (), (), 3)
    assert makelaar.registry.content_hashes(Role.AD) == hashes


@pytest.mark.rule("7.5.12")
def test_the_number_does_not_go_back(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD"), number=8))

    assert "the number goes back" in makelaar.refusal(of(entity("AD"), number=7))
    older = edition(group(ADS, entity("AD")), name="urn:etoegang:1.12:metadata:T:99")
    assert "the number goes back" in makelaar.refusal(older)
    makelaar.take(
        edition(group(ADS, entity("AD")), group(MRS, entity("MR")), name="urn:etoegang:1.14:metadata:T:1")
    )


@pytest.mark.rule("7.5.12")
def test_one_number_has_one_content(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD")))

    assert "another content" in makelaar.refusal(of(entity("AD"), entity("AD", 2)))


def test_an_edition_of_another_environment_is_refused(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD")))

    assert "environment" in makelaar.refusal(
        edition(group(ADS, entity("AD")), name="urn:etoegang:1.13:metadata:P:9")
    )


def test_one_that_leaves_out_more_than_half_is_refused_unless_it_may(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD"), entity("AD", 2), entity("AD", 3)))
    shrunk = edition(group(ADS, entity("AD")), number=8)

    assert "leaves out 3 of the 4" in makelaar.refusal(shrunk)
    makelaar.take(shrunk, may_shrink=True)
    assert makelaar.known() == [AD1]


def test_one_that_leaves_out_half_is_taken(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD"), entity("AD", 2), entity("AD", 3)))

    makelaar.take(of(entity("AD"), number=8))

    assert makelaar.known() == [AD1, MR1]


@pytest.mark.parametrize("groups", [(group(HMS, entity("HM")),), (group(ADS, group("urn:x", "")),)])
def test_one_with_nobody_in_it_is_refused(makelaar: Makelaar, groups: tuple[str, ...]) -> None:
    assert "nobody in it" in makelaar.refusal(edition(*groups))
    assert makelaar.store.last() is None


def test_what_an_operator_registered_stays_as_the_operator_wants_it(makelaar: Makelaar) -> None:
    own = make_record(Role.AD, entity("AD", 2, key="mallory").encode(), None, NOW)
    makelaar.registry.save(own)

    outcome = makelaar.take(of(entity("AD"), entity("AD", 2)))

    assert (outcome.own, outcome.appeared) == ((AD2,), (AD1, MR1))
    assert makelaar.registry.find(AD2) == own
    makelaar.take(of(entity("AD"), number=8))
    assert makelaar.registry.find(AD2) == own


def test_not_even_when_the_operator_does_so_at_that_very_moment(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD"), entity("AD", 2)))
    brought = makelaar.registry.find(AD2)
    last = makelaar.store.last()
    assert brought is not None
    assert last is not None
    own = replace(brought, source=Source.OPERATOR, content_hash="9" * 64)
    makelaar.registry.save(own)

    makelaar.store.take(replace(last, content_hash="8" * 64), last, [brought], [])
    makelaar.store.take(last, replace(last, content_hash="8" * 64), [], [AD2])

    assert makelaar.registry.find(AD2) == own


def test_of_two_processes_at_once_one_takes_it(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD")))
    last = makelaar.store.last()
    assert last is not None
    newer = replace(last, sequence=8, content_hash="8" * 64)
    makelaar.store.take(newer, last, [], [])

    with pytest.raises(EditionTaken):
        makelaar.store.take(replace(last, sequence=9, content_hash="9" * 64), last, [], [AD1])
    with pytest.raises(EditionTaken):
        makelaar.store.take(newer, None, [], [AD1])
    assert makelaar.store.last() == newer
    assert AD1 in makelaar.known()


def test_what_was_chosen_for_a_partner_outlives_an_edition(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD")))
    brought = makelaar.registry.find(AD1)
    assert brought is not None
    makelaar.registry.save(replace(brought, connection=Connection(mutual_tls=True), content_hash="9" * 64))

    makelaar.take(of(entity("AD", key="mallory"), number=8))

    found = makelaar.partners.find(AD1, Role.AD)
    assert (found.connection.mutual_tls, found.signing) == (True, (certificate("mallory"),))


@pytest.mark.parametrize(
    "bad",
    [
        entity("AD", 2, level=None),
        entity("AD", 2).replace("md:IDPSSODescriptor", "md:AttributeAuthorityDescriptor"),
        entity("AD", 2).replace("https://ad2.example/sso", "javascript:x"),
        entity("AD", 2, end=NOW - DAY),
        entity("AD", 2) + entity("AD", 2),
        entity("AD", 2, start=NOW) + entity("AD", 2) + entity("AD", 2, start=NOW + DAY),
    ],
    ids=["no level", "another role", "bad address", "expired", "twice alike", "three times"],
)
def test_one_bad_descriptor_harms_nobody_else_and_the_last_good_copy_goes_on(
    makelaar: Makelaar, bad: str
) -> None:
    makelaar.take(of(entity("AD"), entity("AD", 2)))
    good = makelaar.registry.find(AD2)

    outcome = makelaar.take(of(bad, entity("AD", 3), number=8))

    assert (outcome.unusable, outcome.appeared, outcome.vanished) == ((AD2,), (AD3,), (AD1,))
    assert any(AD2 in finding.reason for finding in outcome.findings)
    assert makelaar.registry.find(AD2) == good
    assert makelaar.known() == [AD2, AD3, MR1]


@pytest.mark.rule("7.5.01")
def test_one_in_two_roles_keeps_its_last_good_copy(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD"), entity("AD", 2)))

    outcome = makelaar.take(
        edition(
            group(ADS, entity("AD"), entity("AD", 2)), group(MRS, entity("AD", 2), entity("MR")), number=8
        )
    )

    assert outcome.unusable == (AD2,)
    assert AD2 in makelaar.known()


@pytest.mark.rule("7.5.03")
def test_who_is_announced_is_known_from_that_moment(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD"), entity("AD", 2, start=NOW + DAY)))

    assert makelaar.known() == [AD1, MR1]
    with pytest.raises(MetadataNotInForce):
        makelaar.partners.find(AD2, Role.AD)
    makelaar.now += DAY
    assert makelaar.known() == [AD1, AD2, MR1]


@pytest.mark.rule("7.5.11")
def test_a_planned_change_comes_in_force_without_another_edition(makelaar: Makelaar) -> None:
    makelaar.take(of(entity("AD", end=NOW + 2 * DAY), entity("AD", key="mallory", start=NOW + DAY)))
    assert makelaar.partners.find(AD1, Role.AD).signing == (certificate("ad"),)

    makelaar.now += DAY

    assert makelaar.partners.find(AD1, Role.AD).signing == (certificate("mallory"),)


@pytest.mark.rule("7.5.03")
def test_past_the_end_of_an_edition_nobody_in_it_is_known(makelaar: Makelaar) -> None:
    data = edition(group(ADS, entity("AD")), attributes=f'validUntil="{(NOW + DAY).isoformat()}"')
    makelaar.take(data)
    assert makelaar.known() == [AD1]

    makelaar.now += DAY

    assert makelaar.known() == []
    with pytest.raises(UnknownPartner):
        makelaar.partners.find(AD1, Role.AD)


def test_forgetting_removes_who_was_brought_and_nobody_else(makelaar: Makelaar) -> None:
    makelaar.registry.save(make_record(Role.AD, entity("AD", 2).encode(), None, NOW))
    makelaar.take(of(entity("AD")))

    assert makelaar.store.forget() == 2
    assert (makelaar.known(), makelaar.store.last()) == ([AD2], None)
    makelaar.take(of(entity("AD"), number=1))
