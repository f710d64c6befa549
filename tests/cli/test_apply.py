"""Bringing in a folder from the command line."""

from pathlib import Path

from tests.cli.conftest import Installation
from tests.exchange.builders import OTHER_DV
from tests.onboarding.gate.test_folder import put
from tests.saml.builders import DV


def test_a_folder_is_planned_and_then_brought_in(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "metadata"
    put(folder, "gemeente")
    (put(folder, "stuk") / "metadata.xml").write_bytes(b"<broken")

    planned = installation.run("apply", str(folder), "--plan")
    assert planned.exit_code == 2
    assert f"new: dienstverleners/gemeente  {DV}" in planned.output
    assert "broken: dienstverleners/stuk" in planned.output
    assert installation.registry.find(DV) is None

    applied = installation.run("apply", str(folder), "--yes", "--reason", "eerste")
    assert applied.exit_code == 1  # one is broken
    assert f"in force: {DV}" in applied.output
    assert installation.registry.content_hash(DV) is not None

    (folder / "dienstverleners" / "stuk" / "metadata.xml").unlink()
    (folder / "dienstverleners" / "stuk").rename(folder / ".stuk")
    again = installation.run("apply", str(folder), "--plan")
    assert again.exit_code == 0
    assert "0 new, 0 changed, 1 unchanged, 0 broken, 0 missing" in again.output


def test_nobody_is_disconnected_unless_that_is_asked(installation: Installation, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    put(first, "gemeente")
    put(second, "ander", "dv2")
    assert installation.run("apply", str(first), "--yes").exit_code == 0

    assert f"missing: {DV}  (stays)" in installation.run("apply", str(second), "--yes").output
    assert installation.registry.content_hash(DV) is not None

    removed = installation.run("apply", str(second), "--remove", "--yes")
    assert removed.exit_code == 0
    assert f"disconnected: {DV}" in removed.output
    assert installation.registry.content_hash(DV) is None
    assert installation.registry.content_hash(OTHER_DV) is not None


def test_with_four_eyes_it_waits(installation: Installation, tmp_path: Path) -> None:
    put(tmp_path, "gemeente")

    applied = installation.run("apply", str(tmp_path), "--yes", MAKELAAR_FOUR_EYES="true")

    assert f"waits for approval (makelaar dv approve {DV}#1)" in applied.output
    assert installation.registry.find(DV) is None
