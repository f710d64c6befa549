"""Writes `docs/mutants.md` from the list of survivors: `python -m tools.mutants.page`."""

from collections import defaultdict
from typing import Final

from tools.mutants.scope import ROOT
from tools.mutants.survivors import Survivor
from tools.mutants.survivors import survivors

PAGE: Final = ROOT / "docs" / "mutants.md"

_PLAIN: Final = str.maketrans({"|": r"\|", "`": "'", "\n": " "})

_HEAD: Final = """# Each check is needed

Made by `python -m tools.mutants.page` from `tests/mutants/survivors.toml`; do not edit.

A check that can be taken away without any test noticing protects nobody, or nobody knows that it does. `make mutants`
takes every check of `broker/saml`, `broker/domain` and `broker/journey` away, one at a time, and runs the tests that it
touches:

| removal | what becomes of the code |
|---|---|
| branch | an `if` is never taken |
| operand | one part of an `and` or `or` in a condition does not count |
| boundary | `<` becomes `<=`, and the other way round |
| range | one half of `a <= x <= b` does not count |
| filter | an `if` of a comprehension lets everything through |
| choice | `a if c else b` is always one of the two |
| verdict | a function that returns bool always says the same |
| handler | an exception is not caught |
| call | a call for its effect, as `require_version(element)`, is not made |
| raise | a `raise` that stands on its own does not happen |
| extreme | one argument of `min` or `max` does not count |

Functions that write messages are passed over, and so is what a module works out when it is imported: tables,
patterns, the numbers of `policy.py`, which `tests/limits` try at, below and past each limit.

One process collects the tests. It runs them once with probes, which tell for each test which removals would have made
a difference: an operand that decided, a bound that was met exactly, a call that raised. Then, for each removal, a
fork of it gives the one function other code and runs just those tests, the quickest first, until one fails: once
among the cases of the corpus (`tests/attacks/cases`), and once among all other tests. What takes more than three
seconds, waits for a clock or asks other software is not tried.

`tests/mutants` does all this in every run of the tests and prints the score by package. It fails when the score falls
below its floor, and for whatever is not as the list below says: a removal that nobody notices and that is not listed,
one that is listed and noticed all the same, a test that fails with every check in place. `python -m tools.mutants`,
which ends with 1 then, takes a module (`broker.saml.signature`), `--tests` to try some only, and `--toml` to print
entries for the list.

## Survivors

A reason begins with **equivalent** when the code does the same without the check, so that no test can tell, and with
**defence** when the check is against something that nobody knows how to bring about. There is no third kind: what can
be brought about gets a test.
"""


def render() -> str:
    """The page."""
    by_module = defaultdict[str, list[Survivor]](list)
    for row in survivors():
        by_module[".".join(row.place.split(".")[:3])].append(row)
    parts = [_HEAD]
    for module, rows in sorted(by_module.items()):
        lines = "\n".join(_line(module, row) for row in rows)
        parts.append(f"### {module}\n\n| function | check | without | reason |\n|---|---|---|---|\n{lines}\n")
    return "\n".join(parts)


def _line(module: str, row: Survivor) -> str:
    texts = (row.place.removeprefix(f"{module}."), row.check, row.without)
    return (
        f"| {' | '.join(f'`{text.translate(_PLAIN)}`' for text in texts)} | {row.reason.translate(_PLAIN)} |"
    )


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
