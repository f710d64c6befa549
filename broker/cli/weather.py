"""`makelaar weather`: what ends soon."""

from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.onboarding.weather import DAYS
from broker.onboarding.weather import addresses
from broker.onboarding.weather import calendar
from broker.onboarding.weather import described
from broker.onboarding.weather import look_at_ourselves
from broker.onboarding.weather import metrics
from broker.onboarding.weather import weather as weather_of


@click.command()
@click.option(
    "--days", type=click.IntRange(0, 3650), default=DAYS, help=f"How far to look ahead. Default: {DAYS}."
)
@click.option(
    "--calendar",
    "calendar_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an iCalendar file of it here.",
)
@click.option(
    "--metrics",
    "as_metrics",
    is_flag=True,
    help="Print it as Prometheus reads it, for its textfile collector.",
)
@click.option("--addresses", "as_addresses", is_flag=True, help="Say where programs find it, at the console.")
def weather(days: int, calendar_file: Path | None, as_metrics: bool, as_addresses: bool) -> None:
    """Show every certificate and metadata that ends soon or has ended, ours and those of all partners.

    \b
    makelaar weather --days 30

    Exits with 1 when something has ended.
    """
    makelaar = open_makelaar()
    now = system_clock()
    if as_addresses:
        feed, metric = addresses(makelaar.settings)
        click.echo(f"{feed}\n  for calendars; whoever has this address can read it")
        click.echo(
            f"{metric}\n  for Prometheus, with a token: makelaar token make prometheus --scope weather:read"
        )
        return
    look_at_ourselves(makelaar, now)
    if as_metrics:
        click.echo(metrics(makelaar.engine, now).decode(), nl=False)
        return
    found = weather_of(makelaar.engine, now, days)
    if calendar_file is not None:
        calendar_file.write_bytes(calendar(found, now))
        click.echo(f"written: {calendar_file}")
        return
    table = Table(box=SIMPLE_HEAD)
    for column in ("days", "ends", "whose", "what"):
        table.add_column(column, justify="right" if column == "days" else "left", overflow="fold")
    for each in found:
        left = each.days_left(now)
        style = "red" if left < 0 else "yellow" if left < 30 else None
        table.add_row(
            str(left),
            f"{each.not_after:%Y-%m-%d}",
            f"{each.name}\n{each.entity_id}",
            f"{described(each)}\n{each.label}",
            style=style,
        )
    Console().print(table if found else f"Nothing ends within {days} days.")
    if any(each.not_after <= now for each in found):
        raise SystemExit(1)
