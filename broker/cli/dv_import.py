"""`makelaar dv import`: many dienstverleners at once."""

import multiprocessing
import signal
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import TextIO

import click
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import ProgressColumn
from rich.progress import Task
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn
from rich.progress import TimeRemainingColumn
from rich.text import Text

from broker.assembly.party import Assembled
from broker.cli.actors import cli_actor
from broker.cli.documents import read_document
from broker.cli.makelaar import open_makelaar
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import system_clock
from broker.onboarding.aggregates import is_aggregate
from broker.onboarding.aggregates import read_aggregate
from broker.onboarding.importing import Came
from broker.onboarding.importing import Examined
from broker.onboarding.importing import Handed
from broker.onboarding.importing import Importer
from broker.onboarding.importing import Result
from broker.onboarding.importing import examine
from broker.saml import schema

_BATCH = 200
"""Dienstverleners in one transaction, and in one task of a process."""
_AHEAD = 4
"""Batches that are being read while one is kept."""
_CATALOGUE = ".catalogue.xml"


@click.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("dv-import.txt"),
    show_default=True,
    help="Where is written who was refused, and why.",
)
@click.option("--processes", type=click.IntRange(1, 64), help="That read documents. Default: one per core.")
@click.option("--reason", default="import", show_default=True, help="Why, for the history.")
def import_all(sources: tuple[Path, ...], report: Path, processes: int | None, reason: str) -> None:
    """Connect all dienstverleners in SOURCES: folders, or files with metadata.

    The catalogue of NAME.xml is NAME.catalogue.xml beside it; in a folder of its own, metadata.xml and catalogue.xml.
    Folders are searched whole.

    A NAME.xml that is an EntitiesDescriptor holds many; then NAME.catalogue.xml is one ServiceCatalogue with a
    ServiceProvider for each, found by the OIN in its entityID. Both are read piece by piece, however large they are.
    A signature over such a file as a whole is not looked at: who imports it answers for it.

    \b
    makelaar dv import partners/
    makelaar dv import everybody.xml

    Each is checked as `dv add` does. Who is refused is written in the report, with the reasons, and the others go on.
    Stop it with Ctrl-C whenever you like: what was connected stays, and started again it goes on where it was.
    """
    pairs = list(find_pairs(sources))
    if not pairs:
        raise click.ClickException(
            "there is no metadata here. Name it NAME.xml, and NAME.catalogue.xml beside it."
        )
    makelaar = open_makelaar()
    came: Counter[Came] = Counter()
    try:
        with report.open("w", encoding="utf-8") as file:
            _run(makelaar, pairs, file, came, processes, reason)
    except KeyboardInterrupt:
        click.echo(f"\nstopped: {_told(came)}. Start it again to go on.", err=True)
        raise click.exceptions.Exit(130) from None
    except BrokenProcessPool:
        raise click.ClickException(
            f"a process that read documents was ended from outside ({_told(came)}). Start it again to go on, "
            "perhaps with fewer --processes."
        ) from None
    click.echo(_told(came))
    if came[Came.REFUSED]:
        raise click.ClickException(
            f"{came[Came.REFUSED]} refused; why is in {report}. Mend and import them again."
        )
    report.unlink()


def find_pairs(sources: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """(metadata, catalogue) of each dienstverlener, in order; whether the second is there is found out on reading."""
    for source in sources:
        files = sorted(source.rglob("*.xml")) if source.is_dir() else [source]
        for path in files:
            if path.name == "metadata.xml":
                yield path, path.with_name("catalogue.xml")
            elif path.name != "catalogue.xml" and not path.name.endswith(_CATALOGUE):
                yield path, path.with_name(path.name.removesuffix(".xml") + _CATALOGUE)


def _told(came: Counter[Came]) -> str:
    return ", ".join(f"{came[each]:,} {each}" for each in Came if came[each]) or "nothing was done"


def _run(
    makelaar: Assembled,
    pairs: list[tuple[Path, Path]],
    report: TextIO,
    came: Counter[Came],
    processes: int | None,
    reason: str,
) -> None:
    importer = Importer(makelaar, cli_actor(), reason)
    # Forked before there is any thread: they have the schemas and all code from us.
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=fork, initializer=_begin) as pool:
        pool.submit(_begin).result()
        try:
            with _progress() as progress:
                task = progress.add_task("", total=_total(pairs), refused=0)
                for result in _results(importer, pool, pairs, makelaar.settings.lowest_level):
                    came[result.came] += 1
                    if result.came is Came.REFUSED:
                        report.write("\n  ".join((result.name, *result.findings)) + "\n")
                        report.flush()
                    progress.update(task, advance=1, refused=came[Came.REFUSED])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _total(pairs: list[tuple[Path, Path]]) -> int | None:
    """How many there are; None when a file holds many, which are counted as they come."""
    few = pairs[:_BATCH]
    return None if any(is_aggregate(metadata) for metadata, _ in few) else len(pairs)


def _begin() -> None:
    """Of a process: Ctrl-C is for the one who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    schema.preload()


def _results(
    importer: Importer, pool: ProcessPoolExecutor, pairs: list[tuple[Path, Path]], lowest: LevelOfAssurance
) -> Iterator[Result]:
    """What came of each: some batches are read ahead of the one that is kept."""
    reading: list[Future[list[Examined]]] = []
    documents = _documents(pairs)
    while batch := list(islice(documents, _BATCH)):
        yield from (each for each in batch if isinstance(each, Result))
        handed = [each for each in batch if isinstance(each, Handed)]
        same = importer.unchanged(handed)
        yield from (Result(name, Came.UNCHANGED, ()) for name in sorted(same))
        fresh = [each for each in handed if each.name not in same]
        if fresh:
            reading.append(pool.submit(_examine, fresh, lowest))
        if len(reading) >= _AHEAD:
            yield from importer.take(reading.pop(0).result())
    for each in reading:
        yield from importer.take(each.result())


def _documents(pairs: list[tuple[Path, Path]]) -> Iterator[Handed | Result]:
    for metadata, catalogue in pairs:
        if is_aggregate(metadata):
            yield from read_aggregate(metadata, catalogue)
        else:
            yield _read(metadata, catalogue)


def _examine(batch: list[Handed], lowest: LevelOfAssurance) -> list[Examined]:
    now = system_clock()
    return [examine(each, now, lowest) for each in batch]


def _read(metadata: Path, catalogue: Path) -> Handed | Result:
    try:
        return Handed(str(metadata), read_document(str(metadata)), read_document(str(catalogue)))
    except click.ClickException as error:
        return Result(str(metadata), Came.REFUSED, (error.message,))


class _Rate(ProgressColumn):
    """How many each second, on average: at times the first hundreds come all at once."""

    def render(self, task: Task) -> Text:
        elapsed = task.finished_time or task.elapsed
        return Text(f"{task.completed / elapsed:,.0f}/s" if elapsed else "")


def _progress() -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TextColumn("{task.fields[refused]:,} refused"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
