"""Four eyes are those of two people: one person in two ways is one person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.onboarding.actors import NotAllowed
from broker.onboarding.fetching import Sources
from broker.onboarding.gate import NeedsApproval
from broker.onboarding.jobs import SCHEDULE
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.tokens import Tokens
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.sources import DocumentSource
from broker.ports.tokens import Scope
from tests.onboarding.gate.conftest import APPROVER
from tests.onboarding.gate.conftest import Desk
from tests.saml.builders import DV

OTHER = Actor("dirk", OperatorRole.APPROVER)


def token_of(desk: Desk, maker: Actor, name: str) -> Actor:
    """Who acts with a token that somebody made."""
    return Tokens(desk.engine).make(name, [Scope.APPROVALS_WRITE], maker)[0].actor


def link_of(desk: Desk, maker: Actor) -> Actor:
    """Who acts with a setup link that somebody made."""
    link, _ = SetupLinks(desk.engine).make(None, "Gemeente", maker)
    return Actor(link.who, OperatorRole.OPERATOR)


def source_of(desk: Desk, maker: Actor) -> Actor:
    """Who acts when it is fetched from where somebody said."""
    source = DocumentSource(
        DV, Role.DV, "https://dv.example.nl/", None, timedelta(hours=1), desk.clock.now, False
    )
    Sources(desk.assembled, desk.clock.now).set(source, maker)
    return SCHEDULE


WAYS = {
    "own name": lambda desk, maker: maker,
    "token": lambda desk, maker: token_of(desk, maker, "deploy"),
    "setup link": link_of,
    "link of a token": lambda desk, maker: link_of(desk, token_of(desk, maker, "portal")),
    "source": source_of,
}


@pytest.mark.parametrize("way", WAYS)
def test_who_brought_it_in_by_another_way_does_not_approve_it(desk: Desk, way: str) -> None:
    desk.four_eyes = True
    version = desk.submit(WAYS[way](desk, APPROVER)).version
    desk.gate.ask_approval(version.id, APPROVER)
    in_two_ways = [APPROVER, token_of(desk, APPROVER, "approve")]

    for same_person in in_two_ways:
        with pytest.raises(NotAllowed, match="somebody else"):
            desk.gate.approve(version.id, same_person)
    with pytest.raises(NeedsApproval):
        desk.gate.activate(version.id, APPROVER)
    assert desk.registry.find(DV) is None

    desk.gate.approve(version.id, OTHER)
    desk.gate.activate(version.id, APPROVER)
    assert desk.registry.find(DV) is not None


def test_handing_the_same_in_again_makes_nobody_else_its_maker(desk: Desk) -> None:
    desk.four_eyes = True
    first = desk.submit(APPROVER).version
    assert desk.submit(OTHER).version == first
    desk.gate.ask_approval(first.id, OTHER)
    with pytest.raises(NotAllowed):
        desk.gate.approve(first.id, APPROVER)

    desk.gate.withdraw(first.id, OTHER)
    second = desk.submit(OTHER).version
    desk.gate.ask_approval(second.id, APPROVER)
    with pytest.raises(NotAllowed):
        desk.gate.approve(second.id, OTHER)


def test_an_approval_is_for_one_version(desk: Desk) -> None:
    desk.four_eyes = True
    approved = desk.submit(APPROVER).version
    desk.gate.ask_approval(approved.id, APPROVER)
    desk.gate.approve(approved.id, OTHER)

    changed = desk.submit(APPROVER, key="next").version

    with pytest.raises(NeedsApproval):
        desk.gate.activate(changed.id, APPROVER)
    with pytest.raises(NotAllowed):
        desk.gate.activate(approved.id, replace(APPROVER, role=OperatorRole.VIEWER))
