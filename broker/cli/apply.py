"""`makelaar apply`: bringing in everything that stands in a folder."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from broker.cli.actors import cli_actor
from broker.cli.findings import print_findings
from broker.cli.makelaar import open_makelaar
from broker.cli.versions import print_difference
from broker.cli.versions import told
from broker.onboarding.folder import Plan
from broker.onboarding.folder import Planned
from broker.onboarding.folder import What
from broker.onboarding.folder import make_plan
from broker.onboarding.folder import places
from broker.onboarding.gate import Gate
from broker.onboarding.gate import NotNow
from broker.onboarding.gate import Overtaken
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused
from broker.screens.language import Language

_CHANGES = 2


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--remove", is_flag=True, help="Disconnect who is connected and not in the folder.")
@click.option("--reason", default="", help="Why, for the history.")
@click.option("--lang", type=click.Choice(["nl", "en"]), default="en", help="The language of the words.")
@told
def apply(folder: Path, only_plan: bool, yes: bool, remove: bool, reason: str, lang: Language) -> None:
    """Bring in all partners in FOLDER: first the plan in words, then, when you say so, the changes.

    \b
    makelaar apply metadata/
    makelaar apply metadata/ --plan

    Each partner has a folder of its own with its documents; metadata/README.md shows the layout. One that is broken is
    reported and stops nobody else. Who is connected and not in the folder stays, but with --remove. Exits with 1 when
    something was broken, and --plan with 2 when something would change.
    """
    makelaar = open_makelaar()
    terminal = Console(stderr=True)
    found = track(list(places(folder)), "Reading", console=terminal, transient=True)
    plan = make_plan(makelaar, folder, found)
    _print(plan, remove, lang)
    changes = plan.of(What.NEW, What.CHANGED)
    gone = plan.missing if remove else ()
    broken = plan.of(What.BROKEN)
    if only_plan:
        raise click.exceptions.Exit(_CHANGES if changes or gone else bool(broken))
    if changes or gone:
        if not yes:
            click.confirm("Make these changes?", abort=True)
        gate, failed = Gate(makelaar), 0
        done = track(changes, "Changing", console=terminal, transient=True)
        outcomes = [(each, _change(gate, each, reason)) for each in done]
        for each, outcome in outcomes:
            failed += outcome.startswith("refused")
            click.echo(f"{outcome}: {each.entity_id}")
        for entity_id in gone:
            gate.remove(entity_id, cli_actor(), reason or "not in the folder")
            click.echo(f"disconnected: {entity_id}")
        if failed:
            raise click.exceptions.Exit(1)
    if broken:
        raise click.exceptions.Exit(1)


def _change(gate: Gate, planned: Planned, reason: str) -> str:
    """Bring one in, as far as it may come; what came of it."""
    actor = cli_actor()
    if planned.submission is None:
        return "refused"
    try:
        version = gate.submit(planned.submission, actor).version
        if gate.needs_approval(version):
            if version.state is not VersionState.WAITING:
                gate.ask_approval(version.id, actor, reason)
            return f"waits for approval (makelaar dv approve {version.label})"
        gate.activate(version.id, actor, reason=reason)
    except DocumentRefused as refused:
        print_findings(refused.findings)
        return "refused"
    except (NotNow, Overtaken) as error:
        return f"refused ({error})"
    return "in force"


def _print(plan: Plan, remove: bool, lang: Language) -> None:
    for each in plan.planned:
        if each.what is What.UNCHANGED:
            continue
        colour = {What.NEW: "green", What.CHANGED: "yellow", What.BROKEN: "red"}[each.what]
        click.secho(f"{each.what}: {each.name}  {each.entity_id}".rstrip(), fg=colour)
        if each.what is What.BROKEN:
            click.echo("\n".join(f"  {line}" for line in each.problem.splitlines()))
        else:
            print_difference(each.difference, lang)
    for entity_id in plan.missing:
        click.secho(
            f"missing: {entity_id}" + ("  (to be disconnected)" if remove else "  (stays)"), fg="yellow"
        )
    counts = ", ".join(f"{len(plan.of(what))} {what}" for what in What)
    click.echo(f"{counts}, {len(plan.missing)} missing")
