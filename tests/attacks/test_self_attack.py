"""`makelaar self-attack`, as an operator fires it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import requests
from click.testing import CliRunner
from lxml import etree

from broker.assembly.marker import RUNNING
from broker.assembly.marker import show_marker
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.attacks.case import Case
from broker.attacks.case import corpus
from broker.attacks.live.firing import fire
from broker.attacks.live.listener import listening
from broker.attacks.live.stage import Played
from broker.attacks.live.stage import Stage
from broker.attacks.live.target import NotATarget
from broker.attacks.live.target import may_be_attacked
from broker.attacks.live.troupe import entity_ids
from broker.cli import main
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.memory_state import MemoryStateStore
from tests import services
from tests.box import Box
from tests.box import run_command
from tests.box import running_box
from tests.reporting import Report

pytestmark = pytest.mark.slow


def _registered(makelaar: Assembled) -> list[str]:
    """The partners of the attack that the makelaar knows."""
    return [entity_id for entity_id in entity_ids().values() if makelaar.registry.find(entity_id)]


def attack(box: Box, *arguments: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    return run_command(box.environment, "self-attack", *arguments, seconds=seconds)


def test_it_fires_what_was_chosen_tells_it_in_three_forms_and_leaves_nothing_behind(
    box: Box, tmp_path: Path
) -> None:
    chosen = [case.id for case in corpus() if "xsw1-" in case.id]
    files = ("--json", str(tmp_path / "out.json"), "--junit", str(tmp_path / "out.xml"))
    done = attack(box, box.url(MAKELAAR), "--only", "xsw1-", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(chosen)} of {len(chosen)} attacks ended as they must." in done.stdout
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [case["id"] for case in told["cases"]] == chosen
    assert told["passed"] == told["fired"] == len(chosen)
    suites = etree.parse(tmp_path / "out.xml").getroot()
    assert sorted(str(case.get("name")) for case in suites.iter("testcase")) == sorted(chosen)
    assert not list(suites.iter("failure"))
    makelaar = assemble(box.settings, MAKELAAR)
    left = _registered(makelaar)
    makelaar.engine.dispose()
    assert not left


@pytest.mark.production
@pytest.mark.timeout(300)
def test_with_the_engines_of_production_every_attack_ends_as_it_must(tmp_path: Path, report: Report) -> None:
    told = tmp_path / "outcome.json"
    with (
        services.postgresql() as database,
        services.valkey() as state,
        running_box(
            MAKELAAR_DATABASE_URL=database, MAKELAAR_STATE_URL=state, MAKELAAR_PARTNER_SECONDS="4"
        ) as box,
    ):
        done = attack(box, box.url(MAKELAAR), "--json", str(told), seconds=240)
    outcome = json.loads(told.read_text("utf-8"))
    for family, counted in outcome["families"].items():
        report("makelaar self-attack, on PostgreSQL and Valkey", family=family, **counted)
    assert done.returncode == 0, done.stdout
    assert outcome["fired"] == len(corpus())


def test_it_lists_the_cases_with_the_expected_reaction_without_firing(box: Box) -> None:
    done = attack(box, "http://localhost:9", "--list", "--only", "043-unsigned-response")
    assert done.returncode == 0
    assert "043-unsigned-response" in done.stdout


def test_the_list_needs_no_makelaar() -> None:
    listed = CliRunner().invoke(main, ["self-attack", "--list", "--only", "043-unsigned-response"])
    assert listed.exit_code == 0
    assert listed.output.startswith("043-unsigned-response")


def test_without_a_url_nothing_is_attacked_and_it_says_what_is_missing() -> None:
    told = CliRunner().invoke(main, ["self-attack", "--only", "xsw1-"])
    assert told.exit_code == 2
    assert "name the URL of the makelaar" in told.output


@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_where_the_outcome_cannot_be_written_nothing_is_fired(tmp_path: Path, option: str) -> None:
    file = str(tmp_path / "absent" / "out")
    told = CliRunner().invoke(main, ["self-attack", "http://localhost:9", "--only", "xsw1-", option, file])
    assert told.exit_code == 1
    assert f"there is no folder {tmp_path / 'absent'}" in told.output


def test_ended_from_outside_it_leaves_nothing_behind(box: Box) -> None:
    makelaar = assemble(box.settings, MAKELAAR)
    command = [sys.executable, "-m", "broker", "self-attack", box.url(MAKELAAR), "--only", "xsw"]
    with subprocess.Popen(
        command, env={**os.environ, **box.environment}, stderr=subprocess.DEVNULL
    ) as process:
        while not _registered(makelaar):
            assert process.poll() is None, "it ended before it registered anybody"
            time.sleep(0.05)
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM
    left, locked = _registered(makelaar), makelaar.state.get(RUNNING)
    makelaar.engine.dispose()
    assert left == []
    assert locked is None


def test_a_store_that_is_down_is_told_with_what_to_do(box: Box) -> None:
    environment = {**box.environment, "MAKELAAR_STATE_URL": "redis://localhost:9"}
    done = run_command(environment, "self-attack", box.url(MAKELAAR), "--only", "xsw1-", seconds=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "makelaar doctor" in done.stderr


def test_a_makelaar_that_does_not_take_the_partners_is_not_attacked(box: Box) -> None:
    # The partners of the attack offer services at EH2, which these settings refuse.
    environment = {**box.environment, "MAKELAAR_LOWEST_LEVEL": "loa3"}
    done = run_command(environment, "self-attack", box.url(MAKELAAR), "--only", "xsw1-", seconds=60)
    assert done.returncode == 1
    assert "does not take the partners of the attack, so nothing was fired" in done.stderr


def test_whatever_a_case_meets_the_others_are_fired() -> None:
    def play(_case: Case) -> Played:
        raise ValueError("no XML")

    stage = cast("Stage", SimpleNamespace(play=play, lacking=lambda _case: None))
    wrong = [result.wrong for result in fire(stage, corpus()[:2])]
    assert wrong == ["it could not be judged: ValueError: no XML"] * 2


def test_an_unknown_case_is_named(box: Box) -> None:
    done = attack(box, box.url(MAKELAAR), "--only", "no-such-case")
    assert done.returncode == 1
    assert "no case has no-such-case" in done.stderr


def test_another_makelaar_than_that_of_the_settings_is_left_alone(box: Box) -> None:
    done = attack(box, "http://localhost:9")
    assert done.returncode == 1
    assert "the makelaar of these settings is at" in done.stderr


def test_a_server_without_the_marker_is_left_alone() -> None:
    with (
        listening() as nobody,
        pytest.raises(NotATarget, match="does not present the test marker"),
        may_be_attacked(_makelaar_at(nobody.url), nobody.url),
    ):
        pytest.fail("it would be attacked")


def test_a_makelaar_with_another_state_store_is_left_alone(box: Box) -> None:
    url = box.url(MAKELAAR)
    with pytest.raises(NotATarget, match="another state store"), may_be_attacked(_makelaar_at(url), url):
        pytest.fail("it would be attacked")


def test_nothing_is_attacked_twice_at_once() -> None:
    makelaar = _makelaar_at("http://localhost:9")
    makelaar.state.claim(RUNNING, 60)
    with pytest.raises(NotATarget, match="going on"), may_be_attacked(makelaar, "http://localhost:9"):
        pytest.fail("it would be attacked")


def _makelaar_at(url: str) -> Assembled:
    return cast("Assembled", SimpleNamespace(public_url=url, state=MemoryStateStore()))


def test_on_localhost_the_marker_is_shown_and_in_public_only_where_the_settings_say_so() -> None:
    public = "https://makelaar.example.nl"
    assert Settings().presents_test_marker
    assert not Settings(public_url=public).presents_test_marker
    assert Settings(public_url=public, attackable=True).presents_test_marker


def test_without_that_there_is_no_marker() -> None:
    in_public = SimpleNamespace(settings=Settings(public_url="https://makelaar.example.nl"))
    assert show_marker(cast("Assembled", in_public)) is None


def test_the_marker_shows_no_more_than_that_it_is_there(box: Box) -> None:
    shown = requests.get(box.url(MAKELAAR) + "/self-attack", timeout=5)
    assert shown.text == "makelaar-under-test\n"
