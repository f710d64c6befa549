"""`makelaar dv tolerances`: what a dienstverlener still needs us to let through, and what it may no longer do."""

from collections.abc import Iterable
from dataclasses import replace

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from broker.assembly.onboarding import make_record
from broker.assembly.partner_index import index_of
from broker.assembly.party import Assembled
from broker.cli.makelaar import open_makelaar
from broker.domain.connection import Tolerance
from broker.exchange.own import system_clock
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.settings import MAKELAAR
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
def tolerances(entity_id: str, forbid: tuple[str, ...], allow: tuple[str, ...]) -> None:
    """Show what the dienstverlener with ENTITY_ID departs in from the interface, and what is let through.

    \b
    makelaar dv tolerances urn:etoegang:DV:... --forbid acs-url

    Everything in the table is let through until you forbid it. A row with a date was used; without one the
    dienstverlener does not need it. What each means stands in docs/connect.md.
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
    changed = make_record(
        record.role,
        record.metadata,
        record.catalogue,
        system_clock(),
        replace(record.connection, tolerances=granted),
    )
    makelaar.registry.save(changed, index_of(changed, MAKELAAR.oin, makelaar.settings.lowest_level))
    return changed


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
