"""Nothing rests on what ``python -O`` leaves out: the corpus and the tests of signatures once more, run so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
AGAIN = (
    "attacks/test_saml.py",
    *(f"saml/test_{what}.py" for what in ("signature", "redirect", "response", "encryption")),
)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_corpus_ends_the_same_when_python_leaves_assertions_out(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-O",
        "-m",
        "pytest",
        "--quiet",
        "-p",
        "no:cacheprovider",
        f"--basetemp={tmp_path}",
    ]
    # pytest puts its own statements in the place of those of the tests, and warns of all others.
    command += ["-W", "always::pytest.PytestConfigWarning", "-k", "not judge and not xmlsec"]
    done = subprocess.run(
        [*command, *(f"tests/{path}" for path in AGAIN)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:]
    assert "assert statements are not executed" in " ".join(done.stdout.split()), "-O was in force"
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed.group(1)) > 180
