"""Writes `docs/checks.md` from the list of checks: `python -m tools.checks`."""

from pathlib import Path
from typing import Final

from broker.checks import Check
from broker.checks import Family
from broker.checks import catalogue_of_checks
from broker.domain.connection import Profile

PAGE: Final = Path(__file__).parent.parent / "docs" / "checks.md"

_HEAD: Final = """# Checks

Made by `python -m tools.checks` from `broker/checks/texts`; do not edit.

`makelaar dv check METADATA CATALOGUE` makes every check of this page, also where no makelaar is installed. So do the
console and the page behind a setup link. Each row of a report has one of these ids, which never gets another meaning.

With a **fout** the document is refused, or logins fail. A **waarschuwing** is let through here; other makelaars may not
do so, or it goes wrong later. A **tip** makes life easier. Documents without a fout are accepted by `makelaar dv add`.

A check counts for all profiles, unless one is named: 1.13 and 1.11 are software that speaks eHerkenning, saml is
software that knows SAML only.
"""

_TITLES: Final = {
    Family.METADATA: "Metadata",
    Family.CATALOGUE: "Dienstencatalogus",
    Family.CERTIFICATES: "Certificates",
    Family.REQUEST: "Request",
    Family.TLS: "TLS",
}
_ABOUT: Final = {
    Family.REQUEST: "With `--request FILE`: an AuthnRequest as it was caught, as XML, form field or address.",
    Family.TLS: "With `--tls`: a connection to each server that the metadata names.",
}


def render() -> str:
    """The page: a table for each family."""
    return _HEAD + "".join(_family(family, title) for family, title in _TITLES.items())


def _family(family: Family, title: str) -> str:
    rows = [_row(check) for check in catalogue_of_checks().values() if check.family is family]
    about = f"{_ABOUT[family]}\n\n" if family in _ABOUT else ""
    return (
        f"\n## {title}\n\n{about}| id | | what was found | rule | mend it |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def _row(check: Check) -> str:
    only = (
        ""
        if check.profiles == frozenset(Profile)
        else f"<br>({', '.join(sorted(check.profiles, reverse=True))})"
    )
    cells = [
        f"{check.id}{only}",
        check.severity.value,
        f"{check.title.nl}<br>**{check.title.en}**",
        check.rule,
        f"{check.mend.nl}<br>**{check.mend.en}**",
    ]
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """As it is written: a table has no vertical bars, and Markdown no tags of ours but line breaks."""
    escaped = text.replace("|", "\\|").replace("<", "&lt;").replace("&lt;br>", "<br>")
    return escaped.replace("_", "\\_")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
