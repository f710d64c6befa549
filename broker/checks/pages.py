"""A check report as HTML: a part to put in a page, and a page that stands by itself."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment
from jinja2 import FileSystemLoader
from jinja2 import StrictUndefined
from markupsafe import Markup

from broker.checks.described import every_check
from broker.checks.rows import CheckReport
from broker.checks.rows import Family
from broker.checks.rows import Row
from broker.checks.rows import Severity
from broker.checks.words import words_in

_TEMPLATES: Final = Path(__file__).parent / "templates"
_ORDER: Final = {severity: position for position, severity in enumerate(Severity)}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def to_fragment(report: CheckReport, lang: str = "nl", *, level: int = 2, unfolded: bool = False) -> Markup:
    """The report as part of a page: each check once, with all the places where it found something.

    What has to be mended is unfolded, and with ``unfolded`` all the rest too. ``level`` is that of the headings;
    classes begin with ``check-``.
    """
    families = [(family, _checks(report.in_family(family))) for family in Family if report.in_family(family)]
    template = _environment().get_template("report_fragment.html")
    values = {
        "report": report,
        "counts": report.counts(),
        "families": families,
        "passed": [(each, every_check().get(each)) for each in report.passed],
        "words": words_in(lang),
        "lang": lang,
        "level": level,
        "unfolded": unfolded,
    }
    return template.make_module(values).__html__()


def to_page(report: CheckReport, lang: str = "nl") -> str:
    """The report as a page of its own: no script, and nothing that is loaded from elsewhere."""
    template = _environment().get_template("report_page.html")
    fragment = to_fragment(report, lang, unfolded=True)
    return template.render(fragment=fragment, report=report, words=words_in(lang), lang=lang)


def _checks(rows: tuple[Row, ...]) -> list[list[Row]]:
    """The rows of each check together, the worst first."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: _ORDER[row.severity]):
        found.setdefault(row.id, []).append(row)
    return list(found.values())
