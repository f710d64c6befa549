"""`makelaar self-attack`: every known attack, fired at a makelaar of one's own."""

import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from broker.attacks.case import Case
from broker.attacks.case import corpus
from broker.attacks.live.firing import Result
from broker.attacks.live.firing import fire
from broker.attacks.live.listener import listening
from broker.attacks.live.records import Records
from broker.attacks.live.reporting import as_json
from broker.attacks.live.reporting import as_junit
from broker.attacks.live.reporting import by_family
from broker.attacks.live.stage import Stage
from broker.attacks.live.target import NotATarget
from broker.attacks.live.target import may_be_attacked
from broker.attacks.live.troupe import on_stage
from broker.cli.makelaar import open_makelaar
from broker.ports import StateStoreUnavailable
from broker.saml.findings import DocumentRefused


@click.command("self-attack")
@click.argument("url", required=False)
@click.option(
    "--only", "only", multiple=True, help="Cases whose id holds this text. May be given several times."
)
@click.option(
    "--list", "listing", is_flag=True, help="List the cases with the expected reaction; fire nothing."
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the outcome as JSON."
)
@click.option(
    "--junit",
    "junit_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it as JUnit XML, for CI.",
)
def self_attack(
    url: str | None, only: tuple[str, ...], listing: bool, json_file: Path | None, junit_file: Path | None
) -> None:
    """Fire every known attack at the makelaar at URL, which you run yourself, and see that it survives.

    Run it where `makelaar dv add` runs: it needs the settings of that makelaar. It registers partners of its own
    (dienstverleners, authenticatiediensten, registers), logs in through them, lies in every way we know, and judges
    what the makelaar answers, records, logs and keeps. In the end, and after Ctrl-C, it removes them. It takes a few
    minutes; connect and change no partners meanwhile, for cases about metadata put them back as they were.

    The makelaar must present the test marker: on localhost it does, elsewhere only with attackable = true in its
    settings. Set that where you accept and test, never where people log in for real: meanwhile they would see the
    partners of the attack in their list.

    \b
    makelaar self-attack --list
    makelaar self-attack http://localhost:8440
    makelaar self-attack http://localhost:8440 --only xsw --only chain
    makelaar self-attack https://makelaar.acc.example.nl --json outcome.json --junit outcome.xml

    Exits with 0 when every case passed, 1 when one did not. Reactions: L a page of ours; E an error to the
    dienstverlener; X the answer is thrown away; A an artifact that leads nowhere; S a SOAP fault or refusal by TLS;
    Q refused at ingest; F try again later; OK accepted.
    """
    cases = [case for case in corpus() if _chosen(case, only)]
    if not cases:
        raise click.ClickException(
            f"no case has {' or '.join(only)} in its id. See: makelaar self-attack --list"
        )
    if listing:
        _list(cases)
        return
    if url is None:
        raise click.UsageError("name the URL of the makelaar, as http://localhost:8440")
    _require_folders(json_file, junit_file)
    address = url.rstrip("/")
    results = _attack(address, cases)
    if json_file is not None:
        json_file.write_text(as_json(address, results), "utf-8")
    if junit_file is not None:
        junit_file.write_bytes(as_junit(address, results))
    _tell(address, results)
    if any(result.wrong is not None for result in results):
        raise click.exceptions.Exit(1)


def _chosen(case: Case, only: tuple[str, ...]) -> bool:
    return not only or any(text in case.id for text in only)


def _require_folders(*files: Path | None) -> None:
    """An outcome of minutes must not be lost for want of a folder to write it to."""
    for path in files:
        if path is not None and not path.absolute().parent.is_dir():
            raise click.ClickException(f"there is no folder {path.absolute().parent} to write {path.name} in")


@contextmanager
def _clearing_away_when_ended() -> Iterator[None]:
    """Ended from outside (a service manager, a closed terminal), it leaves no more behind than after Ctrl-C."""
    before = {
        each: signal.signal(each, lambda number, _frame: sys.exit(128 + number))
        for each in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _attack(url: str, cases: Sequence[Case]) -> list[Result]:
    makelaar = open_makelaar()
    console = Console(stderr=True)
    try:
        with (
            _clearing_away_when_ended(),
            may_be_attacked(makelaar, url),
            tempfile.TemporaryDirectory(prefix="makelaar-self-attack-") as folder,
            listening() as listener,
            ExitStack() as stack,
        ):
            with console.status("Making keys and registering the partners of the attack..."):
                actors = stack.enter_context(on_stage(makelaar, Path(folder), listener.url))
            fired = fire(Stage(url, actors, listener, Records(makelaar)), cases)
            return list(track(fired, "Attacking", total=len(cases), console=console, transient=True))
    except NotATarget as refused:
        raise click.ClickException(str(refused)) from None
    except StateStoreUnavailable as error:
        raise click.ClickException(f"{error}. What is wrong with it: makelaar doctor") from None
    except DocumentRefused as refused:
        raise click.ClickException(
            f"the makelaar does not take the partners of the attack, so nothing was fired. {refused}"
        ) from None


def _list(cases: Sequence[Case]) -> None:
    width = max(len(case.id) for case in cases)
    for case in cases:
        click.echo(f"{case.id:<{width}}  {case.reaction:<2}  {case.title}")


def _tell(url: str, results: Sequence[Result]) -> None:
    console = Console()
    for result in results:
        if result.wrong is not None:
            click.secho(f"✗ {result.case.id}: {result.case.title}", fg="red")
            click.echo(f"  expected {result.case.reaction} ({result.case.source}); {result.wrong}")
    table = Table(box=SIMPLE_HEAD)
    table.add_column("family")
    table.add_column("passed", justify="right")
    table.add_column("of", justify="right")
    for family, (passed, fired) in by_family(results).items():
        table.add_row(family, str(passed), str(fired), style=None if passed == fired else "red")
    console.print(table)
    for reason, count in Counter(result.lacking for result in results if result.lacking).items():
        click.echo(f"{count} not fired: {reason}")
    passed, fired = (
        sum(result.passed for result in results),
        sum(result.lacking is None for result in results),
    )
    click.secho(f"{passed} of {fired} attacks ended as they must.", bold=True)
    if (failed := next((result for result in results if result.wrong is not None), None)) is not None:
        click.echo(
            "Each ✗ says what was expected and what came instead; docs/attacks.md explains the reactions and where "
            f"the steps of a case stand.\nOne again: makelaar self-attack {url} --only {failed.case.id}"
        )
