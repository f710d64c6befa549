"""`makelaar audit`: what was recorded of every login, and whether anybody touched it."""

import json
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn

from broker.assembly.audit import Judgement
from broker.assembly.audit import anchor_audit
from broker.assembly.audit import judge_audit
from broker.assembly.party import Assembled
from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.ports.audit import Sealed
from broker.ports.audit import sealed_fields
from broker.storage.audit_trail import SqlAuditTrail
from broker.storage.own_keys import SqlOwnKeyStore

_SHOWN = 50
"""Findings that are printed; one who rewrote a table needs no list."""


@click.group()
def audit() -> None:
    """What was recorded of every login, and whether anybody touched it.

    Each outcome is one record, in a chain that is signed; docs/audit.md says how. Nothing in it is personal data.
    """


@audit.command()
@click.option(
    "--witnessed",
    metavar="DIGEST",
    multiple=True,
    help="The digest of an anchor, from a log or export that was kept elsewhere, which must be there.",
)
def verify(witnessed: tuple[str, ...]) -> None:
    """Judge every record, chain and anchor.

    \b
    makelaar audit verify
    makelaar audit verify --witnessed 5f0c...

    Looks for records that were changed, taken away or put in, by the keys that the makelaar had. Reads while logins go
    on. Exits with 1 when something is wrong. Who does not trust this command exports the log and judges that with
    tools/check_audit.py, which uses nothing of ours.
    """
    makelaar = open_makelaar()
    trail = SqlAuditTrail(makelaar.engine)
    judgement = Judgement()
    certificates = _certificates(makelaar)
    found, shown = 0, []
    with _progress("records judged", trail.count()) as progress:
        for finding in judge_audit(trail, certificates, judgement, witnessed):
            found += 1
            shown += [finding] if found <= _SHOWN else []
            progress.update(progress.task_ids[0], completed=judgement.records)
    for finding in shown:
        click.echo(f"{finding.fault:<9} {finding.place}: {finding.why}")
    if found > _SHOWN:
        click.echo(f"... and {found - _SHOWN} more")
    click.echo(
        f"{judgement.records} records in {judgement.chains} chains, {judgement.anchors} anchors, "
        f"{judgement.not_anchored} records not anchored yet"
    )
    if judgement.unsealed:
        click.echo(f"{judgement.unsealed} records stand in no chain: nothing proves those")
    for fingerprint in sorted(judgement.keys):
        click.echo(f"signed by certificate {fingerprint}")
    if found:
        click.echo(
            f"{found} things are wrong. Keep a copy of the database as it is, and see docs/audit.md", err=True
        )
        raise SystemExit(1)
    click.echo("nothing was changed, taken away or put in")


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--dienstverlener", metavar="ENTITYID", help="Disclose only records of this dienstverlener.")
def export(file: Path, dienstverlener: str | None) -> None:
    """Write the whole log to FILE, as lines of JSON; - is standard output.

    \b
    makelaar audit export audit.jsonl
    makelaar audit export - --dienstverlener urn:etoegang:DV:...:entities:0001

    For one dienstverlener the records of others are there by their digests only: it can be judged that none of its own
    is missing, and nothing is told of theirs. To judge it: tools/check_audit.py FILE CERTIFICATE...
    """
    makelaar = open_makelaar()
    trail = SqlAuditTrail(makelaar.engine)
    if str(file) == "-":
        _write(trail, dienstverlener, sys.stdout)
        return
    with file.open("w", encoding="ascii") as lines:
        written = _write(trail, dienstverlener, lines)
    click.echo(f"written: {file}, {written} records")


@audit.command()
def anchor() -> None:
    """Sign the heads of all chains now, as the worker does every five minutes."""
    makelaar = open_makelaar()
    anchor_audit(makelaar, system_clock())
    last = SqlAuditTrail(makelaar.engine).last_anchor()
    if last is None:
        click.echo("there is nothing to anchor yet")
        return
    click.echo(f"anchor {last.number}, {last.at:%Y-%m-%d %H:%M:%S} UTC, digest {last.digest}")


def _certificates(makelaar: Assembled) -> dict[str, bytes]:
    return {key.fingerprint: key.certificate for key in SqlOwnKeyStore(makelaar.engine).all()}


def _write(trail: SqlAuditTrail, dienstverlener: str | None, to: TextIO) -> int:
    """Write an export; how many records it discloses."""
    records = 0
    # Anchors first: what they speak of is there by the time that records are read.
    for line in (*_anchors(trail), *_openings(trail)):
        to.write(json.dumps(line) + "\n")
    with _progress("records written", trail.count()) as progress:
        for sealed in trail.sealed():
            line = _record(sealed, dienstverlener)
            records += line["kind"] == "record"
            to.write(json.dumps(line) + "\n")
            progress.advance(progress.task_ids[0])
    for record in trail.unsealed():
        if dienstverlener in (None, record.dienstverlener):
            records += 1
            to.write(json.dumps({"kind": "unsealed", "signed": sealed_fields(record, "", 0, "")}) + "\n")
    return records


def _anchors(trail: SqlAuditTrail) -> Iterator[dict[str, object]]:
    for each in trail.anchors():
        yield {"kind": "anchor", "signature": each.signature.hex(), "signed": each.fields()}


def _openings(trail: SqlAuditTrail) -> Iterable[dict[str, object]]:
    for each in trail.openings():
        yield {"kind": "opening", "signature": each.signature.hex(), "signed": each.fields()}


def _record(sealed: Sealed, dienstverlener: str | None) -> dict[str, object]:
    signature = sealed.signature.hex()
    if dienstverlener not in (None, sealed.record.dienstverlener):
        names = ("writer", "sequence", "previous", "digest")
        return {"kind": "other", "signature": signature, **{name: getattr(sealed, name) for name in names}}
    return {
        "kind": "record",
        "signature": signature,
        "digest": sealed.digest,
        "signed": sealed.fields(),
    }


def _progress(what: str, total: int) -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    progress.add_task(what, total=total)
    return progress
