"""Runs the mutants and prints the score: `python -m tools.mutants [--json FILE] [--toml] [broker.saml.signature]`."""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.reporting import table_lines
from tools.mutants.running import Runner
from tools.mutants.running import collect
from tools.mutants.scope import TESTS
from tools.mutants.scope import sources
from tools.mutants.score import Score
from tools.mutants.survivors import as_toml
from tools.mutants.survivors import reasons


def main() -> int:
    """Returns 0 when every removal is noticed or listed, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("place", nargs="?", default="", help="only the functions whose full name begins so")
    parser.add_argument(
        "--listed", action="store_true", help="only the survivors of the list, to see whether they still are"
    )
    parser.add_argument(
        "--tests", nargs="+", default=TESTS, help="the folders or files whose tests are tried"
    )
    parser.add_argument("--json", help="write the outcome of every removal to this file")
    parser.add_argument("--toml", action="store_true", help="print survivors as entries for the list")
    parser.add_argument("--at-once", type=int, default=2, help="how many processes work at a time")
    options = parser.parse_args()

    runner = Runner(
        sources(), at_once=options.at_once, chosen=lambda each: each.place.startswith(options.place)
    )
    known, gone = reasons(each for source in runner.sources for each in source.mutants)
    runner.known = known.keys()
    if options.listed:
        runner.chosen = known.__contains__
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tempfile.tempdir = folder
        collect(options.tests, runner, folder)
    score = Score(runner.judged, known, gone, runner.unsound, runner.seconds)
    _print(score, entries=options.toml)
    if options.json:
        outcome = {
            "table": score.table(),
            "faults": score.faults(),
            "seconds": score.seconds,
            "judged": [asdict(each) for each in score.judged],
        }
        Path(options.json).write_text(json.dumps(outcome, indent=1), "utf-8")
    return 1 if score.faults() else 0


def _print(score: Score, *, entries: bool) -> None:
    for line in table_lines(score.table()):
        print(line)
    print(", ".join(f"{what}: {seconds:.0f} s" for what, seconds in score.seconds.items()))
    for fault in score.faults():
        print(fault)
    for each in score.judged if entries else ():
        if not each.is_killed and each.mutant not in score.reasons:
            print(as_toml(each.mutant, "?"))


if __name__ == "__main__":
    sys.exit(main())
