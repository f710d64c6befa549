"""`makelaar self-attack`, as an operator fires it."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import requests
from lxml import etree

from broker.assembly.marker import RUNNING
from broker.assembly.marker import show_marker
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.attacks.case import corpus
from broker.attacks.live.listener import listening
from broker.attacks.live.target import NotATarget
from broker.attacks.live.target import may_be_attacked
from broker.attacks.live.troupe import entity_ids
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.memory_state import MemoryStateStore
from tests import services
from tests.box import Box
from tests.box import run_command
from tests.box import running_box
from tests.reporting import Report

pytestmark = pytest.mark.slow


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
    left = [entity_id for entity_id in entity_ids().values() if makelaar.registry.find(entity_id)]
    makelaar.engine.dispose()
    assert not left


@pytest.mark.production
@pytest.mark.timeout(300)
def test_with_the_engines_of_production_every_attack_ends_as_it_must(tmp_path: Path, report: Report) -> None:
    told = tmp_path / "outcome.json"
    with (
        services.postgresql() as database,
        services.valkey() as state,
        running_box(MAKELAAR_DATABASE_URL=database, MAKELAAR_STATE_URL=state) as box,
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
