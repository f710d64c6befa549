"""The files that `makelaar dv snippets` prints, used as they are."""

import shlex
import subprocess
from pathlib import Path

from tests.box import Box


def commands(folder: Path) -> list[list[str]]:
    """The arguments of each `makelaar` command in connect.sh."""
    script = (folder / "connect.sh").read_text("utf-8").replace("\\\n", " ")
    lines = [shlex.split(line) for line in script.splitlines()]
    assert {words[0] for words in lines} == {"makelaar"}
    return [words[1:] for words in lines]


def write_files(box: Box, folder: Path, *arguments: str) -> None:
    """Have them written, and make the keys as keys.sh says."""
    printed = box.command("dv", "snippets", *arguments, "--into", str(folder))
    assert printed.returncode == 0, printed.stderr
    for file in folder.rglob("*"):
        if file.suffix in {".json", ".php"}:
            assert file.read_text("utf-8") in printed.stdout, "what is written is what is printed"
    subprocess.run(["sh", "keys.sh"], cwd=folder, check=True, capture_output=True)
