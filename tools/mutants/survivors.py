"""The removals that no test notices, each with the reason why the check stays: `tests/mutants/survivors.toml`."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tools.mutants.finding import Mutant
from tools.mutants.scope import ROOT

FILE: Final = ROOT / "tests" / "mutants" / "survivors.toml"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A removal by the name of its function and its text, not by its line, so that it stays found.

    ``check`` is the text as it stands, ``without`` what becomes of it.
    """

    place: str
    check: str
    without: str
    reason: str


def survivors() -> list[Survivor]:
    """All of them, in the order of the file. TypeError for a key that none has, ValueError for one that is twice."""
    rows = [Survivor(**row) for row in tomllib.loads(FILE.read_text("utf-8")).get("survivor", [])]
    if len({(row.place, row.check, row.without) for row in rows}) != len(rows):
        raise ValueError("a survivor is listed twice")
    return rows


def reasons(mutants: Iterable[Mutant]) -> tuple[dict[Mutant, str], list[Survivor]]:
    """The reason of each mutant that is listed, and what is listed but is in the code no more."""
    listed = {(row.place, row.check, row.without): row for row in survivors()}
    found = {}
    for mutant in mutants:
        row = listed.pop((mutant.place, mutant.before, mutant.after), None)
        if row is not None:
            found[mutant] = row.reason
    return found, list(listed.values())


def as_toml(mutant: Mutant, reason: str) -> str:
    """An entry of the file."""
    rows = {"place": mutant.place, "check": mutant.before, "without": mutant.after, "reason": reason}
    return "\n".join(["[[survivor]]", *(f"{name} = {_quoted(text)}" for name, text in rows.items())]) + "\n"


def _quoted(text: str) -> str:
    if "'" not in text and "\n" not in text:
        return f"'{text}'" if '"' in text or "\\" in text else f'"{text}"'
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
