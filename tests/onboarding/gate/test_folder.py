"""A folder with what partners handed over, held against what is in force."""

import os
from pathlib import Path

import pytest

from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.levels import LevelOfAssurance
from broker.onboarding.drop_folder import DropFolder
from broker.onboarding.folder import Plan
from broker.onboarding.folder import What
from broker.onboarding.folder import make_plan
from broker.onboarding.folder import read_choices
from broker.onboarding.jobs import SCHEDULE
from broker.ports.versions import VersionState
from broker.storage.outbox import SqlOutbox
from tests.exchange.builders import OTHER_DV
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.keys import certificate
from tests.onboarding.gate.conftest import Desk
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import NOW

STRICT = 'profile = "1.13"\nforbid = [' + ", ".join(f'"{each}"' for each in Tolerance) + "]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One dienstverlener, with the choices of the tests."""
    put(tmp_path, "gemeente")
    return tmp_path


def put(folder: Path, name: str, party: str = "dv", key: str | None = None, choices: str = STRICT) -> Path:
    place = folder / ("authenticatiediensten" if party == "ad" else "dienstverleners") / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "metadata.xml").write_bytes(metadata_of(party, key))
    if party != "ad":
        (place / "catalogue.xml").write_bytes(catalogue_of(party, key))
        (place / "connection.toml").write_text(choices, "utf-8")
    return place


def plan_of(desk: Desk, folder: Path) -> Plan:
    return make_plan(desk.assembled, folder)


def whats(plan: Plan) -> dict[str, What]:
    return {each.name.partition("/")[2]: each.what for each in plan.planned}


def test_a_plan_changes_nothing(desk: Desk, folder: Path) -> None:
    put(folder, "dienst", "ad")
    plan = plan_of(desk, folder)

    assert whats(plan) == {"gemeente": What.NEW, "dienst": What.NEW}
    assert {each.entity_id for each in plan.planned} == {DV, AD}
    assert desk.gate.versions(DV) == []
    assert desk.registry.find(DV) is None


def test_what_is_in_force_is_unchanged_and_another_key_is_told(desk: Desk, folder: Path) -> None:
    desk.connect()
    assert whats(plan_of(desk, folder)) == {"gemeente": What.UNCHANGED}

    put(folder, "gemeente", key="dv2")
    (refused,) = plan_of(desk, folder).planned
    assert refused.what is What.BROKEN
    assert "--new-keys" in refused.problem

    put(folder, "gemeente", key="dv2", choices=STRICT + "new_keys = true\n")
    (changed,) = plan_of(desk, folder).planned
    assert changed.what is What.CHANGED
    assert f"Key {certificate('dv').key_name} goes." in changed.difference.in_words("en")


def test_what_is_broken_is_told_and_stops_nobody_else(desk: Desk, folder: Path) -> None:
    (put(folder, "stuk") / "metadata.xml").write_bytes(b"<broken")
    (put(folder, "half") / "catalogue.xml").unlink()
    put(folder, "anders", "dv2", choices="profle = 1\n")
    put(folder, "zelfde")
    pipe = put(folder, "pijp") / "metadata.xml"
    pipe.unlink()
    os.mkfifo(pipe)
    put(folder, "diep", choices=f"profile = {'[' * 20_000}\n")
    link = put(folder, "verwijst") / "metadata.xml"
    link.unlink()
    link.symlink_to("/dev/zero")

    plan = plan_of(desk, folder)

    assert whats(plan) == {
        "anders": What.BROKEN,
        "diep": What.BROKEN,
        "gemeente": What.NEW,
        "half": What.BROKEN,
        "pijp": What.BROKEN,
        "stuk": What.BROKEN,
        "verwijst": What.BROKEN,
        "zelfde": What.BROKEN,
    }
    problems = {each.name.partition("/")[2]: each.problem for each in plan.planned}
    assert "line 1" in problems["stuk"]
    assert "No such file" in problems["half"]
    assert "this is no file" in problems["pijp"]
    assert "profle is not known" in problems["anders"]
    assert problems["zelfde"] == f"{DV} stands in dienstverleners/gemeente too"


def test_who_is_connected_and_not_in_the_folder_is_missing(desk: Desk, folder: Path) -> None:
    desk.connect(name="dv2")

    assert plan_of(desk, folder).missing == (OTHER_DV,)
    assert plan_of(desk, folder / "elders").missing == ()


def test_choices_are_read_as_they_are_meant() -> None:
    connection = read_choices(
        {
            "profile": "saml",
            "mutual_tls": True,
            "forbid": ["acs-url"],
            "attributes": {"KvKnr": "kvk"},
            "contexts": {"urn:x": "loa4"},
            "key_overlap_days": 7,
        }
    )

    assert (connection.profile, connection.mutual_tls) == (Profile.SAML, True)
    assert not connection.tolerates(Tolerance.ACS_URL)
    assert connection.tolerates(Tolerance.CONSENT)
    assert connection.attribute_names == {"KvKnr": "kvk"}
    assert connection.key_overlap_days == 7
    assert read_choices({}).key_overlap_days is None
    for wrong in (-1, 91, True, "7"):
        with pytest.raises(ValueError, match="key_overlap_days is a number of days, 90 at most"):
            read_choices({"key_overlap_days": wrong})
    assert connection.contexts == {"urn:x": LevelOfAssurance.LOA4}


@pytest.mark.parametrize(
    "choices", [{"profile": "2"}, {"mutual_tls": "no"}, {"forbid": ["x"]}, {"contexts": {"urn:x": "high"}}]
)
def test_a_choice_that_does_not_fit_is_refused(choices: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        read_choices(choices)


def test_what_is_dropped_in_the_folder_waits_once_it_stands_still(desk: Desk, folder: Path) -> None:
    desk.metadata_folder = folder
    look = DropFolder(SCHEDULE)
    look(desk.assembled, NOW)
    assert desk.gate.versions(DV) == []

    look(desk.assembled, NOW)
    look(desk.assembled, NOW)
    (version,) = desk.gate.versions(DV)
    assert (version.state, version.origin, version.created_by) == (VersionState.CONCEPT, "file", "schedule")

    (put(folder, "gemeente") / "metadata.xml").write_bytes(b"<broken")
    look(desk.assembled, NOW)
    DropFolder(SCHEDULE)(desk.assembled, NOW)
    look(desk.assembled, NOW)
    subjects = {each.mail.subject for each in SqlOutbox(desk.engine).latest()}
    assert subjects == {f"To be looked at: {DV}#1", "Cannot be used: dienstverleners/gemeente"}
    assert len(desk.gate.versions(DV)) == 1


def test_what_was_turned_away_is_not_taken_from_the_folder_again(desk: Desk, folder: Path) -> None:
    desk.metadata_folder = folder
    for _ in range(2):
        look = DropFolder(SCHEDULE)
        look(desk.assembled, NOW)
        look(desk.assembled, NOW)
        if (version := desk.gate.versions(DV)[0]).is_open:
            desk.gate.withdraw(version.id, SCHEDULE)

    assert [each.state for each in desk.gate.versions(DV)] == [VersionState.WITHDRAWN]


def test_without_a_folder_nothing_is_looked_at(desk: Desk) -> None:
    DropFolder(SCHEDULE)(desk.assembled, NOW)

    assert list(SqlOutbox(desk.engine).latest()) == []
