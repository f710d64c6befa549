"""The way of a version from file to live, from the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Installation
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.keys import certificate
from tests.saml.builders import DV


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The options for what a dienstverlener hands over, and for the same with another key."""
    options = []
    for key in ("dv", "dv2"):
        metadata, catalogue = tmp_path / f"{key}.xml", tmp_path / f"{key}-catalogue.xml"
        metadata.write_bytes(metadata_of("dv", key))
        catalogue.write_bytes(catalogue_of("dv", key))
        options.append(f"{metadata} --catalogue {catalogue}")
    return options


def say(installation: Installation, command: str, *, fails: bool = False, four_eyes: bool = False) -> str:
    result = installation.run("dv", *command.split(), MAKELAAR_FOUR_EYES=str(four_eyes).lower())
    assert (result.exit_code != 0) is fails, result.output
    return result.output


def test_a_concept_is_told_in_words_put_in_force_and_put_back(
    installation: Installation, files: list[str]
) -> None:
    say(installation, f"add {files[0]}")
    submitted = say(installation, f"submit {files[1]} --new-keys --reason sleutelwissel")
    assert f"kept as concept: {DV}#2" in submitted
    assert certificate("dv").key_name in say(installation, f"show {DV}")

    assert f"Sleutel {certificate('dv').key_name} vervalt." in say(installation, f"diff {DV} --lang nl")
    assert f"in force: {DV}#2" in say(installation, f"activate {DV}#2")
    assert certificate("dv2").key_name in say(installation, f"show {DV}")
    assert f"Key {certificate('dv').key_name} is added." in say(installation, f"diff {DV} 2 1")

    assert "version 1 again" in say(installation, f"rollback {DV} 1 --reason kapot")

    lines = say(installation, f"versions {DV}").splitlines()
    assert [line.split()[:2] for line in lines] == [["#3", "active"], ["#2", "ended"], ["#1", "ended"]]
    history = say(installation, f"history {DV}")
    assert "version-rolled-back" in history.splitlines()[0]
    assert "(kapot)" in history.splitlines()[0]
    assert "(sleutelwissel)" in history


def test_a_rollback_says_what_still_has_a_date(installation: Installation, files: list[str]) -> None:
    say(installation, f"add {files[0]}")
    say(installation, f"add {files[1]} --new-keys")
    say(installation, f"submit {files[0]} --new-keys")
    say(installation, f"activate {DV}#3 --at 2099-07-01T09:00")

    said = say(installation, f"rollback {DV} 1 --reason kapot")
    assert f"still to come: {DV}#3, at 2099-07-01 09:00 UTC" in said
    say(installation, f"withdraw {DV}#3")


def test_with_four_eyes_add_stops_and_says_what_is_next(installation: Installation, files: list[str]) -> None:
    added = say(installation, f"add {files[0]}", four_eyes=True)

    assert "waiting for approval by somebody else" in added
    assert f"makelaar dv approve {DV}#1" in added
    assert "connected" not in added
    assert f"{DV}#1" in say(installation, "pending")
    assert "somebody else has to approve it" in say(
        installation, f"approve {DV}#1", fails=True, four_eyes=True
    )
    assert say(installation, f"activate {DV}#1", four_eyes=True).startswith("waiting for approval")
    assert "rejected" in say(installation, f"reject {DV}#1 --reason nee", four_eyes=True)
    assert say(installation, "pending") == "nothing waits.\n"


def test_a_date_that_has_passed_is_refused_and_one_to_come_is_kept(
    installation: Installation, files: list[str]
) -> None:
    say(installation, f"submit {files[0]}")

    assert "has passed" in say(installation, f"activate {DV}#1 --at 2020-01-01", fails=True)
    assert "comes in force at 2999-01-01" in say(installation, f"activate {DV}#1 --at 2999-01-01T00:00")
    assert "scheduled" in say(installation, "pending")
    assert f"withdrawn: {DV}#1" in say(installation, f"withdraw {DV}#1")
    assert "is withdrawn" in say(installation, f"activate {DV}#1", fails=True)


def test_what_is_suspended_is_listed_as_such(installation: Installation, files: list[str]) -> None:
    say(installation, f"add {files[0]}")

    say(installation, f"suspend {DV} --reason gestolen")
    assert f"{DV}  (suspended)" in say(installation, "list")
    assert "suspended already" in say(installation, f"suspend {DV} --reason nogmaals", fails=True)
    assert "partner-suspended" in say(installation, f"history {DV}")

    say(installation, f"resume {DV}")
    assert "(suspended)" not in say(installation, "list")


@pytest.mark.parametrize(
    "command", ["activate {}#9", "approve onzin", "versions urn:x", "diff urn:x", "history urn:x"]
)
def test_what_is_not_there_says_where_to_look(installation: Installation, command: str) -> None:
    assert "makelaar dv" in say(installation, command.format(DV), fails=True)
