"""What a run found: the score by package, and what is not as the list of survivors says."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from tools.mutants.finding import Mutant
from tools.mutants.running import Judged
from tools.mutants.survivors import Survivor

Row = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Score:
    """A run, held against the list. ``reasons`` and ``gone`` are those of `survivors.reasons`.

    ``unsound`` are tests that fail with every check in place, ``seconds`` how long each part took.
    """

    judged: Sequence[Judged]
    reasons: Mapping[Mutant, str]
    gone: Sequence[Survivor]
    unsound: Sequence[str]
    seconds: Mapping[str, float]

    def table(self) -> list[Row]:
        """One row for each package, and one for all."""
        packages = sorted({each.mutant.package for each in self.judged})
        return [
            _row(name, [each for each in self.judged if each.mutant.package == name]) for name in packages
        ] + [_row("together", self.judged)]

    def faults(self) -> list[str]:
        """What must not be, one line each; empty when all is well."""
        return [
            *(f"a test fails with every check in place: {node}" for node in self.unsound),
            *(
                f"nobody notices: {_described(each)} ({each.tried} tests of {each.touched} that it touches)"
                for each in self.judged
                if not each.is_killed and each.mutant not in self.reasons
            ),
            *(
                f"listed as survivor, but {each.case or each.test} notices: {_described(each)}"
                for each in self.judged
                if each.is_killed and each.mutant in self.reasons
            ),
            *(f"listed as survivor, but no such check: {row.place}: {row.check}" for row in self.gone),
        ]


def _row(name: str, judged: Sequence[Judged]) -> Row:
    killed = sum(each.is_killed for each in judged)
    return {
        "package": name,
        "removals": len(judged),
        "noticed by an attack case": sum(each.case is not None for each in judged),
        "by another test": sum(each.test is not None for each in judged),
        "by either": killed,
        "score %": round(100 * killed / max(1, len(judged)), 1),
        "survivors": len(judged) - killed,
    }


def _described(each: Judged) -> str:
    mutant = each.mutant
    path = mutant.module.replace(".", "/")
    return f"{path}.py:{mutant.line} {mutant.function}: {mutant.kind} {mutant.before!r} -> {mutant.after!r}"
