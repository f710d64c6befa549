"""Writes `docs/conformance.md`: each rule of the afsprakenstelsel, and the tests that prove it.

`python -m tools.conformance`. The rules stand in `tests/conformance/rules.toml`; a test says which it proves with
`@pytest.mark.rule("2.03", ...)`. The files are read, not run, so that the table is there without an engine or browser.
"""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "conformance.md"
RULES: Final = ROOT / "tests" / "conformance" / "rules.toml"

SURE: Final = {
    "N": "normative text was seen",
    "O": "observed in messages, metadata or software of others",
    "I": "follows from N, O or plain SAML and XACML",
    "U": "unsure: nobody could confirm it; our choice stands in one place",
}
"""How sure a rule is, by its letter."""

STATUSES: Final = ("tested", "open", "not ours")

_PLAIN: Final = str.maketrans({"|": r"\|", "<": r"\<"})
"""What a row may not hold as it is, or it would end a cell or begin a tag."""

_HEAD = """# Conformance

Made by `make conformance` from `tests/conformance/rules.toml` and the markers on the tests; do not edit.

Each rule of the Afsprakenstelsel Elektronische Toegangsdiensten that touches the wire of a makelaar, in our own words,
with the tests that fail when we break it. The numbers are ours: a section, and a place in it.

- **tested**: at least one test carries the number of the rule.
- **open**: no test does; what it awaits stands beside it.
- **not ours**: a rule for another party, or one that the wire does not show; the reason stands beside it.

Conformity with the real network is not claimed: parts of its interface are not public. That is what the letters say.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `rules.toml`; its comment there says what each part means."""

    number: str
    sure: str
    rule: str
    where: str | None = None
    note: str | None = None
    awaits: str | None = None

    @property
    def section(self) -> str:
        """The number of its section: `3.1` of `3.1.07`."""
        return self.number.rpartition(".")[0]


@dataclass(frozen=True, slots=True, order=True)
class Proof:
    """A test that carries the number of a rule; the file is relative to the repository."""

    file: str
    name: str

    @property
    def sentence(self) -> str:
        """The name as people read it."""
        return self.name.removeprefix("test_").replace("_", " ")


@cache
def sections() -> Mapping[str, Mapping[str, str]]:
    """Title and source of each section, by number, in the order of the file."""
    return tomllib.loads(RULES.read_text("utf-8"))["sections"]  # type: ignore[no-any-return]  # TOML has no types


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its number, in the order of the file. TypeError for a key that a rule does not have."""
    rows = tomllib.loads(RULES.read_text("utf-8"))["rules"]
    return {number: Rule(number, **row) for number, row in rows.items()}


@cache
def proofs(mark: str = "rule") -> Mapping[str, tuple[Proof, ...]]:
    """The tests by the number that they carry with this marker, whether there is such a rule or not."""
    found: dict[str, set[Proof]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        file = path.relative_to(ROOT).as_posix()
        text = path.read_text("utf-8")
        if f"mark.{mark}" not in text:
            continue  # to parse each file of the tests takes seconds
        for name, numbers in carried(ast.parse(text), mark):
            for number in numbers:
                found.setdefault(number, set()).add(Proof(file, name))
    return {number: tuple(sorted(tests)) for number, tests in found.items()}


def carried(module: ast.Module, mark: str = "rule") -> Iterator[tuple[str, frozenset[str]]]:
    """Each test of a module with the numbers on it: its own, those of its parameters, its class and its module.

    A number may come through a name that the module gives to a marker or to a list of parameters.
    """
    given = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    of_all = _numbers([given["pytestmark"]], given, mark) if "pytestmark" in given else frozenset()
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            of_class = of_all | _numbers(node.decorator_list, given, mark)
            for member in node.body:
                yield from _test(member, of_class, given, mark)
        else:
            yield from _test(node, of_all, given, mark)


def _test(
    node: ast.stmt, inherited: frozenset[str], given: Mapping[str, ast.expr], mark: str
) -> Iterator[tuple[str, frozenset[str]]]:
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
        yield node.name, inherited | _numbers(node.decorator_list, given, mark)


def _numbers(expressions: Iterable[ast.expr], given: Mapping[str, ast.expr], mark: str) -> frozenset[str]:
    found: set[str] = set()
    waiting, seen = list(expressions), set[str]()
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Name) and node.id in given and node.id not in seen:
                seen.add(node.id)
                waiting.append(given[node.id])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == f"pytest.mark.{mark}":
                found |= {ast.literal_eval(argument) for argument in node.args}
    return frozenset(found)


def status(rule: Rule) -> str:
    """One of `STATUSES`."""
    if rule.number in proofs():
        return "tested"
    return "not ours" if rule.note else "open"


def render() -> str:
    """The page."""
    parts = [_HEAD, _by_sure(), _by_section()]
    for number, section in sections().items():
        rows = "\n".join(_row(rule) for rule in rules().values() if rule.section == number)
        parts.append(
            f"## {number} {section['title']}\n\nSource: {section['source']}.\n\n"
            f"| rule | | sure | status | shown by |\n|---|---|---|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def _row(rule: Rule) -> str:
    tests = [f"[{proof.sentence}](../{proof.file})" for proof in proofs().get(rule.number, ())]
    said = [
        *tests,
        *([f"our choice: `{rule.where}`"] if rule.where else []),
        *([rule.note] if rule.note and not tests else []),
        *([f"awaits: {rule.awaits}"] if rule.awaits and not tests else []),
    ]
    return f"| {rule.number} | {rule.rule.translate(_PLAIN)} | {rule.sure} | {status(rule)} | {'<br>'.join(said)} |"


def _by_sure() -> str:
    rows = [
        f"| {letter} | {meaning} | {_counts(rule for rule in rules().values() if rule.sure == letter)} |"
        for letter, meaning in SURE.items()
    ]
    total = f"| | all | {_counts(rules().values())} |"
    head = "| sure | | rules | tested | open | not ours |\n|---|---|---|---|---|---|\n"
    return head + "\n".join([*rows, total]) + "\n"


def _by_section() -> str:
    rows = [
        f"| {number} | {section['title']} | "
        f"{_counts(rule for rule in rules().values() if rule.section == number)} |"
        for number, section in sections().items()
    ]
    return (
        "| section | | rules | tested | open | not ours |\n|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n"
    )


def _counts(chosen: Iterable[Rule]) -> str:
    counted = Counter(map(status, chosen))
    return " | ".join(str(number) for number in (counted.total(), *(counted[each] for each in STATUSES)))


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
