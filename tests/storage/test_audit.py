"""The contracts of ``AuditLog`` and ``AuditTrail``, on SQLite and PostgreSQL."""

from dataclasses import fields
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from broker.ports.audit import Anchor
from broker.ports.audit import AuditLog
from broker.ports.audit import AuditRecord
from broker.ports.audit import AuditTrail
from broker.ports.audit import Head
from broker.ports.audit import Sealed
from broker.signers.audit_chain import MemoryChain
from broker.storage.audit import SqlAuditLog
from broker.storage.audit_trail import SqlAuditTrail
from broker.storage.engine import make_engine
from broker.storage.tables import audit
from tests.keys import signer
from tests.storage.racing import in_threads

GRANTED = AuditRecord(
    reference="EH-7K3Q-9TXM",
    at=datetime(2026, 11, 22, 13, 0, 0, 5, tzinfo=UTC),
    outcome="granted",
    dienstverlener="urn:etoegang:DV:00000001234567890000:entities:0001",
    service_id="urn:etoegang:DV:00000001234567890000:services:1",
    authenticatiedienst="urn:etoegang:AD:00000003520354010000:entities:0001",
    registers=("urn:etoegang:MR:1", "urn:etoegang:MR:2"),
    level="loa3",
    request_id="_b5f0",
)


def begin() -> MemoryChain:
    return MemoryChain(signer("signing"), GRANTED.at)


@pytest.fixture
def log(engine: Engine) -> AuditLog:
    return SqlAuditLog(engine, begin)


@pytest.fixture
def trail(engine: Engine) -> AuditTrail:
    return SqlAuditTrail(engine)


def test_finds_a_record_as_it_was_written(log: AuditLog, trail: AuditTrail) -> None:
    log.write(GRANTED)
    assert trail.find(GRANTED.reference) == [GRANTED]


def test_what_is_not_known_may_be_left_out(log: AuditLog, trail: AuditTrail) -> None:
    refused = AuditRecord(reference="EH-0000-0000", at=GRANTED.at, outcome="unknown-issuer")
    log.write(refused)
    assert trail.find("EH-0000-0000") == [refused]


def test_lists_the_records_of_one_reference_oldest_first(log: AuditLog, trail: AuditTrail) -> None:
    later = replace(GRANTED, at=GRANTED.at + timedelta(seconds=1), outcome="resolved")
    log.write(later)
    log.write(GRANTED)
    log.write(replace(GRANTED, reference="EH-1111-1111"))
    assert trail.find(GRANTED.reference) == [GRANTED, later]


def test_records_of_one_moment_keep_the_order_of_writing(log: AuditLog, trail: AuditTrail) -> None:
    outcomes = [f"step-{number}" for number in range(20)]
    for outcome in outcomes:
        log.write(replace(GRANTED, outcome=outcome))
    assert [record.outcome for record in trail.find(GRANTED.reference)] == outcomes


def test_an_unknown_reference_has_no_records(log: AuditLog, trail: AuditTrail) -> None:
    assert trail.find("EH-2222-2222") == []


def test_no_record_of_many_writers_is_lost(log: AuditLog, trail: AuditTrail) -> None:
    in_threads(lambda number: log.write(replace(GRANTED, outcome=str(number))))
    assert len(trail.find(GRANTED.reference)) == 50


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    log = SqlAuditLog(make_engine(f"sqlite:///{tmp_path}/no-such-folder/makelaar.db"), begin)
    with pytest.raises(SQLAlchemyError):
        log.write(GRANTED)


def test_the_table_has_a_column_for_each_field_and_none_beside_them() -> None:
    place = {field.name for field in fields(Sealed)} - {"record"}
    assert set(audit.c.keys()) == {"id", *place, *(field.name for field in fields(AuditRecord))}


def test_a_thread_writes_one_chain(log: AuditLog, trail: AuditTrail) -> None:
    for _ in range(3):
        log.write(GRANTED)
    (opening,) = trail.openings()
    sealed = list(trail.sealed())
    assert [(each.writer, each.sequence) for each in sealed] == [(opening.writer, n) for n in (1, 2, 3)]
    assert [each.previous for each in sealed[1:]] == [each.digest for each in sealed[:-1]]


def test_each_thread_has_a_chain_of_its_own(log: AuditLog, trail: AuditTrail) -> None:
    in_threads(lambda _: log.write(GRANTED), callers=5)
    assert len(trail.openings()) == 5
    assert [each.sequence for each in trail.sealed()] == [1] * 5


