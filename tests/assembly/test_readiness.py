"""Whether a process is alive, and whether logins should be sent to it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from broker.assembly import readiness
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.readiness import Readiness
from broker.assembly.readiness import add_probes
from broker.cli.setup import make_development_keys
from broker.exchange.own import system_clock
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.state import open_state_store
from tests import services
from tests.ports import free_port

ALL = {"database", "schema", "clock", "state-store", "keys", "draining"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path)
    make_development_keys(settings, MAKELAAR)
    return settings


@pytest.fixture
def makelaar(settings: Settings) -> Iterator[Assembled]:
    """A makelaar that is in order."""
    assembled = assemble(settings, MAKELAAR)
    yield assembled
    assembled.engine.dispose()


def failing(makelaar: Assembled) -> set[str]:
    """The checks that do not hold."""
    found = Readiness(makelaar).look()
    assert set(found) == ALL
    return {name for name, holds in found.items() if not holds}


def test_everything_holds_of_a_makelaar_that_is_in_order(makelaar: Assembled) -> None:
    assert failing(makelaar) == set()


def test_a_database_that_is_away_takes_its_checks_along(makelaar: Assembled, tmp_path: Path) -> None:
    away = make_engine(f"sqlite:///{tmp_path}/nowhere/makelaar.db")
    assert failing(replace(makelaar, engine=away)) == {"database", "schema", "clock"}


def test_a_database_of_a_version_before_is_not_ready(makelaar: Assembled) -> None:
    with makelaar.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r0001'"))
    assert failing(makelaar) == {"schema"}


def test_a_state_store_that_is_away_is_not_ready(makelaar: Assembled) -> None:
    away = open_state_store(f"redis://127.0.0.1:{free_port()}/0", makelaar.engine)
    assert failing(replace(makelaar, state=away)) == {"state-store"}


@pytest.mark.parametrize("days", [-400, 4000])
def test_a_certificate_that_does_not_hold_now_is_not_ready(makelaar: Assembled, days: int) -> None:
    later = at_another_time(makelaar, timedelta(days=days))
    assert failing(later) == {"keys", "clock"}


def test_a_node_that_is_drained_is_not_ready(makelaar: Assembled, settings: Settings) -> None:
    settings.drain_file.touch()
    assert failing(makelaar) == {"draining"}


@pytest.mark.production
def test_a_clock_that_is_off_is_not_ready(settings: Settings) -> None:
    with services.postgresql() as url:
        makelaar = assemble(settings.model_copy(update={"database_url": url}), MAKELAAR)
        off = {
            seconds: "clock" in failing(at_another_time(makelaar, timedelta(seconds=seconds)))
            for seconds in (0, 55, -55, 120, -120)
        }
        makelaar.engine.dispose()
    assert off == {0: False, 55: False, -55: False, 120: True, -120: True}


def test_an_answer_serves_everybody_for_a_second(makelaar: Assembled, settings: Settings) -> None:
    now = [0.0]
    asked = Readiness(makelaar, lambda: now[0])
    assert all(asked.look().values())
    settings.drain_file.touch()
    assert all(asked.look().values())
    now[0] += readiness.KEPT_SECONDS
    assert not asked.look()["draining"]


def test_what_is_wrong_is_logged_when_it_begins(
    makelaar: Assembled, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(readiness.log, "error", lambda _event, *, place, **_why: lines.append(place))
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    asked = Readiness(makelaar)
    settings.drain_file.touch()
    asked.look()
    asked.look()
    settings.drain_file.unlink()
    asked.look()
    settings.drain_file.touch()
    asked.look()
    assert lines == ["draining", "draining"]


def test_who_asks_is_told_which_check_failed_and_nothing_more(makelaar: Assembled, tmp_path: Path) -> None:
    app = Flask(__name__)
    add_probes(app, replace(makelaar, engine=make_engine(f"sqlite:///{tmp_path}/nowhere/makelaar.db")))
    client = app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {
        "ready": False,
        "checks": {name: "failed" if name in {"database", "schema", "clock"} else "ok" for name in ALL},
    }
    assert client.get("/healthz").text == "ok\n", "ending the process would not bring the database back"


def at_another_time(makelaar: Assembled, ahead: timedelta) -> Assembled:
    """The same, with a clock that is so far ahead."""
    station = makelaar.station
    own = replace(station.own, clock=lambda: system_clock() + ahead)
    return replace(makelaar, station=replace(station, own=own))
