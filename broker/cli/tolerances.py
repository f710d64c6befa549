"""`makelaar dv tolerances`: what a dienstverlener still needs us to let through, and what it may no longer do."""

from collections.abc import Iterable
from dataclasses import replace

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from broker.assembly.party import Assembled
from broker.cli.actors import cli_actor
from broker.cli.makelaar import open_makelaar
from broker.cli.versions import bring_in_force
from broker.cli.versions import told
from broker.domain.connection import Tolerance
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Outcome
from broker.onboarding.gate import Submission
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.storage.conformance import SqlConformanceLog

_WIDTH = 100
_NAMES = click.Choice([tolerance.value for tolerance in Tolerance])


@click.command()
@click.argument("entity_id")
@click.option(
    "--forbid", multiple=True, type=_NAMES, help="Refuse this from now on; may be given more than once."
)
@click.option(
    "--allow", multiple=True, type=_NAMES, help="Let this through again; may be given more than once."
)
@told
def tolerances(entity_id: str, forbid: tuple[str, ...], allow: tuple[str, ...]) -> None:
    """Show what the dienstverlener with ENTITY_ID departs in from the interface, and what is let through.

    \b
    makelaar dv tolerances urn:etoegang:DV:... --forbid acs-url

    Everything in the table is let through until you forbid it. A row with a date was used; without one the
    dienstverlener does not need it. What each means stands in docs/connect/README.md.
    """
    makelaar = open_makelaar()
    record = makelaar.registry.find(entity_id)
    if record is None or record.role is not Role.DV:
        raise click.ClickException(f"{entity_id} is not connected. See: makelaar dv list")
    if both := set(forbid) & set(allow):
        raise click.UsageError(f"{', '.join(sorted(both))}: forbid it or allow it, not both.")
    if forbid or allow:
        record = _change(makelaar, record, map(Tolerance, forbid), map(Tolerance, allow))
    _print(makelaar, record)


def _change(
    makelaar: Assembled, record: PartnerRecord, forbid: Iterable[Tolerance], allow: Iterable[Tolerance]
) -> PartnerRecord:
    granted = (record.connection.tolerances - set(forbid)) | set(allow)
    connection = replace(record.connection, tolerances=granted)
    gate = Gate(makelaar)
    submission = Submission(record.role, record.metadata, record.catalogue, connection, reason="tolerances")
    submitted = gate.submit(submission, cli_actor())
    if submitted.outcome is not Outcome.UNCHANGED:
        bring_in_force(gate, submitted.version, reason="tolerances")
    return makelaar.registry.find(record.entity_id) or record


def _print(makelaar: Assembled, record: PartnerRecord) -> None:
    seen = {each.tolerance: each for each in SqlConformanceLog(makelaar.engine).of(record.entity_id)}
    table = Table(box=SIMPLE_HEAD)
    for column in ("tolerance", "", "last seen (UTC)", "hours seen", "reference"):
        table.add_column(column, no_wrap=True)
    for tolerance in Tolerance:
        deviation = seen.get(tolerance.value)
        table.add_row(
            tolerance.value,
            "allowed" if record.connection.tolerates(tolerance) else "[red]forbidden[/red]",
            f"{deviation.last_at:%Y-%m-%d %H:%M}" if deviation else "-",
            str(deviation.times) if deviation else "-",
            (deviation.reference or "-") if deviation else "-",
        )
    console = Console(soft_wrap=True)
    # A name or reference that is cut off is of no use: let a narrow terminal break the line.
    console.width = max(console.width, _WIDTH)
    console.print(table)
