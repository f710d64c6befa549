"""`makelaar audit`, and the checker of tools/ that uses nothing of ours: each sees what somebody did to the log."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from broker.assembly.audit import remove_old_audit
from broker.assembly.party import assemble
from broker.domain import evidence
from broker.ports.audit import AuditRecord
from broker.ports.audit import Sealed
from broker.settings import MAKELAAR
from broker.signers.audit_chain import MemoryChain
from broker.signers.files import FileSigner
from broker.storage.audit import SqlAuditLog
from broker.storage.audit_trail import SqlAuditTrail
from broker.storage.engine import make_engine
from broker.storage.tables import audit
from broker.storage.tables import audit_anchor
from broker.storage.tables import audit_opening
from tests.cli.conftest import Installation
from tests.keys import signer

ROOT = Path(__file__).parents[2]
OURS, OTHERS = "urn:etoegang:DV:00000099000000004000:entities:9001", "urn:etoegang:DV:1:entities:1"
RECORD = AuditRecord("EH-7K3Q-9TX0", datetime.now(UTC), "granted", OURS, registers=("a",))


@pytest.fixture
def engine(installation: Installation) -> Engine:
    """The database of a makelaar that wrote two chains of five records, with two anchors."""
    engine = make_engine(installation.settings.database(MAKELAAR))
    own = FileSigner.load(installation.settings.key_stem(MAKELAAR))
    logs = [SqlAuditLog(engine, lambda: MemoryChain(own, RECORD.at)) for _ in range(2)]
    for number in range(5):
        for place, log in enumerate(logs):
            whose = OTHERS if number == 3 else OURS
            reference = f"EH-{place}{number}00-0000"
            moment = RECORD.at + timedelta(seconds=number)
            log.write(replace(RECORD, reference=reference, at=moment, dienstverlener=whose))
        if number in (2, 4):
            assert installation.run("audit", "anchor").exit_code == 0
    return engine


class Checked:
    """What both checkers said: whether something is wrong, and the lines."""

    def __init__(self, installation: Installation, folder: Path, *options: str) -> None:
        told = installation.run("audit", "verify", *options)
        assert told.exit_code in (0, 1), told.output
        self.wrong = told.exit_code == 1
        self.said = told.stdout
        exported = folder / "audit.jsonl"
        assert installation.run("audit", "export", str(exported)).exit_code == 0
        self.independently_wrong, self.independently_said = check(installation, exported)


def check(installation: Installation, exported: Path) -> tuple[bool, str]:
    """Run the checker of tools/ on an export; whether something is wrong, and what it says."""
    certificate = installation.settings.key_stem(MAKELAAR).with_suffix(".crt")
    # Away from the repository and isolated, so that it can import nothing of ours.
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "tools" / "check_audit.py"), str(exported), str(certificate)],
        cwd=exported.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode == 1, done.stdout


@pytest.mark.usefixtures("engine")
def test_a_log_that_nobody_touched_is_in_order(installation: Installation, tmp_path: Path) -> None:
    checked = Checked(installation, tmp_path)
    assert not checked.wrong
    assert "10 records in 2 chains, 2 anchors, 0 records not anchored yet" in checked.said
    own = FileSigner.load(installation.settings.key_stem(MAKELAAR))
    assert f"signed by certificate {own.key_name}" in checked.said
    assert not checked.independently_wrong
    assert checked.independently_said == "14 lines judged, 0 things wrong\n"


def at(reference: str) -> Any:
    """The record with this reference."""
    return audit.c.reference == reference


def _change(connection: Connection) -> None:
    connection.execute(update(audit).where(at("EH-0200-0000")).values(outcome="geen-machtiging"))


def _change_registers(connection: Connection) -> None:
    connection.execute(update(audit).where(at("EH-0200-0000")).values(registers=["b"]))


def _change_and_hash_again(connection: Connection) -> None:
    """As one would who knows how digests are made, and has no key."""
    for sealed in sealed_of(connection, "EH-0200-0000"):
        record = replace(sealed.record, outcome="geen-machtiging")
        digest = evidence.digest(replace(sealed, record=record).fields())
        values = {"outcome": record.outcome, "digest": digest}
        connection.execute(update(audit).where(at(record.reference)).values(values))


def _take_one_away(connection: Connection) -> None:
    connection.execute(delete(audit).where(at("EH-0200-0000")))


def _take_the_first_away(connection: Connection) -> None:
    connection.execute(delete(audit).where(at("EH-0000-0000")))


def _take_the_last_away(connection: Connection) -> None:
    connection.execute(delete(audit).where(at("EH-0400-0000")))


def _take_a_chain_away(connection: Connection) -> None:
    writer = connection.execute(select(audit.c.writer).where(at("EH-0200-0000"))).scalar_one()
    connection.execute(delete(audit).where(audit.c.writer == writer))
    connection.execute(delete(audit_opening).where(audit_opening.c.writer == writer))


def _take_an_anchor_away(connection: Connection) -> None:
    connection.execute(delete(audit_anchor).where(audit_anchor.c.number == 1))


def _change_an_anchor(connection: Connection) -> None:
    connection.execute(update(audit_anchor).where(audit_anchor.c.number == 2).values(heads=[]))


def _put_in_without_a_chain(connection: Connection) -> None:
    row = {"id": "1", "reference": "EH-ZZZZ-ZZZZ", "at": RECORD.at + timedelta(minutes=1)}
    connection.execute(insert(audit), row | {"outcome": "granted", "registers": []})


def _put_in_with_a_chain_of_their_own(connection: Connection) -> None:
    chain = MemoryChain(signer("somebody else"), RECORD.at)
    connection.execute(insert(audit_opening), asdict(chain.opening))
    put(connection, chain.seal(replace(RECORD, reference="EH-ZZZZ-ZZZZ")))


def _put_in_with_a_chain_in_our_name(connection: Connection) -> None:
    chain = MemoryChain(signer("somebody else"), RECORD.at)
    name = connection.execute(select(audit_opening.c.key_name).limit(1)).scalar_one()
    connection.execute(insert(audit_opening), asdict(chain.opening) | {"key_name": name})
    put(connection, chain.seal(replace(RECORD, reference="EH-ZZZZ-ZZZZ")))


def _put_in_at_the_end(connection: Connection) -> None:
    (last,) = sealed_of(connection, "EH-0400-0000")
    forged = replace(
        last, record=replace(last.record, reference="EH-ZZZZ-ZZZZ"), sequence=6, previous=last.digest
    )
    put(connection, replace(forged, digest=evidence.digest(forged.fields())))


def _exchange_the_key_of_a_chain(connection: Connection) -> None:
    other = MemoryChain(signer("somebody else"), RECORD.at).opening.public_key
    connection.execute(update(audit_opening).values(public_key=other))


def _take_the_opening_away(connection: Connection) -> None:
    connection.execute(delete(audit_opening))


def _tell_it_twice(connection: Connection) -> None:
    """A record that was signed, under another number."""
    (sealed,) = sealed_of(connection, "EH-0400-0000")
    put(connection, replace(sealed, sequence=6))


TAMPERING: dict[str, tuple[Callable[[Connection], None], str, str, str]] = {
    "an outcome was changed": (_change, "changed   EH-0200-0000", "not as it was", "EH-0200-0000: changed"),
    "a register was changed": (_change_registers, "changed   EH-0200-0000", "not as it was", ": changed"),
    "changed, and hashed again": (
        *(_change_and_hash_again, "changed   EH-0200-0000", "not that of its chain"),
        "not signed by its chain",
    ),
    "one was taken away": (_take_one_away, "missing", "records 3 to 3", "does not follow"),
    "the first was taken away": (_take_the_first_away, "missing", "records 1 to 1", "does not follow"),
    "the last was taken away": (_take_the_last_away, "missing", "record 5: it was anchored", "anchored, and"),
    "a whole chain was taken away": (_take_a_chain_away, "missing", "it was anchored", "anchored, and"),
    "an anchor was taken away": (_take_an_anchor_away, "missing", "anchors 1 to 1", "does not follow"),
    "an anchor was changed": (
        _change_an_anchor,
        "changed   anchor 2",
        "vouches for it",
        "anchor 2: not signed",
    ),
    "one was put in, in no chain": (
        *(_put_in_without_a_chain, "inserted  EH-ZZZZ-ZZZZ", "it stands in no chain"),
        "EH-ZZZZ-ZZZZ: in no chain",
    ),
    "one was put in, in a chain of somebody else": (
        *(_put_in_with_a_chain_of_their_own, "inserted  chain", "vouches for it"),
        "not signed with one of these",
    ),
    "one was put in, in a chain in our name": (
        *(_put_in_with_a_chain_in_our_name, "inserted  chain", "vouches for it"),
        "not signed with one of these",
    ),
    "one was put in, at the end of a chain": (
        *(_put_in_at_the_end, "changed   EH-ZZZZ-ZZZZ", "not that of its chain"),
        "not signed by its chain",
    ),
    "the key of a chain was exchanged": (
        _exchange_the_key_of_a_chain,
        "inserted  chain",
        "vouches",
        "not signed",
    ),
    "openings were taken away": (_take_the_opening_away, "inserted", "never begun", "never begun"),
    "a record was told twice": (
        _tell_it_twice,
        "changed   EH-0400-0000",
        "not as it was",
        "EH-0400-0000: changed",
    ),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_both_checkers_find_what_was_done(
    installation: Installation, engine: Engine, tmp_path: Path, name: str
) -> None:
    tamper, where, why, independently = TAMPERING[name]
    with engine.begin() as connection:
        tamper(connection)
    checked = Checked(installation, tmp_path)
    assert checked.wrong, checked.said
    assert any(line.startswith(where) and why in line for line in checked.said.splitlines()), checked.said
    assert checked.independently_wrong
    assert independently in checked.independently_said


def test_an_end_that_was_cut_off_with_its_anchor_shows_to_who_kept_the_digest(
    installation: Installation, engine: Engine, tmp_path: Path
) -> None:
    kept = installation.run("audit", "anchor").stdout.split()[-1]
    assert not Checked(installation, tmp_path, "--witnessed", kept).wrong
    with engine.begin() as connection:
        connection.execute(delete(audit_anchor).where(audit_anchor.c.number == 2))
        connection.execute(delete(audit).where(audit.c.sequence > 3))
    assert not Checked(installation, tmp_path).wrong, "nothing in the database tells"
    told = installation.run("audit", "verify", "--witnessed", kept)
    assert told.exit_code == 1
    assert f"anchor {kept}: it was witnessed elsewhere" in told.stdout


def test_records_after_the_last_anchor_are_counted(installation: Installation, engine: Engine) -> None:
    own = FileSigner.load(installation.settings.key_stem(MAKELAAR))
    log = SqlAuditLog(engine, lambda: MemoryChain(own, RECORD.at))
    log.write(RECORD)
    log.write(RECORD)
    assert (
        "12 records in 3 chains, 2 anchors, 2 records not anchored"
        in installation.run("audit", "verify").stdout
    )


def test_an_anchor_is_made_only_when_a_chain_grew(installation: Installation, engine: Engine) -> None:
    assert installation.run("audit", "anchor").exit_code == 0
    assert [anchor.number for anchor in SqlAuditTrail(engine).anchors()] == [1, 2]


def test_records_of_the_version_before_are_told_apart(installation: Installation, engine: Engine) -> None:
    row = {"id": "1", "reference": "EH-3333-3333", "at": RECORD.at - timedelta(days=1), "outcome": "granted"}
    with engine.begin() as connection:
        connection.execute(insert(audit), row | {"registers": []})
    told = installation.run("audit", "verify")
    assert told.exit_code == 0
    assert "1 records stand in no chain" in told.stdout


def test_a_log_without_records_is_in_order(installation: Installation) -> None:
    told = installation.run("audit", "verify")
    assert told.exit_code == 0
    assert "0 records in 0 chains, 0 anchors" in told.stdout
    assert "nothing to anchor" in installation.run("audit", "anchor").stdout


@pytest.mark.usefixtures("engine")
def test_a_dienstverlener_is_told_of_its_own_records_only_and_can_judge_that_none_is_missing(
    installation: Installation, tmp_path: Path
) -> None:
    exported = tmp_path / "ours.jsonl"
    told = installation.run("audit", "export", str(exported), "--dienstverlener", OURS)
    assert f"written: {exported}, 8 records" in told.stdout
    text = exported.read_text("ascii")
    assert OTHERS not in text
    assert check(installation, exported) == (False, "14 lines judged, 0 things wrong\n")
    lines = text.splitlines()
    kept = [line for line in lines if json.loads(line)["kind"] != "other"]
    exported.write_text("\n".join(kept), "ascii")
    assert check(installation, exported)[0], "who leaves out a link breaks the chain"


def test_what_is_older_than_it_is_kept_goes_and_the_rest_is_in_order(
    installation: Installation, engine: Engine, tmp_path: Path
) -> None:
    makelaar = assemble(installation.settings, MAKELAAR)
    later = RECORD.at + timedelta(days=makelaar.settings.audit_days, seconds=2.5)
    remove_old_audit(makelaar, later - timedelta(days=1))
    assert SqlAuditTrail(engine).count() == 10
    remove_old_audit(makelaar, later)
    checked = Checked(installation, tmp_path)
    assert "4 records in 2 chains, 3 anchors" in checked.said
    assert not checked.wrong, checked.said
    assert not checked.independently_wrong, checked.independently_said
    with engine.begin() as connection:
        _take_one_away_of_the_rest(connection)
    checked = Checked(installation, tmp_path)
    assert checked.wrong
    assert "records 4 to 4" in checked.said
    assert "does not follow" in checked.independently_said
    with engine.begin() as connection:
        _take_the_last_away(connection)
    assert "record 5: it was anchored" in Checked(installation, tmp_path).said


def _take_one_away_of_the_rest(connection: Connection) -> None:
    connection.execute(delete(audit).where(at("EH-0300-0000")))


def test_of_chains_that_are_too_old_as_a_whole_nothing_is_missed(
    installation: Installation, engine: Engine, tmp_path: Path
) -> None:
    makelaar = assemble(installation.settings, MAKELAAR)
    remove_old_audit(makelaar, RECORD.at + timedelta(days=makelaar.settings.audit_days + 1))
    assert SqlAuditTrail(engine).count() == 0
    checked = Checked(installation, tmp_path)
    assert not checked.wrong, checked.said
    assert not checked.independently_wrong, checked.independently_said


@pytest.mark.usefixtures("engine")
def test_an_export_to_standard_output_is_nothing_but_lines_of_json(
    installation: Installation,
) -> None:
    told = installation.run("audit", "export", "-")
    assert len([json.loads(line) for line in told.stdout.splitlines()]) == 14


def sealed_of(connection: Connection, reference: str) -> list[Sealed]:
    """The records with this reference."""
    return [each for each in SqlAuditTrail(connection.engine).sealed() if each.record.reference == reference]


def put(connection: Connection, sealed: Sealed) -> None:
    """Write a row by hand."""
    place = {
        name: getattr(sealed, name) for name in ("writer", "sequence", "previous", "digest", "signature")
    }
    row = asdict(sealed.record) | place | {"id": "by hand", "registers": list(sealed.record.registers)}
    connection.execute(insert(audit), row)
