"""`makelaar run --nasty`: what parties can be told to do, and the warning that they do."""

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.choosing import EMBEDDED
from broker.network.nasty.choosing import UnknownMisbehaviour
from broker.network.nasty.choosing import names_of
from broker.network.nasty.choosing import plan_for
from broker.network.nasty.guard import NotForProduction
from broker.network.nasty.guard import require_harmless
from broker.settings import Settings


def told_to_misbehave(settings: Settings, nasty: str | None, misbehave: tuple[str, ...]) -> Settings:
    """The settings with what the options add. Raises ``click.ClickException`` for what is unknown, or not harmless."""
    if nasty is not None:
        settings = settings.model_copy(update={"nasty": nasty})
    settings = settings.model_copy(update={"misbehave": (*settings.misbehave, *misbehave)})
    try:
        planned = [party for party in EMBEDDED if plan_for(settings, party) is not None]
        if planned:
            require_harmless(settings, planned)
    except UnknownMisbehaviour as error:
        raise click.ClickException(f"{error}.") from None
    except NotForProduction as error:
        raise click.ClickException(
            f"{error}. Parties misbehave only among themselves: on this machine, with keys that makelaar run made."
        ) from None
    return settings


def table_of_misbehaviours() -> Table:
    """Everything there is, with who can do it; how a login then rightly ends is in docs/misbehaviour.md."""
    table = Table(title="What the parties of the box can be made to do", box=SIMPLE_HEAD)
    for column in ("name", "who", "what"):
        table.add_column(column, no_wrap=column == "name")
    for each in MISBEHAVIOURS.values():
        who = " ".join(names_of(party)[1] for party in EMBEDDED if party.role in each.roles)
        table.add_row(each.name, who, each.en)
    return table


def warn(settings: Settings) -> None:
    """Say who misbehaves, when anybody does."""
    plans = [(party, plan_for(settings, party)) for party in EMBEDDED]
    lines = [
        f"  {party.name}: in every case, {', '.join(each.name for each in plan.choices)}"
        if plan.one_in == 1
        else f"  {party.name}: in one of {plan.one_in}"
        for party, plan in plans
        if plan is not None
    ]
    if lines:
        console = Console()
        console.print("\n[bold red]These parties misbehave on purpose:[/bold red]")
        console.print("\n".join(lines), soft_wrap=True, highlight=False)
        if settings.nasty is not None:
            console.print(
                f"  seed {settings.nasty!r}: the same logins meet the same misbehaviours again",
                highlight=False,
            )
        console.print("How a login then rightly ends: docs/misbehaviour.md", highlight=False)
