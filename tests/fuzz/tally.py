"""Counting what became of the inputs, for tables and for who watches a long run."""

import json
from collections import Counter
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.fuzz.mutants import Mutant
from tests.fuzz.mutants import mutate
from tests.fuzz.oracle import judge


@dataclass
class Tally:
    """Per kind of message, how often which outcome."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, kind: str, outcome: str) -> None:
        """One more."""
        self.counts.setdefault(kind, Counter())[outcome] += 1

    def run(self, data: bytes) -> Mutant:
        """Run and judge one program. Raises ``FaultFound``."""
        mutant = mutate(data)
        self.add(mutant.kind.name, judge(mutant))
        return mutant

    @property
    def inputs(self) -> int:
        """How many were judged."""
        return sum(each.total() for each in self.counts.values())

    def outcomes(self) -> Counter[str]:
        """Of all kinds together."""
        return sum(self.counts.values(), Counter())

    def include(self, other: "Tally") -> None:
        """Add what another one counted."""
        for kind, counts in other.counts.items():
            self.counts.setdefault(kind, Counter()).update(counts)

    def save(self, path: Path) -> None:
        """Keep it where another process reads it."""
        part = path.with_suffix(".part")
        part.write_text(json.dumps(self.counts), "utf-8")
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Tally":
        """What another process kept; nothing when it kept nothing."""
        if not path.exists():
            return cls()
        return cls({kind: Counter(counts) for kind, counts in json.loads(path.read_text("utf-8")).items()})
