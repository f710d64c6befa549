"""Figures that tests report stand under the summary of the run."""

import os
import subprocess
import sys
from pathlib import Path

from tests.reporting import table_lines

ROOT = Path(__file__).parent.parent
SUITE = """
def test_the_second(report):
    report("Of this run", what="second", number=12000, share=0.25)

def test_the_first(report):
    report("Of this run", what="first", number=7)
    report("Another", what="alone")
    assert False
"""


def test_a_table_is_sorted_and_its_numbers_stand_below_each_other() -> None:
    lines = list(table_lines([{"what": "second", "MiB": 1024, "s": 0.25}, {"what": "first", "MiB": 7}]))

    assert lines == ["what      MiB    s", "first       7", "second  1,024  0.2"]


def test_rows_of_passed_and_failed_tests_are_printed_under_the_run(tmp_path: Path) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.reporting", f"--rootdir={tmp_path}", str(suite)],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    shown = run.stdout.splitlines()
    begin = next(number for number, line in enumerate(shown) if " Of this run " in line)
    assert shown[begin + 1 : begin + 4] == [
        "what    number  share",
        "first        7",
        "second  12,000    0.2",
    ]
    another = next(number for number, line in enumerate(shown) if " Another " in line)
    assert shown[another + 1 : another + 3] == ["what", "alone"]
