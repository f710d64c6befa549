"""A command in a process of its own does what it does inside the tests, which call nearly all of them in process."""

import pytest

from tests.box import run_command
from tests.cli.conftest import Installation


@pytest.mark.parametrize("arguments", [("dv", "list"), ("dv", "show", "urn:nobody")], ids=["done", "refused"])
def test_a_command_in_a_process_of_its_own_says_and_does_the_same(
    installation: Installation, arguments: tuple[str, ...]
) -> None:
    environment = {"MAKELAAR_DATA": str(installation.data), "MAKELAAR_PORT": str(installation.port)}
    inside = installation.run(*arguments)
    outside = run_command(environment, *arguments)

    assert (outside.returncode, outside.stdout, outside.stderr) == (
        inside.exit_code,
        inside.stdout,
        inside.stderr,
    )
    assert inside.output
