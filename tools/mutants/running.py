"""Runs the tests in forks of one process that has collected them: all of them once, then a few for each mutant."""

import gc
import os
import time
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Final

import pytest
from hypothesis import Phase
from hypothesis import settings

import tests.keys
from tools.mutants.changing import probed
from tools.mutants.changing import removed
from tools.mutants.finding import Mutant
from tools.mutants.finding import Source
from tools.mutants.forking import in_forks
from tools.mutants.probes import SEEN
from tools.mutants.probes import sharp
from tools.mutants.scope import LEFT_OUT
from tools.mutants.swapping import empty_cache
from tools.mutants.swapping import functions
from tools.mutants.swapping import let_probe
from tools.mutants.swapping import swap

CASES: Final = "tests/attacks/"
"""Where the tests are that fire the corpus; all others are simply tests."""

TRIED_SECONDS: Final = {"case": 1.5, "test": 2.5}
"""How much processor time the tests together may take that are tried on a mutant which may well survive."""

FEWEST: Final = 25
"""That many are tried in any case."""

SLOW_SECONDS: Final = 3.0
"""A test that takes longer is not tried at all: what only such a test notices wants a smaller one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a mutant: the attack case and the other test that noticed it, None when none did.

    ``touched`` counts the tests for which the check makes a difference, ``tried`` those that were run.
    """

    mutant: Mutant
    case: str | None
    test: str | None
    touched: int
    tried: int

    @property
    def is_killed(self) -> bool:
        """Whether any test noticed."""
        return self.case is not None or self.test is not None


@dataclass(frozen=True, slots=True)
class _Run:
    """One test as it ran with every check in place."""

    node: str
    seconds: float
    passed: bool
    seen: frozenset[int]


