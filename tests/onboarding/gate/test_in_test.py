"""By which versions a test login may begin and end, and that nobody falls back on what is in force."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from broker.assembly.party import Assembled
from broker.exchange.partners import Partners
from broker.onboarding.in_test import NotInTest
from broker.onboarding.in_test import VersionsInTest
from broker.onboarding.partners import resume
from broker.onboarding.partners import suspend
from broker.ports.versions import Version
from broker.saml.errors import UnknownPartner
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import OTHER_DV
from tests.exchange.builders import metadata_with
from tests.keys import certificate
from tests.onboarding.gate.conftest import APPROVER
from tests.onboarding.gate.conftest import MAKER
from tests.onboarding.gate.conftest import Desk
from tests.saml.builders import DV

Moves = Callable[[Desk, Version], object]

MOVES: dict[str, tuple[Moves, str]] = {
    "concept": (lambda _desk, _version: None, ""),
    "test": (lambda desk, version: desk.gate.put_in_test(version.id, MAKER), "offer begin end"),
    "waiting": (lambda desk, version: desk.gate.ask_approval(version.id, MAKER), "end"),
    "scheduled": (
        lambda desk, version: desk.gate.activate(version.id, MAKER, desk.clock().replace(year=2099)),
        "end",
    ),
    "active": (lambda desk, version: desk.gate.activate(version.id, MAKER), "begin end"),
    "withdrawn": (lambda desk, version: desk.gate.withdraw(version.id, MAKER), ""),
}


def in_test(desk: Desk) -> VersionsInTest:
    partners = Partners(desk.registry, MAKELAAR_OIN, clock=desk.clock)
    station = SimpleNamespace(partners=partners)
    return VersionsInTest(
        cast(Assembled, SimpleNamespace(registry=desk.registry, engine=desk.engine, station=station))
    )


def may(versions: VersionsInTest, version_id: str, entity_id: str = DV) -> str:
    """What may be done by a version, in words."""
    found = []
    for name in ("offer", "begin", "end"):
        try:
            getattr(versions, f"to_{name}")(version_id, entity_id)
        except NotInTest:
            continue
        found.append(name)
    return " ".join(found)


@pytest.mark.parametrize("state", MOVES)
def test_what_may_be_done_by_a_version_in_each_state(desk: Desk, state: str) -> None:
    version = desk.submit().version
    move, allowed = MOVES[state]
    move(desk, version)
    assert may(in_test(desk), version.id) == allowed
    assert [each.id for each in in_test(desk).of(DV)] == ([version.id] if state == "test" else [])


def test_a_version_that_was_rejected_or_replaced_is_tried_no_more(desk: Desk) -> None:
    first = desk.connect()
    rejected = desk.submit(key="stranger").version
    desk.gate.ask_approval(rejected.id, MAKER)
    desk.gate.reject(rejected.id, APPROVER, "no")
    assert may(in_test(desk), rejected.id) == ""
    desk.gate.activate(desk.submit(key="dv2").version.id, MAKER)
    assert may(in_test(desk), first.id) == ""


def test_it_is_the_partner_of_that_version_and_of_no_other(desk: Desk) -> None:
    desk.connect()
    version = desk.gate.put_in_test(desk.submit(key="stranger").version.id, MAKER)
    versions = in_test(desk)
    for find in (versions.to_offer, versions.to_begin, versions.to_end):
        assert [each.der for each in find(version.id, DV).signing] == [certificate("stranger").der]
    assert versions.for_artifacts(DV, version.id) == versions.to_end(version.id, DV)
    assert versions.content_hash(version.id, DV) == version.content_hash
    assert may(versions, version.id, OTHER_DV) == ""
    assert may(versions, "0" * 32) == ""
    with pytest.raises(UnknownPartner):
        versions.for_artifacts(OTHER_DV, version.id)


def test_a_suspended_dienstverlener_logs_in_by_no_version(desk: Desk) -> None:
    desk.connect()
    version = desk.gate.put_in_test(desk.submit(key="stranger").version.id, MAKER)
    suspend(cast(Assembled, desk.assembled), DV, MAKER, "stolen")
    assert may(in_test(desk), version.id) == ""
    resume(cast(Assembled, desk.assembled), DV, APPROVER, "found")
    assert may(in_test(desk), version.id) == "offer begin end"


def test_others_are_told_of_the_catalogue_of_a_version_only_when_it_says_something_else(desk: Desk) -> None:
    newcomer = desk.gate.put_in_test(desk.submit().version.id, MAKER)
    assert in_test(desk).offers_otherwise(newcomer.id, DV), "nothing is published"
    catalogue, partner = in_test(desk).catalogue(newcomer.id)
    assert (catalogue, partner.entity_id) == (newcomer.catalogue, DV)

    desk.gate.activate(newcomer.id, MAKER)
    assert not in_test(desk).offers_otherwise(newcomer.id, DV)
    other_names = metadata_with("dv", names={"nl": "Anders"})
    for metadata, differs in ((other_names, False), (metadata_with("dv", takes_ciphertext=False), True)):
        other = desk.submit(metadata=metadata, catalogue=newcomer.catalogue).version
        desk.gate.put_in_test(other.id, MAKER)
        assert in_test(desk).offers_otherwise(other.id, DV) == differs
    other_key = desk.gate.put_in_test(desk.submit(key="stranger").version.id, MAKER)
    assert in_test(desk).offers_otherwise(other_key.id, DV)

    desk.gate.withdraw(other_key.id, MAKER)
    for gone in (other_key.id, "0" * 32):
        with pytest.raises(NotInTest):
            in_test(desk).catalogue(gone)
