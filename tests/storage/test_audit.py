"""The contract of ``AuditLog``, on SQLite and PostgreSQL."""

from dataclasses import fields
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from broker.ports import AuditLog
from broker.ports import AuditRecord
from broker.storage.audit import SqlAuditLog
from broker.storage.engine import make_engine
from broker.storage.tables import audit
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


@pytest.fixture
def log(engine: Engine) -> AuditLog:
    return SqlAuditLog(engine)


def test_finds_a_record_as_it_was_written(log: AuditLog) -> None:
    log.write(GRANTED)
    assert log.find(GRANTED.reference) == [GRANTED]


def test_what_is_not_known_may_be_left_out(log: AuditLog) -> None:
    refused = AuditRecord(reference="EH-0000-0000", at=GRANTED.at, outcome="unknown-issuer")
    log.write(refused)
    assert log.find("EH-0000-0000") == [refused]


def test_lists_the_records_of_one_reference_oldest_first(log: AuditLog) -> None:
    later = replace(GRANTED, at=GRANTED.at + timedelta(seconds=1), outcome="resolved")
    log.write(later)
    log.write(GRANTED)
    log.write(replace(GRANTED, reference="EH-1111-1111"))
    assert log.find(GRANTED.reference) == [GRANTED, later]


def test_records_of_one_moment_keep_the_order_of_writing(log: AuditLog) -> None:
    outcomes = [f"step-{number}" for number in range(20)]
    for outcome in outcomes:
        log.write(replace(GRANTED, outcome=outcome))
    assert [record.outcome for record in log.find(GRANTED.reference)] == outcomes


def test_an_unknown_reference_has_no_records(log: AuditLog) -> None:
    assert log.find("EH-2222-2222") == []


def test_no_record_of_many_writers_is_lost(log: AuditLog) -> None:
    in_threads(lambda number: log.write(replace(GRANTED, outcome=str(number))))
    assert len(log.find(GRANTED.reference)) == 50


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    log = SqlAuditLog(make_engine(f"sqlite:///{tmp_path}/no-such-folder/makelaar.db"))
    with pytest.raises(SQLAlchemyError):
        log.write(GRANTED)


def test_the_table_has_a_column_for_each_field_and_none_beside_them() -> None:
    assert set(audit.c.keys()) == {"id", *(field.name for field in fields(AuditRecord))}