def test_after_a_record_that_could_not_be_written_another_chain_begins(
    log: AuditLog, trail: AuditTrail
) -> None:
    log.write(GRANTED)
    with pytest.raises(SQLAlchemyError):
        log.write(replace(GRANTED, reference=None))  # type: ignore[arg-type]  # a column that must have a value
    log.write(GRANTED)
    assert len(trail.openings()) == 2
    assert [each.sequence for each in trail.sealed()] == [1, 1]


def test_a_chain_that_a_process_inherited_is_not_gone_on_with(
    log: AuditLog, trail: AuditTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(GRANTED)
    monkeypatch.setattr("os.getpid", lambda: 1)
    log.write(GRANTED)
    assert len(trail.openings()) == 2


def test_heads_are_of_the_chains_that_grew(engine: Engine, trail: AuditTrail) -> None:
    early, late = SqlAuditLog(engine, begin), SqlAuditLog(engine, begin)
    early.write(GRANTED)
    late.write(GRANTED)
    late.write(replace(GRANTED, at=GRANTED.at + timedelta(hours=1)))
    every = {each.writer: Head(each.writer, each.sequence, each.digest) for each in trail.sealed()}
    assert list(trail.heads(None)) == [every[writer] for writer in sorted(every)]
    (grown,) = trail.heads(GRANTED.at + timedelta(minutes=1))
    assert grown.sequence == 2


def test_an_anchor_is_found_as_it_was_made_and_its_number_is_taken(trail: AuditTrail) -> None:
    assert trail.last_anchor() is None
    first = Anchor(1, GRANTED.at, "", (Head("00", 3, "11"),), "22", b"signature")
    second = replace(first, number=2, previous=first.digest, heads=())
    assert trail.anchor(first)
    assert trail.anchor(second)
    assert not trail.anchor(replace(second, key_name="33"))
    assert list(trail.anchors()) == [first, second]
    assert trail.last_anchor() == second


def test_what_the_version_before_wrote_stands_in_no_chain(engine: Engine, trail: AuditTrail) -> None:
    row = {"id": "1", "reference": "EH-3333-3333", "at": GRANTED.at, "outcome": "granted", "registers": []}
    with engine.begin() as connection:
        connection.execute(audit.insert(), row)
    assert [each.reference for each in trail.unsealed()] == ["EH-3333-3333"]
    assert list(trail.sealed()) == []
    assert list(trail.heads(None)) == []
    assert trail.count() == 1


def test_with_an_anchor_go_the_records_that_it_takes_away(log: AuditLog, trail: AuditTrail) -> None:
    for hours in range(4):
        log.write(replace(GRANTED, at=GRANTED.at + timedelta(hours=hours)))
    (old,) = trail.heads_before(GRANTED.at + timedelta(hours=1, minutes=1), 10)
    assert old.sequence == 2
    anchor = Anchor(1, GRANTED.at, "", (), "22", b"signature", removed=(old,))
    assert trail.anchor(anchor)
    assert [each.sequence for each in trail.sealed()] == [3, 4]
    assert trail.last_anchor() == anchor
    (last,) = trail.heads(None)
    assert not trail.anchor(replace(anchor, removed=(last,)))
    assert trail.count() == 2, "an anchor that is not added takes nothing away"


def test_of_so_many_chains_at_once(engine: Engine, trail: AuditTrail) -> None:
    for _ in range(3):
        SqlAuditLog(engine, begin).write(GRANTED)
    later = GRANTED.at + timedelta(seconds=1)
    assert len(trail.heads_before(later, 2)) == 2
    assert len(trail.heads_before(later, 10)) == 3
    assert trail.heads_before(GRANTED.at, 10) == []


def test_records_in_no_chain_go_when_they_are_old(engine: Engine, trail: AuditTrail) -> None:
    row = {"reference": "EH-3333-3333", "outcome": "granted", "registers": []}
    with engine.begin() as connection:
        for number, at in enumerate((GRANTED.at, GRANTED.at + timedelta(days=1))):
            connection.execute(audit.insert(), row | {"id": str(number), "at": at})
    SqlAuditLog(engine, begin).write(GRANTED)
    assert trail.remove_unsealed(GRANTED.at + timedelta(hours=1)) == 1
    assert [each.at for each in trail.unsealed()] == [GRANTED.at + timedelta(days=1)]
    assert len(list(trail.sealed())) == 1
