"""From file to live: what is kept, compared, approved and put in force, and what can never happen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.assembly.onboarding import register
from broker.assembly.partner_index import index_of
from broker.domain.connection import Connection
from broker.onboarding.gate import NeedsApproval
from broker.onboarding.gate import NotAllowed
from broker.onboarding.gate import NotNow
from broker.onboarding.gate import Outcome
from broker.onboarding.gate import UnknownVersion
from broker.ports import Role
from broker.ports.versions import OPEN
from broker.ports.versions import TRANSITIONS
from broker.ports.versions import Overtaken
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import OTHER_DV
from tests.exchange.builders import STRICT
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.keys import certificate
from tests.onboarding.gate.conftest import APPROVER
from tests.onboarding.gate.conftest import MAKER
from tests.onboarding.gate.conftest import VIEWER
from tests.onboarding.gate.conftest import Desk
from tests.onboarding.gate.conftest import handed_over
from tests.onboarding.gate.conftest import until_moment
from tests.saml.builders import DV
from tests.saml.builders import NOW


def test_what_is_handed_over_is_a_concept_that_nobody_logs_in_with(desk: Desk) -> None:
    submitted = desk.submit(reason="nieuw")

    version = submitted.version
    assert (version.number, version.state, submitted.outcome) == (1, VersionState.CONCEPT, Outcome.NEW)
    assert (version.created_by, version.created_at, version.reason) == ("anna", NOW, "nieuw")
    assert desk.registry.find(DV) is None
    assert desk.what(DV) == [("anna", "version-submitted")]


def test_activated_it_is_what_logins_read(desk: Desk) -> None:
    version = desk.connect()

    record = desk.registry.find(DV)
    assert record is not None
    assert (record.metadata, record.catalogue) == (handed_over().metadata, handed_over().catalogue)
    assert (record.content_hash, record.version) == (version.content_hash, 1)
    assert desk.gate.active(DV) == version
    assert desk.what(DV) == [("anna", "version-submitted"), ("anna", "version-activated")]


def test_what_comes_after_ends_what_was_in_force(desk: Desk) -> None:
    desk.connect()
    desk.connect(key="dv2")

    assert [(each.number, each.state) for each in desk.gate.versions(DV)] == [
        (2, VersionState.ACTIVE),
        (1, VersionState.ENDED),
    ]
    record = desk.registry.find(DV)
    assert record is not None
    assert record.version == 2


def test_what_is_refused_is_not_kept_and_what_is_in_force_stays(desk: Desk) -> None:
    before = desk.connect()

    with pytest.raises(DocumentRefused):
        desk.submit(metadata=b"<broken")
    with pytest.raises(DocumentRefused, match="--new-keys"):
        desk.submit(key="dv2", new_keys=False)

    assert desk.gate.versions(DV) == [before]


def test_the_same_again_is_nothing_new(desk: Desk) -> None:
    active = desk.connect()
    again = desk.submit()
    assert (again.outcome, again.version) == (Outcome.UNCHANGED, active)

    first = desk.submit(key="dv2")
    second = desk.submit(key="dv2")
    assert (second.outcome, second.version) == (Outcome.KNOWN, first.version)
    assert second.difference == first.difference
    assert len(desk.gate.versions(DV)) == 2


def test_what_stood_in_the_registry_before_versions_were_kept_becomes_the_first(desk: Desk) -> None:
    register(
        desk.registry,
        Role.DV,
        metadata_of("dv"),
        catalogue_of("dv"),
        makelaar_oin=MAKELAAR_OIN,
        now=NOW,
        connection=STRICT,
    )

    submitted = desk.submit(key="dv2")

    assert [(each.number, each.state) for each in desk.gate.versions(DV)] == [
        (2, VersionState.CONCEPT),
        (1, VersionState.ACTIVE),
    ]
    record = desk.registry.find(DV)
    assert record is not None
    assert record.version == 1
    assert ("unknown", "version-kept") in desk.what(DV)
    assert submitted.difference.points


def test_the_content_is_checked_again_on_the_day(desk: Desk) -> None:
    first = desk.submit()
    desk.connect(name="dv2")
    record = desk.registry.find(OTHER_DV)
    assert record is not None
    stolen = replace(record, metadata=metadata_of("dv"), catalogue=catalogue_of("dv"), content_hash="e" * 64)
    desk.registry.save(stolen, index_of(stolen, MAKELAAR_OIN))

    with pytest.raises(DocumentRefused, match="registered by another dienstverlener"):
        desk.gate.activate(first.version.id, MAKER)

    assert desk.registry.find(DV) is None
    assert desk.gate.find(first.version.id).state is VersionState.CONCEPT


def test_a_role_may_do_what_it_may(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="needs the role operator"):
        desk.submit(VIEWER)
    version = desk.submit().version
    with pytest.raises(NotAllowed):
        desk.gate.activate(version.id, VIEWER)
    desk.gate.ask_approval(version.id, MAKER)
    with pytest.raises(NotAllowed, match="needs the role approver"):
        desk.gate.approve(version.id, MAKER)
    with pytest.raises(NotAllowed):
        desk.gate.rollback(DV, 1, MAKER, "terug")


def test_with_four_eyes_nothing_comes_in_force_by_one(desk: Desk) -> None:
    desk.four_eyes = True
    version = desk.submit(APPROVER).version

    with pytest.raises(NeedsApproval, match="bram"):
        desk.gate.activate(version.id, APPROVER)
    desk.gate.ask_approval(version.id, APPROVER)
    with pytest.raises(NotAllowed, match="somebody else"):
        desk.gate.approve(version.id, APPROVER)
    with pytest.raises(NeedsApproval):
        desk.gate.activate(version.id, APPROVER, NOW + timedelta(days=1))
    assert desk.registry.find(DV) is None

    desk.gate.approve(version.id, replace(APPROVER, name="dirk"), "akkoord")
    desk.gate.activate(version.id, APPROVER)

    assert desk.registry.find(DV) is not None
    assert [(each.operator, each.approved, each.reason) for each in desk.gate.approvals(version.id)] == [
        ("dirk", True, "akkoord")
    ]


def test_what_is_rejected_never_comes_in_force(desk: Desk) -> None:
    version = desk.submit().version
    with pytest.raises(NotNow):
        desk.gate.reject(version.id, APPROVER, "nee")
    desk.gate.ask_approval(version.id, MAKER)
    with pytest.raises(NotNow, match="say why"):
        desk.gate.reject(version.id, APPROVER, " ")

    assert desk.gate.reject(version.id, APPROVER, "verkeerde sleutel").state is VersionState.REJECTED

    with pytest.raises(NotNow, match="is rejected"):
        desk.gate.activate(version.id, APPROVER)
    assert desk.what(DV)[-1] == ("bram", "version-rejected")


@pytest.mark.parametrize("state", sorted(VersionState))
def test_no_version_comes_in_force_from_a_state_that_is_not_open(state: VersionState) -> None:
    leads = {after for (before, _), after in TRANSITIONS.items() if before is state}

    assert (VersionState.ACTIVE in leads) == (state in OPEN)


def test_a_version_with_a_date_comes_in_force_on_it(desk: Desk) -> None:
    version = desk.submit().version
    tomorrow = NOW + timedelta(days=1)
    assert desk.gate.activate(version.id, MAKER, tomorrow).state is VersionState.SCHEDULED
    assert [each.activate_at for each in desk.gate.pending()] == [tomorrow]

    assert desk.gate.activate_due(APPROVER) == ()
    desk.at(tomorrow)
    ((activated, refused),) = desk.gate.activate_due(APPROVER)

    assert refused is None
    assert activated.state is VersionState.ACTIVE
    assert desk.registry.content_hash(DV) == version.content_hash


def test_what_is_no_longer_good_on_its_date_waits_for_a_person(desk: Desk) -> None:
    desk.connect()
    until = NOW + timedelta(days=2)
    version = desk.submit(metadata=until_moment(until)).version
    desk.gate.activate(version.id, MAKER, NOW + timedelta(days=3))
    desk.at(NOW + timedelta(days=3))

    ((halted, refused),) = desk.gate.activate_due(APPROVER)

    assert isinstance(refused, DocumentRefused)
    assert halted.state is VersionState.CONCEPT
    active = desk.gate.active(DV)
    assert active is not None
    assert active.number == 1
    assert desk.what(DV)[-1] == ("bram", "activation-failed")


def test_a_rollback_is_one_step_of_one_approver_and_is_noted(desk: Desk) -> None:
    desk.connect()
    desk.connect(key="dv2")
    desk.four_eyes = True

    version = desk.gate.rollback(DV, 1, APPROVER, "sleutel werkt niet")

    assert (version.number, version.state) == (3, VersionState.ACTIVE)
    assert desk.registry.content_hash(DV) == desk.gate.numbered(DV, 1).content_hash
    change = desk.log.of(DV)[0]
    assert (change.who, change.what, change.why) == ("bram", "version-rolled-back", "sleutel werkt niet")
    assert (change.detail["to"], change.detail["before"]) == (1, 2)
    with pytest.raises(NotNow, match="is what is in force"):
        desk.gate.rollback(DV, 1, APPROVER, "nog eens")
    with pytest.raises(UnknownVersion):
        desk.gate.rollback(DV, 9, APPROVER, "?")


def test_whoever_activates_second_is_told_so(desk: Desk) -> None:
    desk.connect()
    one = desk.submit(key="dv2").version
    other = desk.submit(connection=Connection(mutual_tls=True), new_keys=True).version
    gate = desk.gate
    shelf = gate._shelf  # the moment between reading what is in force and writing
    before = shelf.keep_what_is_in_force(DV)
    gate.activate(one.id, MAKER)
    shelf.__dict__["keep_what_is_in_force"] = lambda _: before

    with pytest.raises(Overtaken):
        gate.activate(other.id, MAKER)

    active = [each.number for each in desk.gate.versions(DV) if each.state is VersionState.ACTIVE]
    assert active == [one.number]
    assert desk.registry.content_hash(DV) == one.content_hash


def test_a_removed_partner_does_not_come_back_by_itself(desk: Desk) -> None:
    desk.connect()
    scheduled = desk.submit(key="dv2").version
    desk.gate.activate(scheduled.id, MAKER, NOW + timedelta(hours=1))

    assert desk.gate.remove(DV, MAKER, "opgeheven")

    desk.at(NOW + timedelta(hours=2))
    assert desk.gate.activate_due(APPROVER) == ()
    assert desk.registry.find(DV) is None
    assert {each.state for each in desk.gate.versions(DV)} == {VersionState.ENDED, VersionState.WITHDRAWN}
    assert not desk.gate.remove(DV, MAKER)


def test_a_new_key_is_told_in_words(desk: Desk) -> None:
    desk.connect()

    points = desk.submit(key="dv2").difference

    names = certificate("dv").key_name, certificate("dv2").key_name
    assert f"Sleutel {names[0]} vervalt." in points.in_words("nl")
    assert f"Key {names[1]} is added." in points.in_words("en")