@dataclass(eq=False)
class Runner:
    """A plugin for pytest that runs the tests in its own way. ``judged`` and ``unsound`` are what it found.

    ``known`` are the mutants that survive with a reason, ``chosen`` says which to judge, two ``at_once``.
    ``unsound`` are the tests that fail with every check in place; nothing they say counts.
    """

    sources: Sequence[Source]
    known: Collection[Mutant] = ()
    chosen: Callable[[Mutant], bool] = lambda _: True
    at_once: int = 2
    judged: list[Judged] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    _failed: bool = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Before a test is imported: what its own settings leave open is what the profile says at that moment."""
        settings.register_profile(
            "mutants",
            deadline=None,
            derandomize=True,
            database=None,
            max_examples=25,
            phases=(Phase.explicit, Phase.generate),
            report_multiple_bugs=False,
        )
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Everything, in place of the loop over the tests."""
        began = time.monotonic()
        mutants = [mutant for source in self.sources for mutant in source.mutants]
        self._functions = functions(self.sources)
        self._items = {item.nodeid: item for item in session.items}
        runs = self._baseline(mutants)
        self.unsound = sorted(run.node for run in runs if not run.passed)
        self._rehearse(runs)
        self.seconds["baseline"] = time.monotonic() - began
        touching = defaultdict[int, list[_Run]](list)
        for run in sorted(runs, key=lambda run: run.seconds):
            for number in run.seen if run.passed and run.seconds < SLOW_SECONDS else ():
                touching[number].append(run)
        for number, found in touching.items():
            wanted = sharp(number)
            touching[number] = [run for run in found if wanted in run.seen]
            touching[number] += [run for run in found if wanted not in run.seen]
        self._judge([(number, each) for number, each in enumerate(mutants) if self.chosen(each)], touching)
        self.seconds["mutants"] = time.monotonic() - began - self.seconds["baseline"]
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a failure, in whatever part of the test."""
        self._failed = self._failed or report.failed

    def _baseline(self, mutants: Sequence[Mutant]) -> list[_Run]:
        by_file = defaultdict[str, list[str]](list)
        for node in self._items:
            by_file[node.partition("::")[0]].append(node)
        shares: list[list[str]] = [[] for _ in range(self.at_once)]
        for nodes in sorted(by_file.values(), key=len, reverse=True):
            min(shares, key=len).extend(nodes)

        def work(share: list[str], answer: Callable[[_Run], None]) -> None:
            _make_keys_elsewhere()
            self._put_probes(mutants)
            for node, following in zip(share, [*share[1:], None], strict=True):
                SEEN.clear()
                began = time.process_time()
                passed = self._run(node, following)
                answer(_Run(node, time.process_time() - began, passed, frozenset(SEEN)))

        found: list[_Run] = []
        for ended in in_forks(
            [share for share in shares if share], work, at_once=self.at_once, cpu_seconds=300
        ):
            if not ended.clean:
                raise pytest.UsageError("a run of the tests with every check in place broke off")
            found += ended.answers
        return found

    def _put_probes(self, mutants: Sequence[Mutant]) -> None:
        numbers = defaultdict[str, list[tuple[int, Mutant]]](list)
        for number, mutant in enumerate(mutants):
            numbers[mutant.module].append((number, mutant))
        for source in self.sources:
            let_probe(source)
            swap(source, probed(source, numbers[source.module]), self._functions)

    def _rehearse(self, runs: Sequence[_Run]) -> None:
        """Run the quickest tests of each file here, for what every fork would make again: keys, the schemas."""
        by_file = defaultdict[str, list[_Run]](list)
        for run in sorted(runs, key=lambda run: run.seconds):
            if run.passed:
                by_file[run.node.partition("::")[0]].append(run)
        for found in by_file.values():
            for run in found[:2]:
                self._run(run.node, None)
        print(flush=True)  # behind the dots of pytest
        gc.collect()
        gc.freeze()  # else every fork would copy all of memory, to count references

    def _judge(self, mutants: Sequence[tuple[int, Mutant]], touching: Mapping[int, Sequence[_Run]]) -> None:
        """Each mutant within bounds; then those that may well survive with no bounds, unless they are known to."""
        unsure = []
        for judged, number in self._tried(mutants, touching, bounded=True):
            if judged.is_killed == (judged.mutant in self.known) and judged.touched:
                unsure.append((number, judged.mutant))
            else:
                self.judged.append(judged)
        self.judged += [judged for judged, _ in self._tried(unsure, touching, bounded=False)]

    def _tried(
        self, mutants: Sequence[tuple[int, Mutant]], touching: Mapping[int, Sequence[_Run]], *, bounded: bool
    ) -> Iterator[tuple[Judged, int]]:
        sources = {source.module: source for source in self.sources}

        def work(job: tuple[int, Mutant], answer: Callable[[tuple[str, str | None, int]], None]) -> None:
            _make_keys_elsewhere()
            number, mutant = job
            source = sources[mutant.module]
            empty_cache(source)
            if not swap(source, removed(source, mutant), self._functions, mutant.function):
                raise LookupError(f"no function {mutant.place}")
            for sort, runs in _sorts(touching[number], bounded=bounded).items():
                answer((sort, "took too long", 0))
                tried = 0
                for tried, run in enumerate(runs, 1):
                    if not self._run(run.node, None):
                        answer((sort, run.node, tried))
                        break
                else:
                    answer((sort, None, tried))

        for number, mutant in mutants:
            if number not in touching:
                yield Judged(mutant, None, None, 0, 0), number
        jobs = [(number, mutant) for number, mutant in mutants if number in touching]
        for ended in in_forks(jobs, work, at_once=self.at_once, cpu_seconds=60):
            number, mutant = ended.job
            if not ended.answers:
                raise pytest.UsageError(f"could not take out {mutant.place}: {mutant.before}")
            killers = {sort: killer for sort, killer, _ in ended.answers}
            tried = sum({sort: count for sort, _, count in ended.answers}.values())
            yield (
                Judged(mutant, killers.get("case"), killers.get("test"), len(touching[number]), tried),
                number,
            )

    def _run(self, node: str, following: str | None) -> bool:
        """Whether the test passes."""
        self._failed = False
        item = self._items[node]
        upcoming = None if following is None else self._items[following]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=upcoming)
        return not self._failed


def _make_keys_elsewhere() -> None:
    """Let the keys that this fork still makes not meet those of another, which makes them at the same moment."""
    tests.keys._folder.cache_clear()


def _sorts(runs: Sequence[_Run], *, bounded: bool) -> dict[str, list[_Run]]:
    """The runs by sort, each within its time."""
    found: dict[str, list[_Run]] = {"test": [], "case": []}
    spent = {"test": 0.0, "case": 0.0}
    for run in runs:
        sort = "case" if run.node.startswith(CASES) else "test"
        if not bounded or spent[sort] <= TRIED_SECONDS[sort] or len(found[sort]) < FEWEST:
            found[sort].append(run)
            spent[sort] += run.seconds
    return found


def collect(paths: Sequence[str], runner: Runner, folder: str) -> int:
    """Let pytest collect these paths and the runner run them; the exit code of pytest."""
    arguments = ["-q", "-s", "--no-header", "--no-summary", "--tb=no", "--assert=plain", "-p", "no:randomly"]
    arguments += [
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow",
        "-o",
        "timeout=0",
        f"--basetemp={folder}/pytest",
        *paths,
    ]
    arguments += [f"--deselect={node}" for node in LEFT_OUT]
    os.environ["TMPDIR"] = folder
    return int(pytest.main(arguments, plugins=[runner]))
