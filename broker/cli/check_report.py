"""A check report on the terminal: by family, in colour where there is a terminal."""

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from broker.checks import CheckReport
from broker.checks import Family
from broker.checks import Row
from broker.checks import Severity
from broker.checks.words import summary
from broker.checks.words import words_in

_COLOURS: Final = {Severity.FOUT: "red", Severity.WAARSCHUWING: "yellow", Severity.TIP: "cyan"}
_SIGNS: Final = {Severity.FOUT: "✗", Severity.WAARSCHUWING: "!", Severity.TIP: "i"}


def print_report(report: CheckReport, lang: str, console: Console | None = None) -> None:
    """Print each row with its place, its rule and how to mend it, and a last line that sums up."""
    console = console or Console(highlight=False, soft_wrap=False)
    words = words_in(lang)
    for family in Family:
        rows = report.in_family(family)
        if rows:
            console.print(f"\n[bold]{words[family.value]}[/bold]")
        for row in rows:
            _print_row(console, row, lang)
    console.print()
    console.print(f"{words['profile']} {report.profile}", end="")
    if report.proposed and report.proposed != report.profile:
        console.print(f"; {words['better']} {report.proposed} ({escape(report.reason)})", end="")
    console.print(f": {escape(', '.join(report.documents))}")
    colour = "green" if report.is_good else "red"
    console.print(
        f"[{colour}]{words['good'] if report.is_good else words['bad']}[/{colour}] {summary(report, lang)}"
    )


def _print_row(console: Console, row: Row, lang: str) -> None:
    words, colour = words_in(lang), _COLOURS[row.severity]
    head = Text.assemble(
        (f"{_SIGNS[row.severity]} {row.id} ", f"bold {colour}"), (row.title.in_language(lang), "bold")
    )
    console.print(Padding(head, (0, 0, 0, 2)))
    lines = [(row.place, row.xpath)]
    if row.found not in {"", "–"} or row.expected:
        lines.append((words["found"], row.found))
    if row.expected:
        lines.append((words["expected"], row.expected))
    lines += [(words["mend"], row.mend.in_language(lang)), (words["rule"], row.rule)]
    for name, value in lines:
        line = Text.assemble((name, "dim"), "  " if value else "", value)
        console.print(Padding(line, (0, 0, 0, 4)))
