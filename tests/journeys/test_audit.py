"""Nothing leaves that is not on record (the order is: audit, then artifact, then browser)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path

import pytest

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Visitor


@pytest.fixture
def database(box: Box) -> Path:
    """The database of the makelaar."""
    return box.settings.folder(MAKELAAR) / "party.db"


@contextmanager
def unwritable_for(database: Path, request_id: str) -> Iterator[None]:
    """Let the audit log fail for one login only, as a full disk would for all."""
    name = f"fail{request_id}"
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        connection.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON audit WHEN NEW.request_id = '{request_id}' "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
        try:
            yield
        finally:
            connection.execute(f"DROP TRIGGER {name}")


def artifacts_for(database: Path, entity_id: str) -> int:
    """How many messages are held for a dienstverlener."""
    query = "SELECT count(*) FROM state WHERE key LIKE 'artifact:%' AND substr(value, 1, ?) = ?"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        entity = entity_id.encode() + b"\n"
        return int(connection.execute(query, (len(entity), entity)).fetchone()[0])


@pytest.mark.rule("9.36")
def test_a_login_that_cannot_be_recorded_does_not_happen(
    visitor: Visitor, dv: ForeignDv, database: Path
) -> None:
    visitor.browser.stops.append(visitor.box.url(MAKELAAR) + paths.HM_ACS_MR)
    visitor.complete("werknemer")
    visitor.browser.stops.pop()
    assert visitor.request is not None
    held = artifacts_for(database, dv.entity_id)
    with unwritable_for(database, visitor.request.id):
        visitor.open(visitor.location)
        assert visitor.status == 503
        assert "storing" in visitor.text
        assert not visitor.location
        assert artifacts_for(database, dv.entity_id) == held


def test_a_cancel_that_cannot_be_recorded_is_not_told(
    visitor: Visitor, dv: ForeignDv, database: Path
) -> None:
    visitor.ask()
    assert visitor.request is not None
    held = artifacts_for(database, dv.entity_id)
    with unwritable_for(database, visitor.request.id):
        visitor.press("cancel")
        assert visitor.status == 503
        assert artifacts_for(database, dv.entity_id) == held


def test_after_the_fault_all_works_without_a_restart(visitor: Visitor, dv: ForeignDv, database: Path) -> None:
    request = dv.ask(99)
    with unwritable_for(database, request.id):
        visitor.send(request)
        assert visitor.status == 503
    visitor.ask().press("cancel")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("9.36")
def test_a_login_is_on_record_before_its_artifact_is_resolved(visitor: Visitor, recorded: Recorded) -> None:
    visitor.complete("werknemer")
    assert visitor.request is not None
    ((reference, outcome),) = recorded("request_id", visitor.request.id)
    assert outcome == "granted"
    assert recorded("reference", reference) == [(reference, "granted")]
    assert visitor.received().status == SUCCESS


def test_every_stop_on_the_way_is_on_record_under_one_reference(visitor: Visitor, recorded: Recorded) -> None:
    visitor.complete("zonder").press("continue").relay().press("other")
    visitor.choose_ad("werknemer").authenticate("werknemer")
    assert visitor.received().status == SUCCESS
    assert visitor.request is not None
    records = recorded("request_id", visitor.request.id)
    assert [outcome for _, outcome in records] == ["geen-machtiging", "granted"]
    assert len({reference for reference, _ in records}) == 1
