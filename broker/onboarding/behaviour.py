"""The rows of a check report that come from test logins."""

from collections.abc import Iterable

from broker.assembly.party import Assembled
from broker.checks import CheckReport
from broker.checks import Family
from broker.checks import Row
from broker.checks import Severity
from broker.checks import Text
from broker.ports.rehearsals import Rehearsal
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.storage.rehearsals import SqlRehearsals


def with_behaviour(report: CheckReport, rehearsals: Iterable[Rehearsal]) -> CheckReport:
    """A report with what came of test logins behind it; of each kind the one that was judged last counts."""
    latest: dict[str, Rehearsal] = {}
    for each in rehearsals:
        if each.seen is not None and each.kind in KINDS:
            before = latest.get(each.kind)
            if before is None or each.started_at > before.started_at:
                latest[each.kind] = each
    rows: list[Row] = []
    passed: list[str] = []
    for kind in KINDS.values():
        if (judged := latest.get(kind.id)) is None:
            continue
        row = row_of(kind, judged)
        if row is None:
            passed.append(_row_id(kind))
        else:
            rows.append(row)
    return report.with_rows(tuple(rows), tuple(passed))


def rehearsals_of(assembled: Assembled, version: Version) -> list[Rehearsal]:
    """The test logins of one version: those that named it, and while it is in force those that named none."""
    in_force = version.state is VersionState.ACTIVE
    return [
        each
        for each in SqlRehearsals(assembled.engine).of(version.entity_id)
        if each.version_id == version.id
        or (
            each.version_id is None
            and in_force
            and each.started_at >= (version.activated_at or each.started_at)
        )
    ]


def row_of(kind: Kind, rehearsal: Rehearsal) -> Row | None:
    """What a report says of one test login; None when what was seen is good. It was judged."""
    severity = judge(kind, Seen(rehearsal.seen or ""))
    if severity is None:
        return None
    return Row(
        id=_row_id(kind),
        family=Family.BEHAVIOUR,
        severity=Severity(severity),
        title=Text(kind.title("nl"), kind.title("en")),
        document=rehearsal.reference or "",
        line=0,
        xpath="",
        expected=" / ".join(sorted(kind.good)),
        found=rehearsal.seen or "",
        rule=kind.source,
        mend=Text(kind.explanation("nl"), kind.explanation("en")),
    )


def _row_id(kind: Kind) -> str:
    return f"BH-{kind.id}"
